// Which IP interfaces an Ethernet group carries.
#pragma once

#include "dataplane/config.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace trunkline::dataplane {

/// Positions in NetworkConfig::ip_interfaces of those on that group, whatever their VLAN.
std::vector<uint16_t> interfaces_of_group(const NetworkConfig& network, std::string_view group);

}  // namespace trunkline::dataplane
