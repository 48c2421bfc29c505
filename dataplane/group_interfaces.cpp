#include "dataplane/group_interfaces.h"

#include <algorithm>
#include <cstddef>

namespace trunkline::dataplane {

std::vector<uint16_t> interfaces_of_group(const NetworkConfig& network, std::string_view group) {
    std::vector<uint16_t> positions;
    for (std::size_t at = 0; at < network.ip_interfaces.size(); ++at) {
        const auto device = std::ranges::find(
            network.ethernet_devices, network.ip_interfaces[at].device, &EthernetDevice::name);
        if (device != network.ethernet_devices.end() && device->underlying == group) {
            positions.push_back(static_cast<uint16_t>(at));
        }
    }
    return positions;
}

}  // namespace trunkline::dataplane
