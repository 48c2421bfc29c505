#include "sipstack/registration/reg_event.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/name_addr.h"
#include "sipstack/message/writer.h"
#include "sipstack/registration/grant.h"
#include "sipstack/registration/register_request.h"
#include "sipstack/registration/retry.h"
#include "sipstack/shard_key.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sipstack {
namespace {

constexpr std::string_view method = "SUBSCRIBE";
constexpr std::string_view body_type = "application/reginfo+xml";

std::string_view without_parameters(std::string_view value) {
    return trim(value.substr(0, value.find(';')));
}

std::vector<std::string> reversed_list(const Message& response, std::string_view header) {
    std::vector<std::string> values;
    for (std::string_view row : response.rows(header)) {
        while (!row.empty()) {
            values.emplace_back(take_list_value(row));
        }
    }
    std::reverse(values.begin(), values.end());
    return values;
}

/// That the same SUBSCRIBE would get the same again for a long time.
bool is_refusal(int status) {
    constexpr int lasting[] = {403, 404, 405, 406, 410, 416, 420, 489, 501};
    return std::ranges::find(lasting, status) != std::end(lasting) || status >= 600;
}

std::optional<uint32_t> seconds_parameter(std::string_view value, std::string_view name) {
    const auto parameter = header_parameter(value, name);
    if (!parameter || !parse_number(*parameter)) {
        return std::nullopt;
    }
    return parse_seconds(*parameter);
}

}  // namespace

RegEventSubscription::RegEventSubscription(const Context& context, Listener listener)
    : context_(context),
      listener_(std::move(listener)),
      authenticator_(context.config.proxy_and_registration),
      ticket_([this](Instant now) { send(now); }),
      timer_([this](Instant now) { refresh(now); }) {}

RegEventSubscription::~RegEventSubscription() {
    context_.transactions.cancel(transaction_);
    forget_dialog();
}

void RegEventSubscription::stop(Instant now) {
    context_.transactions.cancel(transaction_);
    transaction_ = 0;
    context_.pacer.done(ticket_, now);
}

void RegEventSubscription::forget_dialog() {
    context_.dialogs.erase(call_id_);
    call_id_.clear();
    remote_tag_.clear();
    remote_target_.clear();
    route_set_.clear();
    version_.reset();
    cseq_ = 0;
    remote_cseq_ = 0;
}

void RegEventSubscription::follow(Binding binding, Instant now) {
    const bool is_other_server = binding.flow.remote != binding_.flow.remote ||
                                 binding.flow.transport != binding_.flow.transport ||
                                 binding.aor != binding_.aor;
    binding_ = std::move(binding);
    if (is_wanted_ && !is_other_server) {
        return;
    }
    is_wanted_ = true;
    failures_ = 0;
    begin(now);
}

/// A new dialog; an earlier one is forgotten, and a NOTIFY in it will be told so (481).
void RegEventSubscription::begin(Instant now) {
    stop(now);
    forget_dialog();
    const std::string host = binding_.flow.local.address.to_uri_host();
    call_id_ = make_call_id(context_.shard, host, context_.random);
    local_tag_ = make_tag(context_.shard, context_.random);
    context_.dialogs.insert_or_assign(call_id_, this);
    state_ = "subscribing";
    refresh(now);
}

void RegEventSubscription::refresh(Instant now) {
    if (call_id_.empty()) {
        begin(now);
        return;
    }
    asked_ = is_wanted_ ? binding_.granted.value_or(default_expires) : Seconds(0);
    raised_ = false;
    authenticator_.begin_attempt();
    FlowTrace::begin(trail_);
    ask_for_turn(is_wanted_ ? Pacer::Urgency::normal : Pacer::Urgency::urgent, now);
}

void RegEventSubscription::ask_for_turn(Pacer::Urgency urgency, Instant now) {
    timer_.cancel();
    context_.pacer.ask(ticket_, binding_.flow.remote, binding_.limits, urgency, now);
}

void RegEventSubscription::end(Instant now) {
    if (!is_wanted_) {
        return;
    }
    is_wanted_ = false;
    timer_.cancel();
    const bool has_dialog = !remote_tag_.empty();
    stop(now);
    state_ = "ended";
    if (has_dialog) {
        refresh(now);
    } else {
        forget_dialog();
    }
}

void RegEventSubscription::drop(Instant now) {
    is_wanted_ = false;
    timer_.cancel();
    stop(now);
    forget_dialog();
    state_ = "waits for the registration";
}

/// Its turn has come.
void RegEventSubscription::send(Instant now) {
    ++cseq_;
    sent_at_ = now;
    const std::string branch = make_branch(context_.shard, context_.random);
    std::string text = write(branch);
    trace(TraceEvent::Kind::sent, binding_.flow, text, now);
    transaction_ = context_.transactions.send_request(std::move(text), branch, method,
                                                      binding_.flow, *this, now);
    if (transaction_ == 0) {
        on_transport_error("cannot send", now);
    }
}

std::string RegEventSubscription::write(std::string_view branch) {
    const bool has_dialog = !remote_tag_.empty();
    const std::string& uri = has_dialog && !remote_target_.empty() ? remote_target_ : binding_.aor;
    auto writer = MessageWriter::request(method, uri);
    add_own_via(writer, binding_.flow, branch);
    writer.header("Max-Forwards", 70);
    for (const std::string& route : has_dialog ? route_set_ : binding_.service_route) {
        writer.header("Route", route);
    }
    writer.header("From", fmt::format("<{}>;tag={}", binding_.aor, local_tag_))
        .header("To", has_dialog ? fmt::format("<{}>;tag={}", binding_.aor, remote_tag_)
                                 : fmt::format("<{}>", binding_.aor))
        .header("Call-ID", call_id_)
        .header("CSeq", fmt::format("{} {}", cseq_, method))
        .header("Contact", fmt::format("<{}>", binding_.contact_uri))
        .header("Event", "reg")
        .header("Accept", body_type)
        .header("Expires", static_cast<uint64_t>(asked_.count()));
    if (binding_.credentials != nullptr) {
        authenticator_.add_headers(writer, *binding_.credentials, method, uri);
    }
    return writer.header("User-Agent", context_.config.user_agent).finish();
}

void RegEventSubscription::on_provisional(const Message& response, Instant now) {
    trace(TraceEvent::Kind::received, binding_.flow, response.bytes(), now);
}

void RegEventSubscription::on_final(const Message& response, const Flow& came_from,
                                    std::string /*request*/, Instant now) {
    transaction_ = 0;
    trace(TraceEvent::Kind::received, came_from, response.bytes(), now);
    take_answer(response, now);
    if (is_quiet()) {
        context_.pacer.done(ticket_, now);
    }
}

void RegEventSubscription::take_answer(const Message& response, Instant now) {
    const int status = response.status();
    if (status == 401 || status == 407) {
        challenged(response, now);
        return;
    }
    authenticator_.accepted(response);
    if (!is_wanted_) {
        return;
    }
    if (status < 300) {
        granted(response, now);
    } else if (status == 423 && !raised_) {
        interval_too_brief(response, now);
    } else if (status == 481 && !remote_tag_.empty()) {
        // The peer has forgotten the dialog (RFC 6665 4.1.2.2).
        begin_after(min_interval, now);
    } else {
        failed(fmt::format("{} {}", status, reason_phrase(status)), is_refusal(status),
               response.retry_after(), now);
    }
}

void RegEventSubscription::on_timeout(Instant now) {
    on_transport_error("no answer", now);
}

void RegEventSubscription::on_transport_error(std::string_view reason, Instant now) {
    transaction_ = 0;
    failed(reason, false, std::nullopt, now);
    context_.pacer.done(ticket_, now);
}

void RegEventSubscription::challenged(const Message& response, Instant now) {
    const bool is_answered =
        binding_.credentials != nullptr &&
        authenticator_.challenged(response, *binding_.credentials, context_.random) ==
            Authenticator::Verdict::retry;
    if (is_answered) {
        ask_for_turn(Pacer::Urgency::urgent, now);
    } else {
        failed(fmt::format("{} {}", response.status(), reason_phrase(response.status())), true,
               std::nullopt, now);
    }
}

void RegEventSubscription::interval_too_brief(const Message& response, Instant now) {
    const Seconds wanted(response.min_expires().value_or(0));
    if (wanted <= asked_ || wanted > max_registration_time) {
        failed("423 Interval Too Brief", true, std::nullopt, now);
        return;
    }
    raised_ = true;
    asked_ = wanted;
    ask_for_turn(Pacer::Urgency::urgent, now);
}

void RegEventSubscription::granted(const Message& response, Instant now) {
    remote_tag_ = response.to_tag();
    const auto contacts = response.rows("Contact");
    if (!contacts.empty()) {
        remote_target_ = uri_of(contacts.front());
    }
    route_set_ = reversed_list(response, "Record-Route");
    const auto expires = response.expires();
    const Seconds time =
        std::min(expires ? Seconds(*expires) : asked_, std::min(asked_, max_registration_time));
    if (time == Seconds::zero() || remote_tag_.empty()) {
        failed("granted no time", false, std::nullopt, now);
        return;
    }
    failures_ = 0;
    if (state_ != "pending") {
        state_ = "active";
    }
    context_.wheel.schedule(
        timer_, std::max(sent_at_ + refresh_after(time, context_.config.proxy_and_registration,
                                                  context_.config.timers, min_interval),
                         now + min_interval));
}

void RegEventSubscription::failed(std::string_view reason, bool is_refusal,
                                  std::optional<uint32_t> retry_after, Instant now) {
    if (!is_wanted_) {
        return;
    }
    ++failures_;
    const Seconds back_off = first_retry * (1 << std::min(failures_ - 1, 7U));
    Seconds delay = is_refusal ? refused_retry : std::min(back_off, refused_retry);
    if (retry_after) {
        delay = std::clamp(Seconds(*retry_after), first_retry, max_retry_after);
    }
    begin_after(delay, now);
    state_ = fmt::format("failed: {}", reason);
    context_.trace.note(
        trail_, now,
        fmt::format("the subscription {}; next attempt in {} s", state_, delay.count()));
}

void RegEventSubscription::begin_after(Milliseconds delay, Instant now) {
    forget_dialog();
    state_ = "waits to subscribe again";
    context_.wheel.schedule(timer_, now + delay);
}

void RegEventSubscription::trace(TraceEvent::Kind kind, const Flow& flow, std::string_view bytes,
                                 Instant now) {
    context_.trace.add(trail_, now, kind, flow, bytes);
}

int RegEventSubscription::notified(const Message& notify, const Flow& came_from, Instant now) {
    trace(TraceEvent::Kind::received, came_from, notify.bytes(), now);
    return judge(notify, now);
}

void RegEventSubscription::answered(const Flow& came_from, std::string_view answer, Instant now) {
    trace(TraceEvent::Kind::sent, came_from, answer, now);
}

int RegEventSubscription::judge(const Message& notify, Instant now) {
    const bool is_in_dialog = notify.to_tag() == local_tag_ && !notify.from_tag().empty() &&
                              (remote_tag_.empty() || notify.from_tag() == remote_tag_);
    if (!is_in_dialog) {
        return 481;
    }
    if (remote_cseq_ != 0 && notify.cseq() <= remote_cseq_) {
        return 500;  // out of order (RFC 3261 12.2.2)
    }
    const auto states = notify.rows("Subscription-State");
    if (states.empty()) {
        return 400;
    }
    std::optional<Reginfo> info;
    if (!notify.body().empty()) {
        const auto types = notify.rows("Content-Type");
        if (types.empty() || !equal_nocase(without_parameters(types.front()), body_type)) {
            return 415;
        }
        auto parsed = parse_reginfo(notify.body());
        if (!parsed) {
            return 400;
        }
        info = std::move(*parsed);
    }
    remote_cseq_ = notify.cseq();
    // A NOTIFY may overtake the 2xx and makes the dialog then (RFC 6665 4.4.1).
    remote_tag_ = notify.from_tag();
    if (!is_wanted_) {
        return 200;
    }
    const bool is_old = info && version_ && info->version <= *version_;
    const bool has_gap = info && !info->full && version_ && info->version > *version_ + 1;
    if (info && !is_old) {
        version_ = info->version;
    }
    subscription_state(states.front(), now);
    if (has_gap && is_quiet() && !call_id_.empty()) {
        // What was missed comes with the full state that a refresh asks for (RFC 3680 5.2).
        context_.wheel.schedule(timer_, std::max(now, sent_at_ + min_interval));
    }
    if (info && !is_old) {
        if (const auto change = change_of_binding(*info, binding_.aor, binding_.contact_uri)) {
            listener_(*change, now);
        }
    }
    return 200;
}

/// RFC 6665 4.1.3.
void RegEventSubscription::subscription_state(std::string_view value, Instant now) {
    const std::string state = lower(without_parameters(value));
    if (state != "terminated") {
        if (state == "active" || state == "pending") {
            state_ = state;
        }
        return;
    }
    const std::string reason = lower(header_parameter(value, "reason").value_or(""));
    const auto retry_after = seconds_parameter(value, "retry-after");
    stop(now);
    if (reason == "deactivated" || reason == "timeout") {
        begin_after(min_interval, now);
    } else {
        const bool is_final = reason == "rejected" || reason == "noresource";
        failed(fmt::format("ended by the registrar{}",
                           is_token(reason) ? " (" + reason + ")" : std::string()),
               is_final, retry_after, now);
    }
}

}  // namespace trunkline::sipstack
