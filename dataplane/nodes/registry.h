// Makes the node types known to DPDK, whose list of them is one a process and only grows.
#pragma once

#include "board/error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace trunkline::dataplane::nodes {

/// Names of all nodes of a graph for this many devices, registering what DPDK does not know yet.
/// Any thread.
board::Expected<std::vector<std::string>> register_nodes(uint16_t devices);

/// The name of the node that receives from this device.
std::string rx_node_name(uint16_t device);

}  // namespace trunkline::dataplane::nodes
