#include "sipstack/registration/registration.h"

#include "sipstack/message/lexical.h"
#include "sipstack/registration/answer.h"
#include "sipstack/registration/grant.h"
#include "sipstack/shard_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace trunkline::sipstack {

Registration::Registration(Registrant registrant, const RegistrationContext& context)
    : registrant_(std::move(registrant)),
      context_(context),
      key_(registrant_.key()),
      call_id_(make_call_id(context.shard, interface().address.to_uri_host(), context.random)),
      from_tag_(make_tag(context.shard, context.random)),
      contact_user_(registrant_.random_contact_user ? "u" + context.random.hex(15)
                                                    : registrant_.contact_user),
      servers_(registrant_, context.config, context.proxy_sets),
      ticket_([this](Instant now) { send(now); }),
      extensions_{registrant_.gin, registrant_.outbound, false},
      authenticator_(authentication_policy(context.config.proxy_and_registration)),
      attempt_timer_([this](Instant now) { begin_attempt(Pacer::Urgency::normal, now); }),
      expiry_timer_([this](Instant now) { expired(now); }) {}

Registration::~Registration() {
    context_.transactions.cancel(transaction_);
}

const SipInterface& Registration::interface() const {
    return context_.config.sip_interfaces.at(registrant_.sip_interface_index);
}

void Registration::restore(const RegistrationRecord& record, Instant now) {
    is_restored_ = true;
    call_id_ = record.call_id;
    from_tag_ = record.from_tag;
    contact_user_ = record.contact_user;
    cseq_ = record.cseq;
    raised_ = record.raised;
    service_route_ = record.service_route;
    authenticator_.restore(record.digests);
    if (!record.expires_at || *record.expires_at <= now) {
        return;
    }
    expires_at_ = record.expires_at;
    granted_ = record.granted;
    servers_.bind(record.target);
    bound_flow_ = {record.target.transport,
                   registrant_.sip_interface_index,
                   {interface().address, record.local_port},
                   record.target.endpoint};
    flow_ = bound_flow_;
    state_ = RegistrationState::registered;
    reason_ = "known from before the restart";
    if (registrant_.outbound && record.target.transport == Transport::udp) {
        // How often the registrar asked for is known again with its next grant.
        flow_in_use_ = context_.stun_keep_alive.keep(bound_flow_, udp_keep_alive_time, now);
    }
    context_.wheel.schedule(expiry_timer_, *expires_at_);
    const bool needs_its_connection =
        record.target.transport != Transport::udp &&
        (registrant_.outbound ||
         context_.config.proxy_and_registration.re_register_on_connection_failure);
    const Instant due = needs_its_connection ? now : record.refresh_at.value_or(now);
    context_.wheel.schedule(attempt_timer_, std::max(due, now));
}

void Registration::start(Instant now) {
    if (started_ || ending_) {
        return;
    }
    started_ = true;
    clears_first_ = registrant_.kind == RegistrantKind::account &&
                    context_.config.proxy_and_registration.unregister_on_startup;
    // A refresh may have become due before we were started.
    if (clears_first_ || !is_bound(now) || !attempt_timer_.is_armed()) {
        begin_attempt(Pacer::Urgency::normal, now);
    } else {
        follow_served(now);
    }
}

void Registration::begin_attempt(Pacer::Urgency urgency, Instant now) {
    attempt_timer_.cancel();
    if (!started_ || ending_ || transaction_ != 0) {
        return;
    }
    if (is_served_offline(now)) {
        wait_for_served(now);
        return;
    }
    purpose_ = clears_first_ ? Purpose::clear : Purpose::bind;
    servers_.begin();
    redirected_to_.clear();
    redirections_ = 0;
    redirection_.reset();
    extensions_changed_ = false;
    raised_in_attempt_ = false;
    authenticator_.set_policy(authentication_policy(context_.config.proxy_and_registration));
    authenticator_.begin_attempt();
    // Always the configured time, never what was granted last: else a lifetime only ever shrinks.
    requested_ = std::max(context_.config.proxy_and_registration.registration_time, raised_);
    FlowTrace::begin(trail_);
    if (!line_up(urgency, now)) {
        no_server(now);
    }
}

bool Registration::line_up(Pacer::Urgency urgency, Instant now) {
    auto next = servers_.next(now);
    if (!next) {
        return false;
    }
    waits_for_server_ = false;
    if (ticket_.is_held() && target_ && target_->endpoint != next->endpoint) {
        context_.pacer.done(ticket_, now);
    }
    target_ = std::move(next);
    ask_for_turn(urgency, now);
    return true;
}

void Registration::ask_for_turn(Pacer::Urgency urgency, Instant now, std::string challenged) {
    awaited_stream_ = 0;
    challenged_ = std::move(challenged);
    if (purpose_ != Purpose::unbind && !is_bound(now)) {
        state_ = RegistrationState::waiting;
    }
    context_.pacer.ask(ticket_, target_->endpoint, servers_.limits(), urgency, now);
}

void Registration::no_server(Instant now) {
    waits_for_server_ = true;
    awaited_stream_ = 0;
    context_.pacer.done(ticket_, now);
    state_ = is_bound(now) ? RegistrationState::registered : RegistrationState::resolving;
    last_status_ = 0;
    const ProxySetState& servers = context_.proxy_sets.state(registrant_.proxy_set_index);
    const auto again = servers.aside_ends(now);
    if (again) {
        // Nothing else will tell of it.
        context_.wheel.schedule(attempt_timer_, *again);
        reason_ = fmt::format("no server of {} takes requests for {} s", awaited_names(),
                              in_seconds(*again - now));
    } else {
        reason_ = servers.servers().empty()
                      ? fmt::format("waits for an address of {}", awaited_names())
                      : fmt::format("no server of {} is online", awaited_names());
    }
    note(reason_, now);
    context_.log.info("registration  {}: {}, {}", who(), to_string(state_), reason_);
}

void Registration::on_provisional(const Message& response, Instant now) {
    // Nothing of a 1xx concerns a registration; the transaction slows its retransmissions itself.
    trace_message(TraceEvent::Kind::received, flow_, response.bytes(), now);
}

/// The same server again within this attempt, with something changed: credentials alone, where the
/// request that they are for is given.
void Registration::try_again(Instant now, std::string request) {
    ask_for_turn(Pacer::Urgency::urgent, now, std::move(request));
}

void Registration::on_timeout(Instant now) {
    const std::string reason = fmt::format("no answer within {} s from {}",
                                           in_seconds(now - sent_at_), flow_.remote.to_string());
    transaction_ = 0;
    last_status_ = 0;
    server_failed(FailureKind::silent, reason, now);
}

void Registration::on_transport_error(std::string_view reason, Instant now) {
    transaction_ = 0;
    last_status_ = 0;
    if (flow_.transport != target_->transport) {
        // It went by TCP for its size alone (RFC 3261 18.1.1).
        stays_on_udp_ = true;
        note(fmt::format("{}; sent by UDP although it is large", reason), now);
        try_again(now);
        return;
    }
    server_failed(FailureKind::silent, std::string(reason), now);
}

void Registration::server_failed(FailureKind kind, std::string reason, Instant now,
                                 std::optional<uint32_t> retry_after) {
    note(reason, now);
    servers_.failed(*target_, now);
    if (!servers_.is_redirected()) {
        redirected_to_.clear();
    }
    if (purpose_ == Purpose::unbind) {
        ended(reason, now);
        return;
    }
    if (ending_) {
        continue_ending(now);
        return;
    }
    // The next one has nonces of its own, and has refused no credentials yet.
    authenticator_.begin_attempt();
    if (line_up(Pacer::Urgency::urgent, now)) {
        context_.log.info("registration  {}: {}; goes on to {}", who(), reason,
                          target_->endpoint.to_string());
    } else if (purpose_ == Purpose::clear) {
        cleared(now);
    } else {
        fail(kind, std::move(reason), now, retry_after);
    }
}

void Registration::fail(FailureKind kind, std::string reason, Instant now,
                        std::optional<uint32_t> retry_after) {
    const bool is_news = reason != reason_;
    const bool was_stable = up_since_ && now - *up_since_ >= stable_after;
    backoff_failures_ = was_stable ? 1 : backoff_failures_ + 1;
    up_since_.reset();
    ++consecutive_failures_;
    state_ = RegistrationState::failed;
    const Milliseconds delay =
        std::max(retry_delay(context_.config.proxy_and_registration, kind, backoff_failures_,
                             retry_after, context_.random),
                 min_interval);
    context_.wheel.schedule(attempt_timer_, now + delay);
    reason_ = std::move(reason);
    note(fmt::format("FAILED: {}; next attempt in {} s", reason_, in_seconds(delay)), now);
    // A peer that is down for a day shall not fill the log: repetitions thin out.
    const bool is_worth_a_line = is_news || std::has_single_bit(consecutive_failures_);
    context_.log.log(is_worth_a_line ? spdlog::level::warn : spdlog::level::debug,
                     "registration  {}: FAILED, {} ({} in a row); next attempt in {} s", who(),
                     reason_, consecutive_failures_, in_seconds(delay));
    save(false);
    finish_attempt(now);
}

void Registration::cleared(Instant now) {
    clears_first_ = false;
    forget_binding();
    if (ending_) {
        continue_ending(now);
        return;
    }
    state_ = RegistrationState::registering;
    context_.wheel.schedule(attempt_timer_, now + after_clearing);
    save(false);
    finish_attempt(now);
}

/// Last in each ending of an attempt: others may have their turn within.
void Registration::finish_attempt(Instant now) {
    authenticator_.end_attempt();
    awaited_stream_ = 0;
    context_.pacer.done(ticket_, now);
}

void Registration::forget_binding() {
    expires_at_.reset();
    expiry_timer_.cancel();
    flow_in_use_.reset();
    service_route_.clear();
    associated_uri_.clear();
}

void Registration::expired(Instant now) {
    forget_binding();
    up_since_.reset();
    if (reg_event_) {
        reg_event_->drop(now);
    }
    if (state_ == RegistrationState::refreshing) {
        state_ = RegistrationState::registering;
    } else if (state_ == RegistrationState::registered) {
        // So short a grant that the least distance between two attempts outlasts it, or a refresh
        // that waits for its turn or for a server.
        state_ = is_waiting()                        ? RegistrationState::waiting
                 : waits_for_server_ || redirection_ ? RegistrationState::resolving
                                                     : RegistrationState::failed;
    }
    context_.log.warn("registration  {}: the binding expired, {}", who(), to_string(state_));
    save(transaction_ != 0);
}

/// Account_RegByServedIPG.
bool Registration::is_served_offline(Instant now) const {
    const auto& set = registrant_.only_while_online;
    if (!set || context_.proxy_sets.state(*set).is_online()) {
        return false;
    }
    // What an earlier run registered stays until the set's addresses are known.
    return !is_restored_ || !is_bound(now) || !context_.proxy_sets.state(*set).servers().empty();
}

void Registration::follow_served(Instant now) {
    const bool is_offline = is_served_offline(now);
    if (is_offline && started_ && !ending_) {
        wait_for_served(now);
    } else if (!is_offline && waits_for_served_) {
        register_now(now);
    }
}

void Registration::wait_for_served(Instant now) {
    unregister(now);
    waits_for_served_ = true;
    reason_ = "the IP group that it serves is offline";
}

/// RFC 3680: to hear what the registrar does with the binding.
void Registration::follow_reg_event(Instant now) {
    if (!registrant_.reg_event_subscription) {
        end_reg_event(now);
        return;
    }
    if (!reg_event_) {
        reg_event_ = std::make_unique<RegEventSubscription>(
            RegEventSubscription::Context{context_.config, context_.shard, context_.wheel,
                                          context_.random, context_.transactions, context_.pacer,
                                          context_.trace, context_.reg_event_dialogs},
            [this](const BindingEnd& end, Instant at) { ended_by_registrar(end, at); });
    }
    const RegisterRequest form = request({});
    reg_event_->follow(
        {form.aor(), form.contact_uri(), service_route_, bound_flow_, granted_, servers_.limits(),
         servers_.is_configured(*target_) ? &registrant_.credentials : nullptr},
        now);
}

void Registration::end_reg_event(Instant now) {
    if (reg_event_) {
        reg_event_->end(now);
    }
}

void Registration::ended_by_registrar(const BindingEnd& end, Instant now) {
    if (ending_ || is_under_way() || !is_bound(now)) {
        return;
    }
    forget_binding();
    std::string reason = fmt::format("the registrar ended the binding ({})", to_string(end.event));
    if (end.event == BindingEvent::rejected) {
        fail(FailureKind::refused, std::move(reason), now);
        return;
    }
    if (end.event == BindingEvent::probation) {
        const auto retry_after = end.retry_after.value_or(
            context_.config.proxy_and_registration.registration_retry_time);
        fail(FailureKind::failed, std::move(reason), now,
             static_cast<uint32_t>(retry_after.count()));
        return;
    }
    context_.log.warn("registration  {}: {}, registers again", who(), reason);
    note(reason, now);
    state_ = RegistrationState::failed;
    reason_ = std::move(reason);
    context_.wheel.schedule(attempt_timer_, std::max(now, sent_at_ + min_interval));
    save(false);
}

void Registration::proxy_set_changed(ProxySets::Index set, Instant now) {
    if (registrant_.only_while_online && registrant_.only_while_online == set) {
        follow_served(now);
    }
    if (registrant_.proxy_set_index != set || !started_ || ending_ || transaction_ != 0) {
        return;
    }
    // A server that a redirection named was never one of the set.
    const bool waits_at_a_lost_server =
        is_waiting() && target_ && !servers_.is_redirected() && !servers_.is_configured(*target_);
    // One that has failed waits for its retry time, whatever becomes of the servers.
    if (waits_for_server_ || waits_at_a_lost_server ||
        (state_ == RegistrationState::registered && !is_under_way() && !redirection_ &&
         servers_.is_bound_server_lost())) {
        begin_attempt(Pacer::Urgency::normal, now);
    }
}

void Registration::flow_failed(const Flow& flow, std::string_view reason, Instant now) {
    if (awaited_stream_ != 0 && awaited_stream_ == flow.stream) {
        awaited_stream_ = 0;
        on_transport_error(reason, now);
        return;
    }
    const bool wants_it =
        context_.config.proxy_and_registration.re_register_on_connection_failure ||
        registrant_.outbound || registrant_.search_mode == RegistrarSearchMode::according_to_ims;
    if (wants_it && is_bound(now) && bound_flow_ == flow && !is_under_way() &&
        state_ == RegistrationState::registered) {
        context_.log.info("registration  {}: its flow has failed ({}), registers again", who(),
                          reason);
        // A server that closes after each answer is not asked again and again.
        context_.wheel.schedule(attempt_timer_, std::max(now, sent_at_ + min_interval));
    }
}

void Registration::adopt(Registrant registrant, Instant now) {
    const bool has_new_credentials = registrant.credentials != registrant_.credentials;
    if (registrant.gin != registrant_.gin || registrant.outbound != registrant_.outbound) {
        extensions_ = {registrant.gin, registrant.outbound, false};
    }
    registrant_ = std::move(registrant);
    challenged_.clear();
    follow_served(now);
    if (has_new_credentials) {
        authenticator_.forget();
        if (state_ == RegistrationState::failed && !is_under_way()) {
            begin_attempt(Pacer::Urgency::normal, now);
        }
    }
}

void Registration::register_now(Instant now) {
    started_ = true;
    waits_for_served_ = false;
    if (ending_ && is_under_way()) {
        starts_again_ = true;
        return;
    }
    ending_ = false;
    if (transaction_ == 0) {
        begin_attempt(Pacer::Urgency::urgent, now);
    }
}

void Registration::unregister(Instant now) {
    starts_again_ = false;
    waits_for_served_ = false;
    if (ending_) {
        return;
    }
    ending_ = true;
    redirection_.reset();
    attempt_timer_.cancel();
    if (transaction_ == 0) {
        context_.pacer.done(ticket_, now);
        continue_ending(now);
    }
}

void Registration::continue_ending(Instant now) {
    if (!is_bound(now)) {
        ended({}, now);
        return;
    }
    if (ticket_.is_held() && target_->endpoint != servers_.bound()->endpoint) {
        context_.pacer.done(ticket_, now);
    }
    end_reg_event(now);
    purpose_ = Purpose::unbind;
    target_ = servers_.bound();
    servers_.begin();
    redirected_to_.clear();
    authenticator_.begin_attempt();
    FlowTrace::begin(trail_);
    ask_for_turn(Pacer::Urgency::urgent, now);
}

void Registration::ended(const std::string& trouble, Instant now) {
    state_ = RegistrationState::unregistered;
    end_reg_event(now);
    forget_binding();
    attempt_timer_.cancel();
    up_since_.reset();
    is_binding_left_ = !trouble.empty();
    if (waits_for_served_) {
        reason_ = "the IP group that it serves is offline";
    } else {
        reason_ = "un-registered";
    }
    if (trouble.empty()) {
        context_.log.info("registration  {}: UNREGISTERED", who());
    } else {
        reason_ = fmt::format("the binding is left to expire: {}", trouble);
        context_.log.warn("registration  {}: UNREGISTERED, {}", who(), reason_);
    }
    note(reason_, now);
    save(false);
    if (starts_again_) {
        starts_again_ = false;
        ending_ = false;
        context_.wheel.schedule(attempt_timer_, now);
    }
    finish_attempt(now);
}

void Registration::save(bool outstanding) {
    RegistrationRecord& record = context_.scratch_record;
    record.key = key_;
    record.call_id = call_id_;
    record.from_tag = from_tag_;
    record.contact_user = contact_user_;
    record.cseq = cseq_;
    record.outstanding = outstanding;
    record.raised = raised_;
    record.granted = granted_.value_or(Seconds(0));
    record.expires_at = expires_at_;
    record.refresh_at =
        attempt_timer_.is_armed() ? std::optional(attempt_timer_.deadline()) : std::nullopt;
    record.target = servers_.bound().value_or(Target());
    record.local_port = bound_flow_.local.port;
    record.service_route = service_route_;
    record.digests = authenticator_.memory();
    context_.journal.save(record);
}

void Registration::note(std::string_view text, Instant now) {
    context_.trace.note(trail_, now, text);
}

void Registration::trace_message(TraceEvent::Kind kind, const Flow& flow, std::string_view bytes,
                                 Instant now) {
    context_.trace.add(trail_, now, kind, flow, bytes);
}

std::vector<TraceFlow> Registration::flows() const {
    std::vector<TraceFlow> flows = context_.trace.flows(trail_);
    if (reg_event_) {
        std::ranges::move(context_.trace.flows(reg_event_->trail()), std::back_inserter(flows));
        // One that waits for its turn has no event yet and comes last.
        std::ranges::stable_sort(flows, {}, [](const TraceFlow& flow) {
            return flow.empty() ? Instant::max() : flow.front().at;
        });
    }
    return flows;
}

std::string Registration::awaited_names() const {
    std::string names;
    for (const ProxyAddress& address :
         context_.proxy_sets.row(registrant_.proxy_set_index).addresses) {
        names += names.empty() ? "" : ", ";
        names += address.host;
    }
    return names.empty() ? "the registrar" : names;
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
    row.service_route = fmt::format("{}", fmt::join(service_route_, ", "));
    row.associated_uri = associated_uri_;
    row.subscription = registrant_.reg_event_subscription && reg_event_ ? reg_event_->state() : "";
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
    row.realm = shown(authenticator_.realm());
    row.algorithm = authenticator_.algorithm();
    row.call_id = call_id_;
    row.cseq = cseq_;
    row.shard = context_.shard;
    row.position = registrant_.position;
    return row;
}

}  // namespace trunkline::sipstack
