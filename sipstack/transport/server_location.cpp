#include "sipstack/transport/server_location.h"

#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace trunkline::sipstack {

namespace {

using dataplane::IpAddress;
using State = DnsKnowledge::State;

std::string_view uri_parameter(Transport transport) {
    switch (transport) {
        case Transport::udp:
            return "udp";
        case Transport::tcp:
            return "tcp";
        case Transport::tls:
            return "tls";
    }
    return "?";
}

/// RFC 3263 4.1: the SRV name of a transport.
std::string srv_name(Transport transport, const std::string& host) {
    switch (transport) {
        case Transport::udp:
            return "_sip._udp." + host;
        case Transport::tcp:
            return "_sip._tcp." + host;
        case Transport::tls:
            break;
    }
    return "_sips._tcp." + host;
}

std::optional<Transport> transport_of_service(std::string_view services) {
    if (equal_nocase(services, "SIP+D2U")) {
        return Transport::udp;
    }
    if (equal_nocase(services, "SIP+D2T")) {
        return Transport::tcp;
    }
    if (equal_nocase(services, "SIPS+D2T")) {
        return Transport::tls;
    }
    return std::nullopt;
}

/// One pass.
class Locator {
public:
    Locator(const ServerAddress& address, const DnsLookUp& look_up)
        : address_(address), look_up_(look_up) {}

    ServerLocation locate() {
        const auto& configured = address_.configured;
        const Transport transport = configured.transport.value_or(address_.default_transport);
        if (const auto numeric = IpAddress::parse(configured.host)) {
            by_number(*numeric, transport);
        } else if (configured.port || address_.method == DnsResolveMethod::a_record) {
            by_host(transport);
        } else if (address_.method == DnsResolveMethod::naptr && !configured.transport) {
            by_naptr(transport);
        } else {
            by_srv_or_host(transport);
        }
        if (location_.targets.empty() && location_.complete && location_.failure.empty()) {
            location_.failure = denial_;
        }
        return std::move(location_);
    }

private:
    /// Where a way of looking led.
    enum class Outcome : uint8_t {
        found,    ///< there are targets, there is no service, or an answer is awaited
        nothing,  ///< no record to follow
        dead_end  ///< records that lead to no address
    };

    void by_number(const IpAddress& numeric, Transport transport) {
        location_.resolved_by = "numeric address";
        if (numeric.family != address_.family) {
            denial_ = "the SIP interface has no address of that family";
            return;
        }
        add(numeric, port_or_default(transport), transport, 0, address_.configured.weight);
    }

    uint16_t port_or_default(Transport transport) const {
        const auto fallback =
            static_cast<uint16_t>(address_.default_port + (transport == Transport::tls ? 1 : 0));
        return address_.configured.port.value_or(fallback);
    }

    Outcome by_host(Transport transport) { return by_name(address_.configured.host, transport); }

    /// RFC 3263 4.2: A or AAAA alone, the default port.
    Outcome by_name(const std::string& name, Transport transport) {
        const DnsQuestion question = address_question(name);
        const auto known = ask(question);
        if (known.state == State::asking) {
            return Outcome::found;
        }
        add_addresses(known, port_or_default(transport), transport, 0, address_.configured.weight);
        if (location_.targets.empty()) {
            return Outcome::nothing;
        }
        location_.resolved_by = question.to_string();
        return Outcome::found;
    }

    void by_srv_or_host(Transport transport) {
        if (by_srv(srv_name(transport, address_.configured.host), transport) == Outcome::nothing) {
            by_host(transport);
        }
    }

    /// RFC 3263 4.1. The lowest order that has a service for us decides, and nothing behind it
    /// (RFC 3403 4.1).
    void by_naptr(Transport fallback) {
        const auto known = ask({address_.configured.host, DnsType::naptr});
        if (known.state == State::asking) {
            return;
        }
        const auto services = usable_services(known);
        for (const auto& [record, transport] : services) {
            const Outcome outcome = equal_nocase(record->flags, "s")
                                        ? by_srv(record->replacement, transport)
                                        : by_name(record->replacement, transport);
            if (outcome == Outcome::found) {
                return;
            }
        }
        if (services.empty()) {
            by_srv_or_host(fallback);
        } else {
            by_host(services.front().second);
        }
    }

    using Service = std::pair<const NaptrRecord*, Transport>;

    std::vector<Service> usable_services(const DnsKnowledge& known) const {
        std::vector<Service> services;
        for (const auto& record : records(known)) {
            const auto* naptr = std::get_if<NaptrRecord>(&record);
            const auto transport = naptr == nullptr ? std::nullopt : usable_transport(*naptr);
            if (transport && services.size() < max_host_names) {
                services.emplace_back(naptr, *transport);
            }
        }
        std::ranges::stable_sort(services, {}, [](const Service& service) {
            return std::pair(service.first->order, service.first->preference);
        });
        if (!services.empty()) {
            const uint16_t lowest = services.front().first->order;
            std::erase_if(services, [lowest](const Service& service) {
                return service.first->order != lowest;
            });
        }
        return services;
    }

    std::optional<Transport> usable_transport(const NaptrRecord& record) const {
        const bool leads_on = equal_nocase(record.flags, "s") || equal_nocase(record.flags, "a");
        const auto transport = transport_of_service(record.services);
        if (!leads_on || !transport || record.replacement.empty() || !record.regexp.empty() ||
            std::ranges::find(address_.transports, *transport) == address_.transports.end()) {
            return std::nullopt;
        }
        // DNS is not trusted to take TLS away.
        if (address_.default_transport == Transport::tls && *transport != Transport::tls) {
            return std::nullopt;
        }
        return transport;
    }

    /// RFC 2782.
    Outcome by_srv(const std::string& name, Transport transport) {
        const DnsQuestion question{name, DnsType::srv};
        const auto known = ask(question);
        if (known.state == State::asking) {
            return Outcome::found;
        }
        const auto hosts = sorted_hosts(known);
        if (hosts.empty()) {
            return location_.no_service ? Outcome::found : Outcome::nothing;
        }
        std::size_t names = 0;
        const std::string* last = nullptr;
        for (const auto* host : hosts) {
            if (last == nullptr || !equal_nocase(*last, host->target)) {
                last = &host->target;
                if (++names > max_host_names) {
                    break;
                }
            }
            add_addresses(ask(address_question(host->target)), host->port, transport,
                          host->priority, host->weight);
        }
        if (location_.targets.empty() && location_.complete) {
            return Outcome::dead_end;
        }
        location_.by_srv = true;
        location_.resolved_by = question.to_string();
        return Outcome::found;
    }

    /// Those that offer the service, the lowest priority first. Says so when none does.
    std::vector<const SrvRecord*> sorted_hosts(const DnsKnowledge& known) {
        std::vector<const SrvRecord*> hosts;
        std::size_t without_service = 0;
        for (const auto& record : records(known)) {
            const auto* host = std::get_if<SrvRecord>(&record);
            if (host != nullptr && host->target.empty()) {
                ++without_service;
            } else if (host != nullptr && host->port != 0) {
                hosts.push_back(host);
            }
        }
        if (hosts.empty() && without_service != 0) {
            location_.no_service = true;
            denial_ = "SRV says that the service is not available";
        }
        std::ranges::stable_sort(hosts, {}, &SrvRecord::priority);
        return hosts;
    }

    DnsQuestion address_question(const std::string& name) const {
        return {name, address_.family == IpAddress::Family::v6 ? DnsType::aaaa : DnsType::a};
    }

    static std::span<const DnsRecord> records(const DnsKnowledge& known) {
        return known.state == State::answered ? std::span<const DnsRecord>(known.answer->records)
                                              : std::span<const DnsRecord>();
    }

    DnsKnowledge ask(const DnsQuestion& question) {
        auto& asked = location_.questions;
        if (std::ranges::find(asked, question) == asked.end()) {
            asked.push_back(question);
        }
        const auto known = look_up_(question);
        if (known.state == State::asking) {
            location_.complete = false;
        } else if (!known.failure.empty()) {
            location_.failure = fmt::format("{}: {}", question.to_string(), known.failure);
            location_.dns_failed = true;
        } else if (known.state == State::answered && known.answer->records.empty()) {
            denial_ = fmt::format(
                "{}: {}", question.to_string(),
                known.answer->name_exists ? "no such record" : "the name does not exist");
        }
        if (known.state == State::answered && !known.answer->records.empty()) {
            location_.answered_at =
                std::min(location_.answered_at.value_or(known.answered_at), known.answered_at);
            location_.valid_until =
                std::min(location_.valid_until.value_or(known.valid_until), known.valid_until);
        }
        return known;
    }

    void add_addresses(const DnsKnowledge& known, uint16_t port, Transport transport,
                       uint16_t priority, uint16_t weight) {
        std::size_t count = 0;
        for (const auto& record : records(known)) {
            const auto* address = std::get_if<IpAddress>(&record);
            if (address != nullptr && count++ < max_addresses_of_name) {
                add(*address, port, transport, priority, weight);
            }
        }
    }

    void add(const IpAddress& address, uint16_t port, Transport transport, uint16_t priority,
             uint16_t weight) {
        location_.targets.push_back(
            {{address, port}, transport, priority, weight, address_.configured.host});
    }

    const ServerAddress& address_;
    const DnsLookUp& look_up_;
    ServerLocation location_;
    std::string denial_;  ///< the last "no"
};

/// Puts targets behind one another and counts their levels.
class Levels {
public:
    void add(const LocatedAddress& address) {
        const uint16_t configured = address.address().configured.priority;
        bool first_of_row = true;
        for (const auto& target : address.targets()) {
            const bool same = last_ && last_->configured == configured &&
                              (first_of_row ? !last_->by_srv && !address.by_srv()
                                            : last_->dns_priority == target.priority);
            if (last_ && !same && level_ < std::numeric_limits<uint16_t>::max()) {
                ++level_;
            }
            last_ = Last{configured, target.priority, address.by_srv()};
            first_of_row = false;
            push(target);
        }
    }

    std::vector<Target> take() { return std::move(targets_); }

private:
    struct Last {
        uint16_t configured;
        uint16_t dns_priority;
        bool by_srv;
    };

    void push(const Target& target) {
        if (seen_.emplace(target.endpoint, target.transport).second) {
            targets_.push_back(target);
            targets_.back().priority = level_;
        }
    }

    std::vector<Target> targets_;
    std::set<std::pair<dataplane::Endpoint, Transport>> seen_;
    std::optional<Last> last_;
    uint16_t level_ = 0;
};

}  // namespace

ServerAddress ServerAddress::of(const Config& config, const SipInterface& sip_interface,
                                ProxyAddress configured, DnsResolveMethod method) {
    ServerAddress address{std::move(configured),        method,
                          config.transport_type,        config.destination_port,
                          sip_interface.address.family, {}};
    for (const auto transport : {Transport::udp, Transport::tcp, Transport::tls}) {
        if (sip_interface.port(transport) != 0) {
            address.transports.push_back(transport);
        }
    }
    return address;
}

std::string ServerAddress::to_string() const {
    const auto numeric = IpAddress::parse(configured.host);
    std::string text = numeric ? numeric->to_uri_host() : configured.host;
    if (configured.port) {
        text += fmt::format(":{}", *configured.port);
    }
    if (configured.transport) {
        text += fmt::format(";transport={}", uri_parameter(*configured.transport));
    }
    return text;
}

ServerLocation locate_servers(const ServerAddress& address, const DnsLookUp& look_up) {
    return Locator(address, look_up).locate();
}

void LocatedAddress::update(const DnsLookUp& look_up, Instant now) {
    location_ = locate_servers(address_, look_up);
    if (!location_.complete) {
        return;
    }
    settled_ = true;
    const bool leads_somewhere = !location_.targets.empty() || location_.no_service;
    if (leads_somewhere) {
        targets_ = location_.targets;
        by_srv_ = location_.by_srv;
        good_until_ = location_.valid_until.value_or(Instant::max() - keep_) + keep_;
    } else if (now >= good_until_) {
        targets_.clear();
    }
    kept_ = !leads_somewhere && !targets_.empty();
}

std::vector<Target> in_order_of_preference(std::span<const LocatedAddress* const> addresses) {
    std::vector<const LocatedAddress*> rows(addresses.begin(), addresses.end());
    std::ranges::stable_sort(
        rows, {}, [](const LocatedAddress* row) { return row->address().configured.priority; });
    Levels levels;
    for (const auto* row : rows) {
        levels.add(*row);
    }
    return levels.take();
}

}  // namespace trunkline::sipstack
