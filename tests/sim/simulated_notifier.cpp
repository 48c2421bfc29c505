#include "tests/sim/simulated_notifier.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sim {
namespace {

std::string in_brackets(std::string_view row) {
    const std::size_t begin = row.find('<') + 1;
    return std::string(row.substr(begin, row.find('>') - begin));
}

std::string document(uint64_t version, bool full, std::string_view aor, std::string_view state,
                     std::string_view contacts) {
    return fmt::format(
        "<?xml version=\"1.0\"?>\n<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
        "version=\"{}\" state=\"{}\">\n<registration aor=\"{}\" id=\"r\" state=\"{}\">\n{}"
        "</registration>\n</reginfo>\n",
        version, full ? "full" : "partial", aor, state, contacts);
}

}  // namespace

SimulatedNotifier::SimulatedNotifier(dataplane::Endpoint endpoint, uint64_t seed)
    : endpoint_(endpoint), random_(sipstack::Random::seed_from(seed)) {}

bool SimulatedNotifier::knows(const sipstack::Message& subscribe) const {
    return subscriptions_.contains(std::string(subscribe.call_id()));
}

bool SimulatedNotifier::subscribed(const sipstack::Message& subscribe, const ReturnWay& way,
                                   std::chrono::seconds granted,
                                   const std::vector<NotifiedContact>& contacts, Instant now) {
    const std::string call_id(subscribe.call_id());
    Subscription& subscription = subscriptions_[call_id];
    if (subscription.cseq >= subscribe.cseq()) {
        return false;
    }
    subscription.way = way;
    subscription.aor = in_brackets(subscribe.rows("To").at(0));
    subscription.remote_tag = subscribe.from_tag();
    subscription.contact = in_brackets(subscribe.rows("Contact").at(0));
    subscription.cseq = subscribe.cseq();
    subscription.until = now + granted;
    std::string rows;
    for (const NotifiedContact& contact : contacts) {
        rows += fmt::format(
            "<contact id=\"c{}\" state=\"active\" event=\"registered\" expires=\"{}\">"
            "<uri>{}</uri></contact>\n",
            rows.size(), contact.left.count(), contact.uri);
    }
    const std::string full = document(++subscription.version, true, subscription.aor,
                                      contacts.empty() ? "init" : "active", rows);
    if (granted == std::chrono::seconds(0)) {
        notify(call_id, subscription, "terminated;reason=timeout", full);
        subscriptions_.erase(call_id);
    } else {
        notify(call_id, subscription, fmt::format("active;expires={}", granted.count()), full);
    }
    return true;
}

std::vector<std::string> SimulatedNotifier::subscribers(Instant now) const {
    std::vector<std::string> aors;
    for (const auto& [call_id, subscription] : subscriptions_) {
        if (subscription.until > now) {
            aors.push_back(subscription.aor);
        }
    }
    // Call-IDs are random, and what is chosen of them is to be repeated.
    std::ranges::sort(aors);
    return aors;
}

bool SimulatedNotifier::has_subscriber(const std::string& aor, Instant now) const {
    return std::ranges::any_of(subscriptions_, [&](const auto& known) {
        return known.second.aor == aor && known.second.until > now;
    });
}

void SimulatedNotifier::tell(const std::string& aor, const NotifiedContact& contact,
                             sipstack::BindingEvent event, std::chrono::seconds retry_after,
                             Instant now) {
    const bool is_shortened = event == sipstack::BindingEvent::shortened;
    const std::string times = is_shortened ? fmt::format(" expires=\"{}\"", contact.left.count())
                              : event == sipstack::BindingEvent::probation
                                  ? fmt::format(" retry-after=\"{}\"", retry_after.count())
                                  : "";
    const std::string row =
        fmt::format("<contact id=\"c0\" state=\"{}\" event=\"{}\"{}><uri>{}</uri></contact>\n",
                    is_shortened ? "active" : "terminated", to_string(event), times, contact.uri);
    for (auto& [call_id, subscription] : subscriptions_) {
        if (subscription.aor != aor || subscription.until <= now) {
            continue;
        }
        SentNotify& sent = notify(call_id, subscription, "active",
                                  document(++subscription.version, false, aor,
                                           is_shortened ? "active" : "terminated", row));
        sent.event = event;
        sent.left = contact.left;
    }
}

void SimulatedNotifier::end(const std::string& aor, std::string_view reason, Instant now) {
    for (auto known = subscriptions_.begin(); known != subscriptions_.end();) {
        auto& [call_id, subscription] = *known;
        if (subscription.aor != aor || subscription.until <= now) {
            ++known;
            continue;
        }
        notify(call_id, subscription, fmt::format("terminated;reason={}", reason), {});
        known = subscriptions_.erase(known);
    }
}

SentNotify& SimulatedNotifier::notify(const std::string& call_id, Subscription& subscription,
                                      std::string_view state, std::string_view document) {
    const std::string branch = "z9hG4bKnotify" + random_.hex(16);
    const std::string body_type =
        document.empty() ? "" : "Content-Type: application/reginfo+xml\r\n";
    ++subscription.notify_cseq;
    std::string bytes = fmt::format(
        "NOTIFY {} SIP/2.0\r\nVia: SIP/2.0/{} {};branch={};rport\r\nMax-Forwards: 70\r\n"
        "From: <{}>;tag=registrar\r\nTo: <{}>;tag={}\r\nCall-ID: {}\r\nCSeq: {} NOTIFY\r\n"
        "Contact: <sip:{}>\r\nEvent: reg\r\nSubscription-State: {}\r\n{}Content-Length: "
        "{}\r\n\r\n{}",
        subscription.contact, subscription.way.connection == 0 ? "UDP" : "TCP",
        endpoint_.to_string(), branch, subscription.aor, subscription.aor, subscription.remote_tag,
        call_id, subscription.notify_cseq, endpoint_.to_string(), state, body_type, document.size(),
        document);
    return notifies_.emplace_back(subscription.way, std::move(bytes), branch, subscription.aor,
                                  call_id, subscription.notify_cseq);
}

}  // namespace trunkline::sim
