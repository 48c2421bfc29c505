// What each final response makes of a registration (registration.h).
#include "sipstack/registration/answer.h"
#include "sipstack/registration/grant.h"
#include "sipstack/registration/redirection.h"
#include "sipstack/registration/registration.h"
#include "sipstack/shard_key.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace trunkline::sipstack {

void Registration::on_final(const Message& response, const Flow& came_from, std::string request,
                            Instant now) {
    transaction_ = 0;
    last_status_ = response.status();
    answered_by_ = came_from.remote;
    trace_message(TraceEvent::Kind::received, came_from, response.bytes(), now);
    const AnswerAction action = action_for(response.status());
    if (action == AnswerAction::challenge) {
        challenged(response, std::move(request), now);
        return;
    }
    authenticator_.accepted(response);
    if (attempt_->purpose == Purpose::unbind) {
        if (!changes_extensions(response, now)) {
            ended(action == AnswerAction::grant ? std::string() : describe(response), now);
        }
    } else if (attempt_->purpose == Purpose::clear) {
        if (ending_ || !changes_extensions(response, now)) {
            cleared(now);
        }
    } else if (ending_ && action != AnswerAction::grant) {
        continue_ending(now);
    } else {
        take_answer(response, now);
    }
}

void Registration::take_answer(const Message& response, Instant now) {
    const AnswerAction action = action_for(response.status());
    if (action != AnswerAction::try_next_server) {
        attempt_->servers.served(*attempt_->target);
    }
    switch (action) {
        case AnswerAction::grant:
            granted(response, now);
            return;
        case AnswerAction::raise_interval:
            interval_too_brief(response, now);
            return;
        case AnswerAction::redirect:
            redirected(response, false, now);
            return;
        case AnswerAction::use_proxy:
            redirected(response, true, now);
            return;
        case AnswerAction::drop_extension:
        case AnswerAction::add_extension:
            if (changes_extensions(response, now)) {
                return;
            }
            fail(FailureKind::failed,
                 action == AnswerAction::drop_extension
                     ? describe(response)
                     : fmt::format("{} ({})", describe(response),
                                   fmt::join(option_tags(response, "Require"), ", ")),
                 now, response.retry_after());
            return;
        case AnswerAction::try_next_server: {
            const Seconds aside = response.retry_after()
                                      ? std::min(Seconds(*response.retry_after()), max_retry_after)
                                      : context_.config.timers.fake_retry_after;
            if (response.status() == 503 && aside > Seconds::zero()) {
                attempt_->servers.set_aside(*attempt_->target, now + aside);
            }
            server_failed(FailureKind::failed, describe(response), now, response.retry_after());
            return;
        }
        case AnswerAction::refused:
            authenticator_.forget();
            fail(FailureKind::refused, describe(response), now, response.retry_after());
            return;
        case AnswerAction::challenge:
        case AnswerAction::failed:
            break;
    }
    if (is_restored_ && (response.status() == 400 || response.status() == 500)) {
        // What was written down last before a crash may be older than what was sent last: the
        // registrar has seen this CSeq (RFC 3261 10.3 step 7). A fresh Call-ID begins anew.
        is_restored_ = false;
        call_id_ = make_call_id(context_.shard, interface().address.to_uri_host(), context_.random);
        cseq_ = 0;
        note("a new Call-ID, as the one from before the restart is refused", now);
        try_again(now);
        return;
    }
    if (registrant_.search_mode == RegistrarSearchMode::according_to_ims) {
        server_failed(FailureKind::failed, describe(response), now, response.retry_after());
        return;
    }
    fail(FailureKind::failed, describe(response), now, response.retry_after());
}

void Registration::challenged(const Message& response, std::string request, Instant now) {
    using Verdict = Authenticator::Verdict;
    if (ending_ && attempt_->purpose != Purpose::unbind) {
        continue_ending(now);
        return;
    }
    if (!attempt_->servers.is_configured(*attempt_->target)) {
        leave_unanswered(fmt::format("{} asks for credentials but is not configured",
                                     attempt_->target->endpoint.to_string()),
                         response, now);
        return;
    }
    const Verdict verdict =
        authenticator_.challenged(response, registrant_.credentials, context_.random);
    if (verdict == Verdict::retry) {
        try_again(now, std::move(request));
        return;
    }
    leave_unanswered(describe(verdict, describe(response)), response, now);
}

void Registration::leave_unanswered(const std::string& reason, const Message& challenge,
                                    Instant now) {
    if (attempt_->purpose == Purpose::unbind) {
        ended(reason, now);
    } else if (attempt_->purpose == Purpose::clear) {
        cleared(now);
    } else {
        fail(FailureKind::refused, reason, now, challenge.retry_after());
    }
}

void Registration::granted(const Message& response, Instant now) {
    const std::string own = request({}).contact_uri();
    auto time = plainly_granted_time(response, own, requested_);
    if (!time) {
        time = granted_time(response, *parse_uri(own),
                            extensions_.outbound ? std::string_view(*registrant_.instance_id) : "",
                            requested_);
    }
    const Milliseconds lifetime = time.value_or(Seconds(0));
    // Counted from the request, so that we never believe in it longer than the registrar does.
    const Instant end = sent_at_ + lifetime;
    if (end <= now) {
        forget_binding();
        if (ending_) {
            continue_ending(now);
        } else if (!time) {
            fail(FailureKind::failed,
                 fmt::format("{}, but our Contact is not among the bindings", describe(response)),
                 now);
        } else {
            fail(
                FailureKind::failed,
                fmt::format("{}, but the granted {} s are over", describe(response), time->count()),
                now);
        }
        return;
    }
    const bool was_up = is_bound(now) && consecutive_failures_ == 0;
    expires_at_ = end;
    granted_ = time;
    const Flow& flow = attempt_->flow;
    bound_flow_ = {flow.transport, flow.sip_interface_index, flow.local.port, flow.stream};
    attempt_->servers.bind(*attempt_->target, attempt_->redirected_to);
    up_since_ = up_since_ && was_up ? up_since_ : now;
    is_restored_ = false;
    remember_routes(response);
    context_.wheel.schedule(expiry_timer_, end);
    if (ending_) {
        continue_ending(now);
        return;
    }
    if (attempt_->raised) {
        const Seconds configured = context_.config.proxy_and_registration.registration_time;
        raised_ = {static_cast<uint32_t>(configured.count()),
                   static_cast<uint32_t>(requested_.count())};
    }
    count_durations(now);
    consecutive_failures_ = 0;
    reason_ = shown(response.reason_phrase());
    state_ = RegistrationState::registered;
    schedule_refresh(*time, now);
    keep_flow_alive(response, now);
    const auto level = was_up ? spdlog::level::debug : spdlog::level::info;
    if (context_.log.should_log(level)) {  // else its words are not even made
        context_.log.log(level, "registration  {}: REGISTERED at {} for {} s, refresh in {} s",
                         who(), answered_by_->to_string(), time->count(),
                         in_seconds(attempt_timer_.deadline() - now));
    }
    save(false);
    follow_reg_event(now);
    finish_attempt(now);
}

void Registration::count_durations(Instant now) {
    if (attempt_->first_sent_at) {
        context_.durations.latency.add(now - *attempt_->first_sent_at);
    }
    if (failing_since_) {
        context_.durations.recovery.add(now - *failing_since_);
        failing_since_.reset();
    }
}

void Registration::remember_routes(const Message& response) {
    auto routes = list_values(response, "Service-Route");
    auto identities = list_values(response, "P-Associated-URI");
    if (!extras_ && routes.empty() && identities.empty()) {
        return;
    }
    Extras& extras = own_extras();
    extras.service_route = std::move(routes);
    extras.associated_uri = identities.empty() ? "" : std::move(identities.front());
}

void Registration::keep_flow_alive(const Message& response, Instant now) {
    const auto time =
        extensions_.outbound ? keep_alive_time(response, bound_flow_.transport) : std::nullopt;
    if (!time || bound_flow_.transport != Transport::udp) {
        if (extras_) {
            extras_->flow_in_use.reset();
        }
    }
    if (!time) {
        return;
    }
    if (bound_flow_.transport == Transport::udp) {
        own_extras().flow_in_use = context_.stun_keep_alive.keep(bound_flow(), *time, now);
    } else {
        context_.connections.keep_alive(bound_flow_.stream,
                                        std::chrono::duration_cast<Seconds>(time->longest), now);
    }
}

void Registration::schedule_refresh(Seconds granted, Instant now) {
    const auto& page = context_.config.proxy_and_registration;
    const Milliseconds latest = refresh_after(granted, page, context_.config.timers, min_interval);
    const auto most_early = static_cast<uint64_t>(latest.count()) * page.refresh_jitter / 100;
    const Milliseconds early(static_cast<int64_t>(context_.random.between(0, most_early)));
    context_.wheel.schedule(attempt_timer_,
                            std::max(sent_at_ + latest - early, now + min_interval));
}

void Registration::interval_too_brief(const Message& response, Instant now) {
    const Seconds wanted(response.min_expires().value_or(0));
    // Without a useful Min-Expires one guess is made; an hour is what registrars commonly accept.
    const Seconds guess = std::max(requested_ * 2, Seconds(3600));
    const Seconds next = std::min(wanted > requested_ ? wanted : guess, max_registration_time);
    if (attempt_->raised || next <= requested_) {
        fail(FailureKind::failed,
             fmt::format("{} for {} s", describe(response), requested_.count()), now,
             response.retry_after());
        return;
    }
    attempt_->raised = true;
    requested_ = next;
    try_again(now);
}

/// RFC 3261 8.1.3.4, 21.3: to the first address given that was not asked yet in this attempt.
void Registration::redirected(const Message& response, bool as_proxy, Instant now) {
    attempt_->servers.tried(*attempt_->target);
    follow({describe(response), redirections(response), 0, as_proxy, attempt_->target->transport,
            response.retry_after()},
           now);
}

void Registration::follow(Redirection redirection, Instant now) {
    Attempt& attempt = *attempt_;
    for (; redirection.next < redirection.uris.size() && attempt.redirections < max_redirections;
         ++redirection.next) {
        const SipUri& uri = redirection.uris[redirection.next];
        const auto targets = targets_of(uri, redirection.transport, now);
        if (!targets) {
            wait_for_name(std::move(redirection), now);
            return;
        }
        const auto first = attempt.servers.redirect_to(*targets, now);
        if (!first) {
            continue;
        }
        ++attempt.redirections;
        attempt.redirected_to = redirection.as_proxy ? std::string() : host_uri(uri);
        note(fmt::format("follows {} to {}", redirection.answer, first->endpoint.to_string()), now);
        if (auto server = attempt.servers.next(now)) {
            line_up(*std::move(server), Pacer::Urgency::urgent, now);
            return;
        }
    }
    fail(FailureKind::failed, fmt::format("{} to nowhere that can be followed", redirection.answer),
         now, redirection.retry_after);
}

/// nullopt: they are being looked up.
std::optional<std::vector<Target>> Registration::targets_of(const SipUri& uri, Transport transport,
                                                            Instant now) {
    const auto& servers = context_.proxy_sets.state(registrant_.proxy_set_index).servers();
    if (auto known = target_of(uri, transport, servers)) {
        return std::vector<Target>{std::move(*known)};
    }
    const auto name = name_of(uri, registrant_.sip_interface_index);
    if (!name) {
        return std::vector<Target>();
    }
    const auto found = context_.redirection_names.find(*name, now);
    return found ? std::optional(std::vector<Target>(found->begin(), found->end())) : std::nullopt;
}

/// Others have their turn meanwhile.
void Registration::wait_for_name(Redirection redirection, Instant now) {
    std::string reason = fmt::format("{}; waits for the address of {}", redirection.answer,
                                     shown(redirection.uris[redirection.next].host));
    attempt_->waiting_redirection = std::make_unique<Redirection>(std::move(redirection));
    state_ = is_bound(now) ? RegistrationState::registered : RegistrationState::resolving;
    if (reason != reason_) {
        reason_ = std::move(reason);
        note(reason_, now);
    }
    context_.pacer.done(attempt_->ticket, now);
}

void Registration::redirection_name_known(Instant now) {
    if (waits_for_name()) {
        const auto waiting = std::exchange(attempt_->waiting_redirection, nullptr);
        follow(std::move(*waiting), now);
    }
}

bool Registration::changes_extensions(const Message& response, Instant now) {
    const auto other = extensions_.after(response, static_cast<bool>(registrant_.instance_id));
    if (!other || attempt_->extension_changes == max_extension_changes) {
        return false;
    }
    ++attempt_->extension_changes;
    extensions_ = *other;
    note(fmt::format("{}: goes on with other extensions", describe(response)), now);
    try_again(now);
    return true;
}

}  // namespace trunkline::sipstack
