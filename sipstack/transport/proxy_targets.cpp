#include "sipstack/transport/proxy_targets.h"

#include <algorithm>
#include <utility>

namespace trunkline::sipstack {

namespace {

/// RFC 3261 19.1.2: the port of a transport when none is given.
uint16_t default_port(Transport transport) {
    return transport == Transport::tls ? 5061 : 5060;
}

}  // namespace

void ProxyTargets::HostList::tell() const {
    std::vector<ProxySetTargets::Target> targets;
    for (const auto& host : hosts) {
        const auto& configured = host.configured;
        for (const auto& address : host.addresses) {
            if (address.family == family) {
                const Transport transport = configured.transport.value_or(Transport::udp);
                const uint16_t port = configured.port.value_or(default_port(transport));
                targets.push_back({{address, port}, transport});
            }
        }
    }
    changed(std::move(targets));
}

ProxyTargets::ProxyTargets(const Config& config, NameResolver& resolver, Listener listener)
    : resolver_(resolver), refresh_(config.proxy_and_registration.proxy_ip_list_refresh_time) {
    for (std::size_t i = 0; i < config.proxy_sets.size(); ++i) {
        const auto& set = config.proxy_sets[i];
        add(set.addresses, config.sip_interfaces[set.sip_interface_index].address.family,
            [i, tell = listener.proxy_set](std::vector<ProxySetTargets::Target> targets) {
                tell({static_cast<uint16_t>(i), std::move(targets)});
            });
    }
    if (const auto& registrar = config.proxy_and_registration.registrar) {
        // The gateway registers from the first SIP interface.
        add({*registrar}, config.sip_interfaces.front().address.family,
            [tell = listener.registrar](std::vector<ProxySetTargets::Target> targets) {
                tell({std::move(targets)});
            });
    }
}

void ProxyTargets::add(std::vector<ProxyAddress> addresses, dataplane::IpAddress::Family family,
                       std::function<void(std::vector<ProxySetTargets::Target>)> changed) {
    auto list = std::make_unique<HostList>();
    list->family = family;
    list->changed = std::move(changed);
    for (auto& address : addresses) {
        list->hosts.push_back({std::move(address), {}});
    }
    lists_.push_back(std::move(list));
    for (std::size_t i = 0; i < lists_.back()->hosts.size(); ++i) {
        resolve(*lists_.back(), i);
    }
}

void ProxyTargets::resolve(HostList& list, std::size_t position) {
    auto& host = list.hosts[position];
    if (const auto numeric = dataplane::IpAddress::parse(host.configured.host)) {
        host.addresses = {*numeric};
        list.tell();
        return;
    }
    resolver_.follow(host.configured.host, refresh_,
                     [&list, &host](const std::vector<dataplane::IpAddress>& addresses) {
                         host.addresses = addresses;
                         list.tell();
                     });
}

}  // namespace trunkline::sipstack
