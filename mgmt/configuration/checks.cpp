#include "mgmt/configuration/checks.h"

#include "board/model.h"
#include "mgmt/configuration/check_context.h"
#include "mgmt/configuration/checks_capacity.h"
#include "mgmt/configuration/checks_signaling.h"
#include "mgmt/configuration/named.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace trunkline::mgmt {

namespace {

using dataplane::IpAddress;
using dataplane::IpPrefix;

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

class BoardAndNetworkChecks : private CheckContext {
public:
    BoardAndNetworkChecks(const ApplianceConfig& config, const CheckContext& context)
        : CheckContext(context), config_(config) {}

    void run() {
        check_model();
        check_ethernet_devices();
        check_ip_interfaces();
        check_static_routes();
        check_neighbours();
    }

private:
    void check_model() {
        if (!right({"appliance.model"})) {
            return;
        }
        const auto model = board::load_model(config_.board.model);
        if (!model) {
            const std::vector<std::string> names = board::model_names();
            complain("appliance.model", in_quotes(config_.board.model), list_names(names),
                     nearest(config_.board.model, names));
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
        std::map<std::string, std::string> untagged_of_groups;
        std::map<std::pair<std::string, uint16_t>, std::string> devices_of_vlans;
        for (std::size_t at = 0; at < config_.network.ethernet_devices.size(); ++at) {
            const auto& device = config_.network.ethernet_devices[at];
            const std::string path = fmt::format("ip_network.ethernet_devices[{}]", at);
            if (!right({path})) {
                continue;
            }
            check_group_of(device, path + ".underlying");
            const auto untagged = untagged_of_groups.find(device.underlying);
            if (!device.tagged && untagged != untagged_of_groups.end()) {
                complain(path + ".underlying", in_quotes(device.underlying),
                         "one untagged device a group",
                         fmt::format("'{}' stands on it already", untagged->second));
                continue;
            }
            if (!device.tagged) {
                untagged_of_groups.emplace(device.underlying, device.name);
            }
            const auto [known, is_new] =
                devices_of_vlans.emplace(std::pair(device.underlying, device.vlan_id), device.name);
            if (!is_new) {
                complain(path + ".vlan_id", fmt::format("{}", device.vlan_id),
                         "each VLAN once a group",
                         fmt::format("'{}' has it already", known->second));
            }
        }
    }

    void check_group_of(const dataplane::EthernetDevice& device, const std::string& path) {
        const auto& groups = config_.board.ethernet_groups;
        const auto group =
            std::ranges::find(groups, device.underlying, &board::EthernetGroup::name);
        if (right({"ip_network.ethernet_groups"}) && group != groups.end() &&
            group->mode == board::EthernetGroupMode::none) {
            complain(path, in_quotes(device.underlying), "a group that has members");
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
            check_mode(address, path + ".interface_mode");
            check_gateway(interface, path + ".gateway");
            check_mtu(interface, path + ".device");
            const auto [known, is_new] = names_of_addresses.emplace(address, interface.name);
            if (!is_new) {
                complain(path + ".address", address.to_string(), "each address once",
                         fmt::format("'{}' has it already", known->second));
            }
        }
    }

    void check_mode(const IpAddress& address, const std::string& path) {
        const std::string mode = text(path);
        const std::string right_mode = address.is_v6() ? "ipv6_manual" : "ipv4_manual";
        if (!mode.empty() && right({path}) && mode != right_mode) {
            complain(path, in_quotes(mode),
                     named("ip_network.ip_interfaces.interface_mode", right_mode) +
                         ", as the address is",
                     "leave it out to have it follow the address");
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

    /// Whether an IP interface of that device has the address on its link.
    bool on_link(const std::string& device, const IpAddress& address) const {
        return std::ranges::any_of(config_.network.ip_interfaces, [&](const auto& interface) {
            return interface.device == device && interface.address.contains(address);
        });
    }

    void check_static_routes() {
        const std::string table = "ip_network.static_routes";
        const auto& routes = config_.network.static_routes;
        if (!routes.empty() && config_.network.kernel_twin == dataplane::KernelTwin::none &&
            right({"ip_network.kernel_twin"})) {
            complain(table, fmt::format("{} rows", routes.size()),
                     "none with " + named("ip_network.kernel_twin", "none"),
                     "the kernel's side of the devices has the routes");
            return;
        }
        std::set<IpPrefix> known;
        for (std::size_t at = 0; at < routes.size(); ++at) {
            const std::string path = fmt::format("{}[{}]", table, at);
            if (right({path, "ip_network.ip_interfaces"})) {
                check_static_route(routes[at], path, known);
            }
        }
    }

    void check_static_route(const dataplane::StaticRoute& route, const std::string& path,
                            std::set<IpPrefix>& known) {
        const std::string destination = route.destination.to_string();
        if (!host_bits_are(route.destination, false)) {
            complain(path + ".destination", destination, "the address of a network",
                     "no bit behind the prefix length may be set");
        }
        if (!known.insert(route.destination).second) {
            complain(path + ".destination", destination + " a second time",
                     "each destination once");
        }
        if (route.gateway.family != route.destination.address.family) {
            complain(path + ".gateway", route.gateway.to_string(), "a router's address",
                     "the address families differ");
        } else if (!on_link(route.device, route.gateway) && !route.gateway.is_link_local()) {
            complain(
                path + ".gateway", route.gateway.to_string(),
                "an address within the prefix of an IP interface on " + in_quotes(route.device));
        }
    }

    void check_neighbours() {
        const std::string table = "ip_network.static_neighbours";
        const auto& neighbours = config_.network.static_neighbours;
        if (!neighbours.empty() && config_.network.kernel_twin == dataplane::KernelTwin::tap &&
            right({"ip_network.kernel_twin"})) {
            const std::string twin = "ip_network.kernel_twin";
            complain(table, fmt::format("{} rows", neighbours.size()),
                     "none with " + named(twin, "tap"),
                     "take them out or set " + named(twin, "none"));
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
            if (!on_link(neighbour.device, neighbour.address)) {
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

    const ApplianceConfig& config_;
};

}  // namespace

void check_config(const ApplianceConfig& config, const ConfigNode& root, FaultCollector& faults) {
    const CheckContext context(root, faults);
    BoardAndNetworkChecks(config, context).run();
    check_signaling(config, context);
    check_capacity(config, context);
}

}  // namespace trunkline::mgmt
