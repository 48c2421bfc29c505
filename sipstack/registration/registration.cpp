#include "sipstack/registration/registration.h"

#include "sipstack/registration/grant.h"
#include "sipstack/shard_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace trunkline::sipstack {
namespace {

constexpr std::string_view method = "REGISTER";

/// A peer's words, fit for a terminal, a log and JSON.
std::string printable(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::string clean(text.substr(0, longest));
    std::replace_if(
        clean.begin(), clean.end(),
        [](char character) { return character < ' ' || character > '~'; }, '?');
    return clean;
}

/// "404 Not Found"
std::string describe(const Message& response) {
    return fmt::format("{} {}", response.status(), printable(response.reason_phrase()));
}

double in_seconds(Milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

Registration::Registration(Registrant registrant, RegistrationContext context)
    : registrant_(std::move(registrant)),
      context_(context),
      call_id_(make_call_id(context.shard, interface().address.to_uri_host(), context.random)),
      from_tag_(make_tag(context.shard, context.random)),
      authenticator_(authentication_policy(context.config.proxy_and_registration)),
      attempt_timer_([this](Instant now) { begin_attempt(now); }),
      expiry_timer_([this](Instant now) { expired(now); }) {}

Registration::~Registration() {
    context_.transactions.cancel(transaction_);
}

const SipInterface& Registration::interface() const {
    return context_.config.sip_interfaces.at(registrant_.sip_interface_index);
}

void Registration::start(Instant now) {
    if (!started_ && !ending_) {
        started_ = true;
        begin_attempt(now);
    }
}

void Registration::set_targets(std::span<const Target> targets, Instant now) {
    const auto usable = std::find_if(targets.begin(), targets.end(), [&](const Target& target) {
        return target.transport == Transport::udp &&
               target.endpoint.address.family == interface().address.family;
    });
    target_.reset();
    if (usable != targets.end()) {
        target_ = *usable;
    }
    if (started_ && !ending_ && state_ == RegistrationState::resolving && target_) {
        begin_attempt(now);
    }
}

void Registration::begin_attempt(Instant now) {
    attempt_timer_.cancel();
    if (!target_) {
        state_ = RegistrationState::resolving;
        last_status_ = 0;
        reason_ = fmt::format("waits for an address of {}", awaited_names());
        context_.log.info("registration  {}: RESOLVING, {}", who(), reason_);
        return;
    }
    flow_ = {target_->transport,
             registrant_.sip_interface_index,
             {interface().address, interface().udp_port},
             target_->endpoint};
    authenticator_.begin_attempt();
    raised_in_attempt_ = false;
    // Always the configured time, never what was granted last: else a lifetime only ever shrinks.
    requested_ = std::max(context_.config.proxy_and_registration.registration_time, raised_);
    send(requested_, now);
}

void Registration::send(Seconds expires, Instant now) {
    if (ending_) {
        state_ = RegistrationState::unregistering;
    } else {
        state_ = is_bound(now) ? RegistrationState::refreshing : RegistrationState::registering;
    }
    ++cseq_;
    ++attempts_;
    sent_at_ = now;
    const std::string branch = make_branch(context_.shard, context_.random);
    transaction_ = context_.transactions.send_request(write_request(expires, branch), branch,
                                                      method, flow_, *this, now);
    if (transaction_ == 0) {
        on_transport_error(fmt::format("cannot send to {}", flow_.remote.to_string()), now);
    }
}

std::string Registration::write_request(Seconds expires, std::string_view branch) {
    const std::string from = fmt::format("<{}>", registrant_.aor);
    auto writer = MessageWriter::request(method, registrant_.request_uri);
    writer
        .header("Via",
                fmt::format("SIP/2.0/UDP {};branch={};rport", flow_.local.to_string(), branch))
        .header("Max-Forwards", 70)
        .header("From", fmt::format("{};tag={}", from, from_tag_))
        .header("To", from)
        .header("Call-ID", call_id_)
        .header("CSeq", fmt::format("{} {}", cseq_, method))
        .header("Contact", fmt::format("<sip:{}@{}>;expires={}", registrant_.contact_user,
                                       contact_host(interface()), expires.count()))
        .header("Expires", static_cast<uint64_t>(expires.count()));
    authenticator_.add_headers(writer, registrant_.credentials, method, registrant_.request_uri);
    writer.header("User-Agent", context_.config.user_agent);
    return writer.finish();
}

void Registration::on_provisional(const Message&, Instant) {
    // Nothing of a 1xx concerns a registration; the transaction slows its retransmissions itself.
}

void Registration::on_final(const Message& response, const Flow& came_from, Instant now) {
    transaction_ = 0;
    const int status = response.status();
    last_status_ = status;
    answered_by_ = came_from.remote;

    if (status == 401 || status == 407) {
        challenged(response, now);
        return;
    }
    authenticator_.accepted(response);
    if (state_ == RegistrationState::unregistering) {
        ended(status < 300 ? std::string() : describe(response));
    } else if (status < 300) {
        granted(response, now);
    } else if (ending_) {
        continue_ending(now);
    } else if (status == 423) {
        interval_too_brief(response, now);
    } else {
        if (status == 403) {
            authenticator_.forget();
        }
        fail(describe(response), now, response.retry_after());
    }
}

void Registration::challenged(const Message& response, Instant now) {
    const Authenticator::Verdict verdict =
        authenticator_.challenged(response, registrant_.credentials, context_.random);
    if (ending_ && state_ != RegistrationState::unregistering) {
        continue_ending(now);
        return;
    }
    if (verdict == Authenticator::Verdict::retry) {
        send(ending_ ? Seconds(0) : requested_, now);
        return;
    }
    std::string reason = describe(verdict, describe(response));
    if (ending_) {
        ended(reason);
    } else {
        fail(std::move(reason), now, response.retry_after());
    }
}

void Registration::granted(const Message& response, Instant now) {
    const SipUri own{
        "sip",
        registrant_.contact_user,
        interface().address.to_string(),
        interface().udp_port == 5060 ? std::nullopt : std::optional(interface().udp_port),
        {},
        {}};
    const auto time = granted_time(response, own, requested_);
    const Milliseconds lifetime = time.value_or(Seconds(0));
    // Counted from the request, so that we never believe in it longer than the registrar does.
    const Instant end = sent_at_ + lifetime;
    if (end <= now) {
        expires_at_.reset();
        expiry_timer_.cancel();
        if (ending_) {
            continue_ending(now);
        } else if (!time) {
            fail(fmt::format("{}, but our Contact is not among the bindings", describe(response)),
                 now);
        } else {
            fail(
                fmt::format("{}, but the granted {} s are over", describe(response), time->count()),
                now);
        }
        return;
    }
    const bool was_up = is_bound(now) && consecutive_failures_ == 0;
    expires_at_ = end;
    granted_ = time;
    bound_flow_ = flow_;
    context_.wheel.schedule(expiry_timer_, end);
    if (ending_) {
        continue_ending(now);
        return;
    }
    if (raised_in_attempt_) {
        raised_ = requested_;
    }
    consecutive_failures_ = 0;
    reason_ = printable(response.reason_phrase());
    state_ = RegistrationState::registered;
    const auto& page = context_.config.proxy_and_registration;
    const Instant refresh =
        std::max(sent_at_ + refresh_after(*time, page, context_.config.timers, min_interval),
                 now + min_interval);
    context_.wheel.schedule(attempt_timer_, refresh);
    context_.log.log(was_up ? spdlog::level::debug : spdlog::level::info,
                     "registration  {}: REGISTERED at {} for {} s, refresh in {} s", who(),
                     answered_by_->to_string(), time->count(), in_seconds(refresh - now));
}

void Registration::interval_too_brief(const Message& response, Instant now) {
    const Seconds wanted(response.min_expires().value_or(0));
    // Without a useful Min-Expires one guess is made; an hour is what registrars commonly accept.
    const Seconds guess = std::max(requested_ * 2, Seconds(3600));
    const Seconds next = std::min(wanted > requested_ ? wanted : guess, max_registration_time);
    if (raised_in_attempt_ || next <= requested_) {
        fail(fmt::format("{} for {} s", describe(response), requested_.count()), now,
             response.retry_after());
        return;
    }
    raised_in_attempt_ = true;
    requested_ = next;
    send(requested_, now);
}

void Registration::on_timeout(Instant now) {
    no_response(fmt::format("no answer within {} s from {}",
                            in_seconds(context_.config.timers.t1 * 64), flow_.remote.to_string()),
                now);
}

void Registration::on_transport_error(std::string_view reason, Instant now) {
    no_response(std::string(reason), now);
}

void Registration::no_response(std::string reason, Instant now) {
    transaction_ = 0;
    last_status_ = 0;
    if (state_ == RegistrationState::unregistering) {
        ended(reason);
    } else if (ending_) {
        continue_ending(now);
    } else {
        fail(std::move(reason), now);
    }
}

void Registration::fail(std::string reason, Instant now, std::optional<uint32_t> retry_after) {
    const bool is_news = reason != reason_;
    ++consecutive_failures_;
    state_ = RegistrationState::failed;
    Milliseconds delay = context_.config.proxy_and_registration.registration_retry_time;
    if (retry_after.value_or(0) > 0) {
        delay = std::min(Seconds(*retry_after), max_retry_after);
    }
    delay = std::max(delay, min_interval);
    context_.wheel.schedule(attempt_timer_, now + delay);
    reason_ = std::move(reason);
    // A peer that is down for a day shall not fill the log: repetitions thin out.
    const bool is_worth_a_line = is_news || std::has_single_bit(consecutive_failures_);
    context_.log.log(is_worth_a_line ? spdlog::level::warn : spdlog::level::debug,
                     "registration  {}: FAILED, {} ({} in a row); next attempt in {} s", who(),
                     reason_, consecutive_failures_, in_seconds(delay));
}

void Registration::expired(Instant) {
    expires_at_.reset();
    if (state_ == RegistrationState::refreshing) {
        state_ = RegistrationState::registering;
    } else if (state_ == RegistrationState::registered) {
        // So short a grant that the least distance between two attempts outlasts it.
        state_ = RegistrationState::failed;
    }
    context_.log.warn("registration  {}: the binding expired, {}", who(), to_string(state_));
}

void Registration::unregister(Instant now) {
    if (ending_) {
        return;
    }
    ending_ = true;
    attempt_timer_.cancel();
    if (transaction_ == 0) {
        continue_ending(now);
    }
}

void Registration::continue_ending(Instant now) {
    if (is_bound(now)) {
        flow_ = bound_flow_;
        authenticator_.begin_attempt();
        send(Seconds(0), now);
    } else {
        ended({});
    }
}

void Registration::ended(const std::string& trouble) {
    state_ = RegistrationState::unregistered;
    expires_at_.reset();
    expiry_timer_.cancel();
    attempt_timer_.cancel();
    if (trouble.empty()) {
        reason_ = "un-registered";
        context_.log.info("registration  {}: UNREGISTERED", who());
    } else {
        reason_ = fmt::format("the binding is left to expire: {}", trouble);
        context_.log.warn("registration  {}: UNREGISTERED, {}", who(), reason_);
    }
}

std::string Registration::awaited_names() const {
    const Config& config = context_.config;
    if (!registrant_.proxy_set_index) {
        const auto& registrar = config.proxy_and_registration.registrar;
        return registrar ? registrar->host : "the registrar";
    }
    std::string names;
    for (const ProxyAddress& address :
         config.proxy_sets.at(*registrant_.proxy_set_index).addresses) {
        names += names.empty() ? "" : ", ";
        names += address.host;
    }
    return names;
}

std::string Registration::who() const {
    return fmt::format("{} ({})", registrant_.name, registrant_.aor);
}

RegistrationStatus Registration::status(Instant now) const {
    RegistrationStatus row;
    row.kind = registrant_.kind;
    row.name = registrant_.name;
    row.aor = registrant_.aor;
    row.state = state_;
    row.registered = is_bound(now);
    row.last_status = last_status_;
    row.reason = reason_;
    row.answered_by = answered_by_ ? answered_by_->to_string() : "";
    row.transport = flow_.transport;
    row.requested_expires = requested_;
    row.granted_expires = granted_;
    if (row.registered) {
        row.expires_in = *expires_at_ - now;
    }
    if (attempt_timer_.is_armed()) {
        row.next_attempt_in = std::max(attempt_timer_.deadline() - now, Milliseconds::zero());
    }
    row.consecutive_failures = consecutive_failures_;
    row.attempts = attempts_;
    row.realm = printable(authenticator_.realm());
    row.algorithm = authenticator_.algorithm();
    row.call_id = call_id_;
    row.cseq = cseq_;
    row.shard = context_.shard;
    return row;
}

}  // namespace trunkline::sipstack
