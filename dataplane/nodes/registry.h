// Makes the node types known to DPDK, whose list of them is one a process and only grows.
#pragma once

#include "board/error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace trunkline::dataplane::nodes {

/// Names of all nodes of a graph for this many ports, registering what DPDK does not know yet.
/// Any thread.
board::Expected<std::vector<std::string>> register_nodes(uint16_t ports);

/// The name of the node that receives from this port.
std::string rx_node_name(uint16_t port);

}  // namespace trunkline::dataplane::nodes
