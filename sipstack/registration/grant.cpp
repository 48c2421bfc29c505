#include "sipstack/registration/grant.h"

#include "sipstack/message/lexical.h"
#include "sipstack/registration/answer.h"

#include <algorithm>

namespace trunkline::sipstack {
namespace {

bool is_instance(const Contact& contact, std::string_view instance) {
    return !instance.empty() && contact.reg_id == 1 && contact.instance == instance;
}

const Contact* find_own(const std::vector<Contact>& contacts, const SipUri& own,
                        std::string_view instance) {
    for (const Contact& contact : contacts) {
        if (is_instance(contact, instance)) {
            return &contact;
        }
    }
    const auto found = std::find_if(contacts.begin(), contacts.end(), [&](const Contact& contact) {
        return !contact.star && equivalent(contact.uri, own);
    });
    if (found != contacts.end()) {
        return &*found;
    }
    const bool is_rewritten =
        contacts.size() == 1 && !contacts.front().star && contacts.front().uri.user == own.user;
    return is_rewritten ? &contacts.front() : nullptr;
}

Seconds lifetime(std::optional<uint32_t> of_contact, const Message& response, Seconds requested) {
    if (!of_contact) {
        of_contact = response.expires();
    }
    return std::min(of_contact ? Seconds(*of_contact) : requested, max_registration_time);
}

}  // namespace

std::optional<Seconds> granted_time(const Message& response, const SipUri& own,
                                    std::string_view instance, Seconds requested) {
    const std::vector<Contact> contacts = response.contacts();
    const Contact* binding = find_own(contacts, own, instance);
    if (binding == nullptr) {
        return std::nullopt;
    }
    return lifetime(binding->expires, response, requested);
}

std::optional<Seconds> plainly_granted_time(const Message& response, std::string_view own,
                                            Seconds requested) {
    const auto rows = response.rows("Contact");
    if (rows.size() != 1) {
        return std::nullopt;
    }
    const std::string_view row = rows.front();
    const bool is_own_alone = row.starts_with('<') && row.substr(1).starts_with(own) &&
                              row.substr(1 + own.size()).starts_with('>') && !row.contains(',');
    if (!is_own_alone) {
        return std::nullopt;
    }
    const auto expires = header_parameter(row, "expires");
    return lifetime(expires ? std::optional(parse_seconds(*expires)) : std::nullopt, response,
                    requested);
}

Milliseconds refresh_after(Seconds granted, const ProxyAndRegistration& page,
                           const TimerSettings& timers, Milliseconds min_interval) {
    const Milliseconds lifetime = granted;
    Milliseconds refresh = lifetime * page.re_registration_timing / 100;
    const Milliseconds threshold = page.registration_time_threshold;
    if (threshold > Milliseconds::zero() && threshold < refresh) {
        refresh = lifetime - threshold;
    }
    const Milliseconds room_for_a_transaction = timers.t1 * 64 + std::chrono::seconds(1);
    const Milliseconds latest = std::max(lifetime / 2, lifetime - room_for_a_transaction);
    return std::max(std::min(refresh, latest), min_interval);
}

std::optional<KeepAliveTime> keep_alive_time(const Message& response, Transport transport) {
    const auto rows = response.rows("Flow-Timer");
    if (!rows.empty() && parse_number(rows.front()).value_or(0) != 0) {
        const Milliseconds longest =
            std::min(Seconds(parse_seconds(rows.front())), max_registration_time);
        return KeepAliveTime{longest * 8 / 10, longest};
    }
    const auto required = option_tags(response, "Require");
    if (std::ranges::find(required, "outbound") == required.end()) {
        return std::nullopt;
    }
    return transport == Transport::udp ? udp_keep_alive_time
                                       : KeepAliveTime{Seconds(96), Seconds(120)};
}

}  // namespace trunkline::sipstack
