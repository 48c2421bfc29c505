// What a SoakRun's registrars tell those who subscribe to their registrations (RFC 3680), and what
// becomes of it.
#include "sipstack/message/envelope.h"
#include "sipstack/registration/reg_event.h"
#include "tests/sim/soak_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trunkline::sim {

using namespace std::chrono_literals;
using sipstack::BindingEvent;
using sipstack::RegistrationState;

void SoakRun::judge_subscribe(const Departure& way, std::string_view bytes) {
    const auto envelope = sipstack::scan_envelope(bytes);
    const std::string_view to = envelope ? envelope->to : "";
    const std::size_t begin = to.find('<') + 1;
    const std::string aor(to.substr(begin, to.find('>') - begin));
    if (envelope && !subscriptions_.is_repeated(aor, envelope->branch)) {
        invariants_.subscribes(way, bytes, aor, now_);
    }
    if (const auto fault = subscriptions_.sent(way, aor, bytes, now_)) {
        invariants_.complain(*fault, aor, now_);
    }
}

void SoakRun::send_notifies(Registrar& registrar) {
    for (SentNotify& notify : registrar.server.notifier().take_notifies()) {
        // To a port that is open while it is used alone.
        const bool may_be_closed = notify.way.peer.port != appliance_endpoint().port;
        subscriptions_.expect(notify, may_be_closed);
        Datagram datagram{registrar.server.endpoint(), notify.way.peer, std::move(notify.bytes)};
        tell("is to receive", datagram);
        if (notify.way.connection != 0) {
            streams_.write(notify.way.connection, datagram.bytes);
        } else {
            transmit(std::move(datagram));
        }
    }
}

void SoakRun::trouble_subscribers(const PlannedFault& fault) {
    Registrar& registrar = *registrars_[fault.registrar];
    const auto subscribers = registrar.server.notifier().subscribers(now_);
    if (subscribers.empty() || registrar.is_stopped) {
        return;
    }
    const std::string& aor = subscribers[fault.detail % subscribers.size()];
    const uint64_t detail = fault.detail / 64;
    if (fault.fault == Fault::subscription_ended) {
        constexpr std::array<std::string_view, 6> reasons{"deactivated", "probation", "rejected",
                                                          "timeout",     "giveup",    "noresource"};
        registrar.server.notifier().end(aor, reasons[detail % reasons.size()], now_);
        met(fault.fault);
    } else {
        constexpr std::array events{BindingEvent::deactivated, BindingEvent::probation,
                                    BindingEvent::unregistered, BindingEvent::rejected,
                                    BindingEvent::expired};
        const BindingEvent event = fault.fault == Fault::binding_shortened
                                       ? BindingEvent::shortened
                                       : events[detail % events.size()];
        const std::chrono::seconds left(1 + detail % longest_retry_after.count());
        if (registrar.server.change_binding(aor, event, left, now_)) {
            met(fault.fault);
        }
    }
    send_notifies(registrar);
}

/// false: it is the answer to something else.
bool SoakRun::answers_notify(std::string_view bytes) {
    const SentNotify* notify = subscriptions_.notify_of(bytes);
    if (notify == nullptr) {
        return false;
    }
    const bool is_repeated = subscriptions_.is_answered(*notify);
    const bool is_subscriber =
        std::ranges::any_of(config_.accounts, &sipstack::Account::reg_event_package_subscription);
    if (const auto fault = subscriptions_.answered(*notify, bytes, is_subscriber, now_)) {
        invariants_.complain(*fault, notify->aor, now_);
    }
    const bool is_taken = !is_repeated && sipstack::scan_envelope(bytes)->status == 200;
    if (is_taken && notify->event && at_rest_ == notify->aor) {
        invariants_.shortened(
            notify->aor, *notify->event == BindingEvent::shortened ? now_ + notify->left : now_);
    }
    return true;
}

/// An answer to a request of the registrar's own: nobody else sends any but the NOTIFYs.
void SoakRun::hear_of_notify(Registrar& registrar, std::string_view answer) {
    const SentNotify* notify = subscriptions_.notify_of(answer);
    if (notify != nullptr && sipstack::scan_envelope(answer)->status == 481) {
        registrar.server.notifier().forget(notify->call_id);
    }
}

/// Whoever is at rest, with a binding of who sends that, believes a NOTIFY.
void SoakRun::see_who_rests(const Datagram& datagram, const std::string& aor) {
    at_rest_.clear();
    const auto found = rows_.find(aor);
    if (!datagram.bytes.starts_with("NOTIFY") || found == rows_.end()) {
        return;
    }
    const auto& [shard, at] = found->second;
    const auto row = shards_[shard]->registration_status(at, now_);
    if (row.state == RegistrationState::registered && row.next_attempt_in.value_or(0ms) > 0ms &&
        row.answered_by == datagram.from.to_string()) {
        at_rest_ = aor;
    }
}

/// Whatever has become of its subscription, each tries again within these times.
void SoakRun::expect_all_subscribed() {
    if (!scenario_.ends_subscribed || !invariants_.violations().empty()) {
        return;
    }
    run_until(now_ + 2 * sipstack::RegEventSubscription::refused_retry + 2 * timer_f +
              pacing_bound() + slack);
    for (const auto& [aor, place] : rows_) {
        const auto row = shards_[place.first]->registration_status(place.second, now_);
        if (!row.subscription.empty() && row.subscription != "active") {
            invariants_.complain(fmt::format("its subscription does not run: {}", row.subscription),
                                 aor, now_);
        }
    }
}

}  // namespace trunkline::sim
