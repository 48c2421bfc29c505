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
      call_id_(make_call_id(context.shard, interface().address.to_uri_host(), context.random)),
      from_tag_(make_tag(context.shard, context.random)),
      extensions_(configured_extensions()),
      authenticator_(context.config.proxy_and_registration),
      attempt_timer_([this](Instant now) { begin_attempt(Pacer::Urgency::normal, now); }),
      expiry_timer_([this](Instant now) { expired(now); }) {
    if (registrant_.random_contact_user) {
        own_extras().random_contact_user = "u" + context.random.hex(15);
    }
}

Registration::~Registration() {
    context_.transactions.cancel(transaction_);
}

const SipInterface& Registration::interface() const {
    return context_.config.sip_interfaces.at(registrant_.sip_interface_index);
}

Flow Registration::bound_flow() const {
    const SipInterface& own = context_.config.sip_interfaces.at(bound_flow_.sip_interface_index);
    return {bound_flow_.transport,
            bound_flow_.sip_interface_index,
            {own.address, bound_flow_.local_port},
            bound_server_.target ? bound_server_.target->endpoint : dataplane::Endpoint(),
            bound_flow_.stream};
}

std::string_view Registration::contact_user() const {
    return registrant_.random_contact_user ? std::string_view(extras().random_contact_user)
                                           : registrant_.contact_user();
}

const Registration::Extras& Registration::extras() const {
    static const Extras none;
    return extras_ ? *extras_ : none;
}

Registration::Extras& Registration::own_extras() {
    if (!extras_) {
        extras_ = std::make_unique<Extras>();
    }
    return *extras_;
}

void Registration::restore(const RegistrationRecord& record, Instant now) {
    is_restored_ = true;
    call_id_ = record.call_id;
    from_tag_ = record.from_tag;
    if (registrant_.random_contact_user) {
        own_extras().random_contact_user = record.contact_user;
    }
    cseq_ = record.cseq;
    raised_ = record.raised;
    extensions_ = configured_extensions().changed_by(record.learnt);
    if (!record.service_route.empty()) {
        own_extras().service_route = record.service_route;
    }
    authenticator_.restore(record.digests);
    if (!record.expires_at || *record.expires_at <= now) {
        return;
    }
    expires_at_ = record.expires_at;
    granted_ = record.granted;
    bound_server_ = {record.target, record.is_elsewhere, false,
                     record.request_uri.empty() ? std::nullopt : std::optional(record.request_uri)};
    bound_flow_ = {record.target.transport, registrant_.sip_interface_index, record.local_port};
    transport_ = bound_flow_.transport;
    state_ = RegistrationState::registered;
    reason_ = "known from before the restart";
    if (registrant_.outbound && record.target.transport == Transport::udp) {
        // How often the registrar asked for is known again with its next grant.
        own_extras().flow_in_use =
            context_.stun_keep_alive.keep(bound_flow(), udp_keep_alive_time, now);
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
        follow_holds(now);
    }
}

void Registration::begin_attempt(Pacer::Urgency urgency, Instant now) {
    attempt_timer_.cancel();
    if (!started_ || ending_ || transaction_ != 0) {
        return;
    }
    if (const Hold hold = current_hold(now); hold != Hold::none) {
        end_registering(hold, now);
        return;
    }
    Attempt& attempt = attempt_for(clears_first_ ? Purpose::clear : Purpose::bind);
    authenticator_.begin_attempt();
    // Always the configured time, never what was granted last: else a lifetime only ever shrinks.
    if (attempt.servers.is_bound_server_gone()) {
        raised_ = {};
    }
    requested_ = raised_.over(context_.config.proxy_and_registration.registration_time);
    FlowTrace::begin(trail_);
    if (auto server = attempt.servers.next(now)) {
        line_up(*std::move(server), urgency, now);
    } else {
        no_server(now);
    }
}

Registration::Attempt& Registration::attempt_for(Purpose purpose) {
    if (!attempt_) {
        attempt_ = context_.attempts.make([this](Instant now) { send(now); }, choice_of_servers());
    }
    attempt_->begin(purpose);
    return *attempt_;
}

ServerChoice Registration::choice_of_servers() {
    return {registrant_, context_.config, context_.proxy_sets, bound_server_};
}

void Registration::line_up(Target server, Pacer::Urgency urgency, Instant now) {
    waits_for_server_ = false;
    if (attempt_->ticket.is_held() && attempt_->target &&
        attempt_->target->endpoint != server.endpoint) {
        context_.pacer.done(attempt_->ticket, now);
    }
    if (!attempt_->servers.is_redirected()) {
        const bool is_as_granted = attempt_->purpose == Purpose::unbind || !bound_server_.is_left;
        attempt_->redirected_to =
            is_as_granted ? attempt_->servers.request_uri_at(server) : std::string_view();
    }
    attempt_->target = std::move(server);
    ask_for_turn(urgency, now);
}

void Registration::ask_for_turn(Pacer::Urgency urgency, Instant now, std::string challenged) {
    attempt_->awaited_stream = 0;
    attempt_->challenged = std::move(challenged);
    if (attempt_->purpose != Purpose::unbind && !is_bound(now)) {
        state_ = RegistrationState::waiting;
    }
    context_.pacer.ask(attempt_->ticket, attempt_->target->endpoint, attempt_->servers.limits(),
                       urgency, now);
}

void Registration::no_server(Instant now) {
    waits_for_server_ = true;
    state_ = is_bound(now) ? RegistrationState::registered : RegistrationState::resolving;
    last_status_ = 0;
    const ProxySetState& servers = context_.proxy_sets.state(registrant_.proxy_set_index);
    const auto again = servers.aside_ends(now);
    if (again) {
        // Nothing else will tell of it.
        context_.wheel.schedule(attempt_timer_, now + spread_out(*again - now, context_.random));
        reason_ = fmt::format("no server of {} takes requests for {} s", awaited_names(),
                              in_seconds(*again - now));
    } else {
        reason_ = servers.servers().empty()
                      ? fmt::format("waits for an address of {}", awaited_names())
                      : fmt::format("no server of {} is online", awaited_names());
    }
    note(reason_, now);
    context_.log.info("registration  {}: {}, {}", who(), to_string(state_), reason_);
    finish_attempt(now);
}

void Registration::on_provisional(const Message& response, Instant now) {
    // Nothing of a 1xx concerns a registration; the transaction slows its retransmissions itself.
    trace_message(TraceEvent::Kind::received, attempt_->flow, response.bytes(), now);
}

/// The same server again within this attempt, with something changed: credentials alone, where the
/// request that they are for is given.
void Registration::try_again(Instant now, std::string request) {
    ask_for_turn(Pacer::Urgency::urgent, now, std::move(request));
}

void Registration::on_timeout(Instant now) {
    const std::string reason =
        fmt::format("no answer within {} s from {}", in_seconds(now - sent_at_),
                    attempt_->flow.remote.to_string());
    transaction_ = 0;
    last_status_ = 0;
    server_failed(FailureKind::silent, reason, now);
}

void Registration::on_transport_error(std::string_view reason, Instant now) {
    transaction_ = 0;
    last_status_ = 0;
    if (attempt_->flow.transport != attempt_->target->transport) {
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
    ServerChoice& servers = attempt_->servers;
    servers.failed(*attempt_->target, now);
    if (attempt_->purpose == Purpose::unbind) {
        ended(reason, now);
        return;
    }
    if (ending_) {
        continue_ending(now);
        return;
    }
    // The next one has nonces of its own, and has refused no credentials yet.
    authenticator_.begin_attempt();
    if (auto next = servers.next(now)) {
        context_.log.info("registration  {}: {}; goes on to {}", who(), reason,
                          next->endpoint.to_string());
        line_up(*std::move(next), Pacer::Urgency::urgent, now);
    } else if (attempt_->purpose == Purpose::clear) {
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
    failing_since_ = failing_since_.value_or(now);
    ++consecutive_failures_;
    state_ = RegistrationState::failed;
    bound_server_.is_left = true;
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
    if (const auto attempt = std::exchange(attempt_, nullptr)) {
        context_.pacer.done(attempt->ticket, now);
    }
}

void Registration::forget_binding() {
    expires_at_.reset();
    bound_server_.is_left = true;
    expiry_timer_.cancel();
    if (extras_) {
        extras_->flow_in_use.reset();
        extras_->service_route.clear();
        extras_->associated_uri.clear();
    }
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
        state_ = is_waiting()                            ? RegistrationState::waiting
                 : waits_for_server_ || waits_for_name() ? RegistrationState::resolving
                                                         : RegistrationState::failed;
    }
    context_.log.warn("registration  {}: the binding expired, {}", who(), to_string(state_));
    save(transaction_ != 0);
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
            [this](const BindingChange& change, Instant at) { changed_by_registrar(change, at); });
    }
    const RegisterRequest form = request({});
    const ServerChoice& servers = attempt_->servers;
    reg_event_->follow(
        {form.aor(), form.contact_uri(), extras().service_route, bound_flow(), granted_,
         servers.limits(),
         servers.is_configured(*attempt_->target) ? &registrant_.credentials : nullptr},
        now);
}

void Registration::end_reg_event(Instant now) {
    if (reg_event_) {
        reg_event_->end(now);
    }
}

void Registration::changed_by_registrar(const BindingChange& change, Instant now) {
    if (ending_ || is_under_way() || !is_bound(now)) {
        return;
    }
    if (change.event == BindingEvent::shortened) {
        shortened_by_registrar(change.left, now);
        return;
    }
    forget_binding();
    std::string reason =
        fmt::format("the registrar ended the binding ({})", to_string(change.event));
    if (change.event == BindingEvent::rejected) {
        fail(FailureKind::refused, std::move(reason), now);
        return;
    }
    if (change.event == BindingEvent::probation) {
        const auto retry_after = change.retry_after.value_or(
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

/// RFC 3680 4.1: to have us authenticate anew, for one. A refresh that is due sooner stays so.
void Registration::shortened_by_registrar(Seconds left, Instant now) {
    const Instant end = now + left;
    if (end >= *expires_at_) {
        return;
    }
    expires_at_ = end;
    context_.wheel.schedule(expiry_timer_, end);
    const auto& page = context_.config.proxy_and_registration;
    const Instant due =
        std::max(now + refresh_after(left, page, context_.config.timers, Milliseconds::zero()),
                 sent_at_ + min_interval);
    if (!attempt_timer_.is_armed() || due < attempt_timer_.deadline()) {
        context_.wheel.schedule(attempt_timer_, due);
    }
    const std::string news =
        fmt::format("the registrar shortened the binding to {} s", left.count());
    context_.log.info("registration  {}: {}, refresh in {} s", who(), news,
                      in_seconds(attempt_timer_.deadline() - now));
    note(news, now);
    save(false);
}

void Registration::proxy_set_changed(ProxySets::Index set, Instant now) {
    if (registrant_.only_while_online && registrant_.only_while_online == set) {
        follow_holds(now);
    }
    if (registrant_.proxy_set_index != set || !started_ || ending_ || transaction_ != 0) {
        return;
    }
    // A server that a redirection named was never one of the set.
    const bool waits_at_a_lost_server = is_waiting() && !attempt_->servers.is_redirected() &&
                                        !attempt_->servers.is_configured(*attempt_->target);
    // One that has failed waits for its retry time, whatever becomes of the servers.
    if (waits_for_server_ || waits_at_a_lost_server ||
        (state_ == RegistrationState::registered && !is_under_way() && !waits_for_name() &&
         choice_of_servers().is_bound_server_lost())) {
        begin_attempt(Pacer::Urgency::normal, now);
    }
}

void Registration::flow_failed(const Flow& flow, std::string_view reason, Instant now) {
    if (attempt_ && attempt_->awaited_stream != 0 && attempt_->awaited_stream == flow.stream) {
        attempt_->awaited_stream = 0;
        on_transport_error(reason, now);
        return;
    }
    const bool wants_it =
        context_.config.proxy_and_registration.re_register_on_connection_failure ||
        registrant_.outbound || registrant_.search_mode == RegistrarSearchMode::according_to_ims;
    if (wants_it && is_bound(now) && state_ == RegistrationState::registered && !is_under_way() &&
        bound_flow() == flow) {
        context_.log.info("registration  {}: its flow has failed ({}), registers again", who(),
                          reason);
        // A server that closes after each answer is not asked again and again.
        context_.wheel.schedule(attempt_timer_, std::max(now, sent_at_ + min_interval));
    }
}

void Registration::link_came_up(std::span<const uint16_t> ip_interfaces, Instant now) {
    const bool concerns_it =
        registrant_.search_mode == RegistrarSearchMode::according_to_ims &&
        std::ranges::find(ip_interfaces, interface().ip_interface_index) != ip_interfaces.end();
    if (!concerns_it || !started_ || ending_ || is_under_way() || waits_for_name()) {
        return;
    }
    const bool is_up = is_bound(now) && state_ == RegistrationState::registered;
    const bool was_unanswered = state_ == RegistrationState::failed && last_status_ == 0;
    if (is_up || was_unanswered) {
        note("the Ethernet link is back, registers again", now);
        // A link that comes and goes does not have it ask again and again.
        const Instant due = now + min_interval;
        const bool is_due_before = attempt_timer_.is_armed() && attempt_timer_.deadline() < due;
        context_.wheel.schedule(attempt_timer_, is_due_before ? attempt_timer_.deadline() : due);
    }
}

void Registration::adopt(Registrant registrant, Instant now) {
    const bool has_new_credentials = registrant.credentials != registrant_.credentials;
    const RegisterExtensions configured_before = configured_extensions();
    registrant_ = std::move(registrant);
    if (configured_extensions() != configured_before) {
        extensions_ = configured_extensions();
    }
    if (attempt_) {
        attempt_->challenged.clear();
    }
    follow_holds(now);
    if (has_new_credentials) {
        authenticator_.forget();
        if (state_ == RegistrationState::failed && !is_under_way()) {
            begin_attempt(Pacer::Urgency::normal, now);
        }
    }
}

void Registration::register_now(Instant now) {
    started_ = true;
    held_by_ = Hold::none;
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
    end_registering(Hold::none, now);
}

void Registration::end_registering(Hold held_by, Instant now) {
    starts_again_ = false;
    held_by_ = held_by;
    if (ending_) {
        return;
    }
    ending_ = true;
    if (held_by != Hold::none) {
        reason_ = reason_of(held_by);
    }
    failing_since_.reset();
    attempt_timer_.cancel();
    if (transaction_ == 0) {
        finish_attempt(now);
        continue_ending(now);
    }
}

void Registration::continue_ending(Instant now) {
    if (!is_bound(now)) {
        ended({}, now);
        return;
    }
    end_reg_event(now);
    attempt_for(Purpose::unbind);
    authenticator_.begin_attempt();
    FlowTrace::begin(trail_);
    line_up(*bound_server_.target, Pacer::Urgency::urgent, now);
}

void Registration::ended(const std::string& trouble, Instant now) {
    state_ = RegistrationState::unregistered;
    end_reg_event(now);
    forget_binding();
    attempt_timer_.cancel();
    up_since_.reset();
    is_binding_left_ = !trouble.empty();
    reason_ = reason_of(held_by_);
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
    record.key.clear();
    registrant_.append_key(record.key);
    record.call_id = call_id_;
    record.from_tag = from_tag_;
    record.contact_user = contact_user();
    record.cseq = cseq_;
    record.outstanding = outstanding;
    record.raised = raised_;
    record.granted = granted_.value_or(Seconds(0));
    record.expires_at = expires_at_;
    record.refresh_at =
        attempt_timer_.is_armed() ? std::optional(attempt_timer_.deadline()) : std::nullopt;
    record.target = bound_server_.target.value_or(Target());
    record.is_elsewhere = bound_server_.is_elsewhere;
    record.request_uri = bound_server_.request_uri ? *bound_server_.request_uri : std::string();
    record.learnt = extensions_.learnt(configured_extensions());
    record.local_port = bound_flow_.local_port;
    record.service_route = extras().service_route;
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
    row.transport = transport_;
    row.service_route = fmt::format("{}", fmt::join(extras().service_route, ", "));
    row.associated_uri = extras().associated_uri;
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
