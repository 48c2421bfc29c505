// Next hops that need no kernel: an interface's on-link prefix or gateway, and neighbours given by
// hand (NetworkConfig::static_neighbours).
#pragma once

#include "dataplane/config.h"

#include <cstdint>
#include <optional>

namespace trunkline::dataplane {

/// The static neighbour that a packet from `source` on the device at position `device` to
/// `destination` goes to: the destination itself when it is listed or on the link, else the gateway
/// of the interface that has `source`. nullopt: none is listed.
std::optional<MacAddress> find_static_next_hop(const NetworkConfig& network, uint16_t device,
                                               const IpAddress& source,
                                               const IpAddress& destination);

}  // namespace trunkline::dataplane
