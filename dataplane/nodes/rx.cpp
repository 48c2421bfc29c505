// rx: takes frames from a device's port.
#include "dataplane/nodes/nodes.h"

#include <rte_ethdev.h>

#include <array>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { to_ethernet };
constexpr const char* next[] = {"ethernet"};

uint16_t process(rte_graph* graph, rte_node* node, void**, uint16_t) {
    Context& path = context_of(node);
    const uint16_t device = slot_of(node).device;
    std::array<rte_mbuf*, burst> frames;
    const uint16_t count =
        rte_eth_rx_burst(path.devices[device].port.dpdk_port, 0, frames.data(), burst);
    if (count == 0) {
        return 0;
    }
    for (uint16_t i = 0; i < count; ++i) {
        facts(frames[i]).device = device;
    }
    path.moved += count;
    path.counters.add(Counter::rx_frames, count);
    emit(graph, node, to_ethernet, frames.data(), count);
    return count;
}

}  // namespace

const NodeType rx{"rx", process, next, true};

}  // namespace trunkline::dataplane::nodes
