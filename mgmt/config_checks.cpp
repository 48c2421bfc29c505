#include "mgmt/config_checks.h"

#include "board/model.h"
#include "sipstack/registration/registrants.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace trunkline::mgmt {

namespace {

using dataplane::IpAddress;
using dataplane::IpPrefix;

/// The node at "a.b[2].c", or the deepest one on the way there.
const YamlNode& node_at(const YamlNode& root, std::string_view path) {
    const YamlNode* node = &root;
    while (!path.empty()) {
        const YamlNode* next = nullptr;
        if (path.front() == '[') {
            std::size_t index = 0;
            const std::size_t close = std::min(path.find(']'), path.size() - 1);
            std::from_chars(path.data() + 1, path.data() + close, index);
            next = index < node->items.size() ? node->items[index].get() : nullptr;
            path.remove_prefix(close + 1);
        } else {
            const std::size_t end = std::min(path.find_first_of(".["), path.size());
            next = node->find(path.substr(0, end));
            path.remove_prefix(end);
        }
        if (next == nullptr) {
            break;
        }
        node = next;
        if (path.starts_with('.')) {
            path.remove_prefix(1);
        }
    }
    return *node;
}

/// All bits after the prefix equal: 0 is the network itself, 1 the broadcast address.
bool host_bits_are(const IpPrefix& prefix, bool ones) {
    const unsigned bits = prefix.address.is_v4() ? 32 : 128;
    for (unsigned bit = prefix.length; bit < bits; ++bit) {
        const bool set = (prefix.address.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
        if (set != ones) {
            return false;
        }
    }
    return true;
}

bool is_loopback(const IpAddress& address) {
    const bool v6_loopback = address.is_v6() && address.to_string() == "::1";
    return v6_loopback || (address.is_v4() && address.bytes[0] == 127);
}

bool is_unspecified(const IpAddress& address) {
    return std::all_of(address.bytes.begin(), address.bytes.end(),
                       [](uint8_t byte) { return byte == 0; });
}

class Checks {
public:
    Checks(ApplianceConfig& config, const YamlNode& root, FaultCollector& faults)
        : config_(config), root_(root), faults_(faults) {}

    void run() {
        check_model();
        check_ethernet_devices();
        check_ip_interfaces();
        check_neighbours();
        check_sip_interfaces();
        check_proxy_addresses();
        check_trunk_group_settings();
        check_timers();
        check_registrants();
    }

private:
    void complain(const std::string& path, std::string found, std::string allowed,
                  std::string advice = "") {
        faults_.add(node_at(root_, path), path, std::move(found), std::move(allowed),
                    std::move(advice));
    }

    /// Whether these values were read; if not, what depends on them is not judged.
    bool right(std::initializer_list<std::string> paths) const {
        return std::none_of(paths.begin(), paths.end(),
                            [&](const std::string& path) { return faults_.has_fault_at(path); });
    }

    void check_model() {
        if (!right({"appliance.model"})) {
            return;
        }
        const auto model = board::load_model(config_.board.model);
        if (!model) {
            const std::vector<std::string> names = board::model_names();
            complain("appliance.model", in_quotes(config_.board.model), list_names(names),
                     faults_.nearest(config_.board.model, names));
            return;
        }
        if (!right({"ip_network.physical_ports", "ip_network.ethernet_groups"})) {
            return;
        }
        for (const board::Error& error : board::check_against_model(config_.board, *model)) {
            // "PATH: what is wrong"
            const std::size_t colon = error.message.find(": ");
            const bool has_path =
                error.message.starts_with("ip_network.") && colon != std::string::npos;
            const std::string path = has_path ? error.message.substr(0, colon) : "ip_network";
            complain(path, has_path ? error.message.substr(colon + 2) : error.message, "");
        }
    }

    void check_ethernet_devices() {
        std::map<std::string, std::string> devices_of_groups;
        for (std::size_t at = 0; at < config_.network.ethernet_devices.size(); ++at) {
            const auto& device = config_.network.ethernet_devices[at];
            const std::string path = fmt::format("ip_network.ethernet_devices[{}]", at);
            if (!right({path})) {
                continue;
            }
            const auto [known, is_new] = devices_of_groups.emplace(device.underlying, device.name);
            if (!is_new) {
                complain(path + ".underlying", in_quotes(device.underlying),
                         "one untagged device a group",
                         fmt::format("'{}' stands on it already", known->second));
            }
        }
    }

    void check_ip_interfaces() {
        std::map<IpAddress, std::string> names_of_addresses;
        for (std::size_t at = 0; at < config_.network.ip_interfaces.size(); ++at) {
            const auto& interface = config_.network.ip_interfaces[at];
            const std::string path = fmt::format("ip_network.ip_interfaces[{}]", at);
            if (!right({path + ".address"}) || !interface.address.address.is_set()) {
                continue;
            }
            const IpAddress& address = interface.address.address;
            check_own_address(interface.address, path + ".address");
            check_gateway(interface, path + ".gateway");
            check_mtu(interface, path + ".device");
            const auto [known, is_new] = names_of_addresses.emplace(address, interface.name);
            if (!is_new) {
                complain(path + ".address", address.to_string(), "each address once",
                         fmt::format("'{}' has it already", known->second));
            }
        }
    }

    void check_own_address(const IpPrefix& prefix, const std::string& path) {
        const IpAddress& address = prefix.address;
        const std::string found = prefix.to_string();
        if (is_unspecified(address) || address.is_multicast() || is_loopback(address)) {
            complain(path, found, "a unicast address of the network, no loopback address");
            return;
        }
        const unsigned most = address.is_v4() ? 32 : 128;
        if (prefix.length == 0) {
            complain(path, found, fmt::format("a prefix length of 1..{}", most));
            return;
        }
        // A /31 has neither (RFC 3021), a /32 and a /128 are a host alone.
        if (prefix.length + 1U >= most) {
            return;
        }
        if (host_bits_are(prefix, false)) {
            complain(path, found, "an address of a host", "this one is the network's own");
        } else if (address.is_v4() && host_bits_are(prefix, true)) {
            complain(path, found, "an address of a host", "this one is the broadcast address");
        }
    }

    void check_gateway(const dataplane::IpInterface& interface, const std::string& path) {
        if (!interface.gateway || !right({path})) {
            return;
        }
        const IpAddress& gateway = *interface.gateway;
        const std::string on_link = "an address within " + interface.address.to_string();
        if (gateway.family != interface.address.address.family) {
            complain(path, gateway.to_string(), on_link, "the address families differ");
        } else if (gateway == interface.address.address) {
            complain(path, gateway.to_string(), on_link, "this one is the interface's own");
        } else if (!interface.address.contains(gateway) &&
                   !(gateway.is_v6() && gateway.is_link_local())) {
            complain(path, gateway.to_string(), on_link);
        }
    }

    void check_mtu(const dataplane::IpInterface& interface, const std::string& path) {
        constexpr uint16_t least_for_ipv6 = 1280;  // RFC 8200 5
        const auto device = std::find_if(
            config_.network.ethernet_devices.begin(), config_.network.ethernet_devices.end(),
            [&](const auto& candidate) { return candidate.name == interface.device; });
        if (device != config_.network.ethernet_devices.end() && interface.address.address.is_v6() &&
            device->mtu < least_for_ipv6) {
            complain(path, fmt::format("'{}' with an MTU of {}", device->name, device->mtu),
                     fmt::format("a device with an MTU of at least {}", least_for_ipv6),
                     "IPv6 needs it");
        }
    }

    void check_neighbours() {
        const std::string table = "ip_network.static_neighbours";
        const auto& neighbours = config_.network.static_neighbours;
        if (!neighbours.empty() && config_.network.kernel_twin == dataplane::KernelTwin::tap &&
            right({"ip_network.kernel_twin"})) {
            complain(table, fmt::format("{} rows", neighbours.size()), "none with kernel_twin: tap",
                     "take them out or set kernel_twin: none");
            return;
        }
        std::set<std::pair<std::string, IpAddress>> known;
        for (std::size_t at = 0; at < neighbours.size(); ++at) {
            const std::string path = fmt::format("{}[{}]", table, at);
            if (!right({path, "ip_network.ip_interfaces"})) {
                continue;
            }
            const auto& neighbour = neighbours[at];
            if (!known.emplace(neighbour.device, neighbour.address).second) {
                complain(path + ".address", neighbour.address.to_string() + " a second time",
                         "each address of a device once");
            }
            const bool on_link =
                std::any_of(config_.network.ip_interfaces.begin(),
                            config_.network.ip_interfaces.end(), [&](const auto& interface) {
                                return interface.device == neighbour.device &&
                                       interface.address.contains(neighbour.address);
                            });
            if (!on_link) {
                complain(path + ".address", neighbour.address.to_string(),
                         "an address within the prefix of an IP interface on " +
                             in_quotes(neighbour.device));
            }
            if (neighbour.mac.is_zero() || neighbour.mac.is_group()) {
                complain(path + ".mac", neighbour.mac.to_string(),
                         "the MAC address of one station");
            }
        }
    }

    void check_sip_interfaces() {
        std::map<std::pair<IpAddress, uint16_t>, std::string> names_of_ports;
        for (std::size_t at = 0; at < config_.sip.sip_interfaces.size(); ++at) {
            auto& interface = config_.sip.sip_interfaces[at];
            const std::string path = fmt::format("signaling_and_media.sip_interfaces[{}]", at);
            if (!right({path + ".network_interface", path + ".udp_port"}) ||
                interface.ip_interface_index >= config_.network.ip_interfaces.size()) {
                continue;
            }
            const auto& below = config_.network.ip_interfaces[interface.ip_interface_index];
            const std::string below_path =
                fmt::format("ip_network.ip_interfaces[{}]", interface.ip_interface_index);
            if (right({below_path + ".application_types"}) &&
                !below.carries(dataplane::ApplicationType::control)) {
                complain(path + ".network_interface", in_quotes(below.name),
                         "an IP interface whose application_types have control");
            }
            if (!right({below_path + ".address"}) || !below.address.address.is_set()) {
                continue;
            }
            interface.address = below.address.address;
            const auto [known, is_new] = names_of_ports.emplace(
                std::pair(interface.address, interface.udp_port), interface.name);
            if (!is_new) {
                complain(path + ".udp_port", fmt::format("{}", interface.udp_port),
                         "each port of an address once",
                         fmt::format("'{}' listens on it already", known->second));
            }
        }
    }

    void check_proxy_addresses() {
        for (std::size_t at = 0; at < config_.sip.proxy_sets.size(); ++at) {
            const auto& set = config_.sip.proxy_sets[at];
            const std::string path = fmt::format("signaling_and_media.proxy_sets[{}]", at);
            if (!right({path}) || set.sip_interface_index >= config_.sip.sip_interfaces.size()) {
                continue;
            }
            const IpAddress& own = config_.sip.sip_interfaces[set.sip_interface_index].address;
            for (std::size_t row = 0; row < set.addresses.size(); ++row) {
                check_proxy_address(set.addresses[row], own,
                                    fmt::format("{}.proxy_addresses[{}].address", path, row));
            }
        }
        const std::string registrar =
            "signaling_and_media.sip_definitions.proxy_and_registration.registrar_ip_address";
        if (config_.sip.proxy_and_registration.registrar && right({registrar}) &&
            !config_.sip.sip_interfaces.empty()) {
            check_proxy_address(*config_.sip.proxy_and_registration.registrar,
                                config_.sip.sip_interfaces.front().address, registrar);
        }
    }

    void check_proxy_address(const sipstack::ProxyAddress& proxy, const IpAddress& own,
                             const std::string& path) {
        const auto address = IpAddress::parse(proxy.host);
        if (!address) {
            return;
        }
        if (is_unspecified(*address) || address->is_multicast()) {
            complain(path, proxy.host, "the address of one host");
        } else if (own.is_set() && address->family != own.family) {
            complain(path, proxy.host,
                     fmt::format("an {} address or a name", own.is_v4() ? "IPv4" : "IPv6"),
                     "the SIP interface's address is " + own.to_string());
        }
    }

    void check_trunk_group_settings() {
        std::set<unsigned> known;
        for (std::size_t at = 0; at < config_.sip.trunk_group_settings.size(); ++at) {
            const std::string path =
                fmt::format("signaling_and_media.gateway.trunk_group_settings[{}].trunk_group", at);
            const unsigned group = config_.sip.trunk_group_settings[at].trunk_group_id;
            if (right({path}) && !known.insert(group).second) {
                complain(path, fmt::format("{} a second time", group), "each trunk group once");
            }
        }
    }

    void check_timers() {
        const std::string path = "signaling_and_media.sip_definitions.general";
        const auto& timers = config_.sip.timers;
        if (right({path}) && timers.t2 < timers.t1) {
            complain(path + ".t2", fmt::format("{}", timers.t2.count()),
                     fmt::format("at least t1, which is {} ms", timers.t1.count()));
        }
    }

    void check_registrants() {
        // Its rows refer to each other by position: it is asked about right tables alone.
        if (!right({"signaling_and_media", "ip_network"})) {
            return;
        }
        for (const sipstack::ConfigProblem& problem : sipstack::check(config_.sip)) {
            complain(problem.path, problem.problem, "", problem.advice);
        }
    }

    ApplianceConfig& config_;
    const YamlNode& root_;
    FaultCollector& faults_;
};

}  // namespace

void check_config(ApplianceConfig& config, const YamlNode& root, FaultCollector& faults) {
    Checks(config, root, faults).run();
}

}  // namespace trunkline::mgmt
