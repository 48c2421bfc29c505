#include "dataplane/static_neighbours.h"

#include <algorithm>

namespace trunkline::dataplane {

namespace {

std::optional<MacAddress> find_neighbour(const NetworkConfig& network, uint16_t device,
                                         const IpAddress& address) {
    const std::string& name = network.ethernet_devices[device].name;
    const auto found =
        std::ranges::find_if(network.static_neighbours, [&](const StaticNeighbour& neighbour) {
            return neighbour.address == address && neighbour.device == name;
        });
    if (found == network.static_neighbours.end()) {
        return std::nullopt;
    }
    return found->mac;
}

}  // namespace

std::optional<MacAddress> find_static_next_hop(const NetworkConfig& network, uint16_t device,
                                               const IpAddress& source,
                                               const IpAddress& destination) {
    if (network.static_neighbours.empty()) {
        return std::nullopt;
    }
    if (const auto listed = find_neighbour(network, device, destination)) {
        return listed;
    }
    const auto interface = std::ranges::find_if(
        network.ip_interfaces,
        [&](const IpInterface& candidate) { return candidate.address.address == source; });
    if (interface == network.ip_interfaces.end() || !interface->gateway ||
        interface->address.contains(destination)) {
        return std::nullopt;
    }
    return find_neighbour(network, device, *interface->gateway);
}

}  // namespace trunkline::dataplane
