// rx: takes frames from a port. no_rx: DPDK refuses a graph in which nothing leads to what follows.
#include "dataplane/nodes/nodes.h"

#include <rte_ethdev.h>

#include <array>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { to_ethernet, to_vlan };
constexpr const char* next[] = {"ethernet", "vlan"};

uint16_t process(rte_graph* graph, rte_node* node, void**, uint16_t) {
    Context& path = context_of(node);
    const EtherPort& port = path.ether_groups.ports()[slot_of(node).port];
    std::array<rte_mbuf*, burst> frames;
    const uint16_t count = rte_eth_rx_burst(port.dpdk_port, 0, frames.data(), burst);
    if (count == 0) {
        return 0;
    }
    path.moved += count;
    if (!port.receives) {
        // Left in its queue they would come when it receives, and wake the worker until then.
        path.counters.add(Counter::rx_standby, count);
        rte_pktmbuf_free_bulk(frames.data(), count);
        return count;
    }
    const EtherGroup& group = path.ether_groups.group(port.group);
    const uint16_t device = group.untagged_only ? group.untagged_device : port.group;
    for (uint16_t i = 0; i < count; ++i) {
        facts(frames[i]).device = device;
    }
    path.counters.add(Counter::rx_frames, count);
    emit(graph, node, group.untagged_only ? to_ethernet : to_vlan, frames.data(), count);
    return count;
}

uint16_t receive_nothing(rte_graph*, rte_node*, void**, uint16_t) {
    return 0;
}

}  // namespace

const NodeType rx{"rx", process, next, true};
const NodeType no_rx{"no_rx", receive_nothing, next, true};

}  // namespace trunkline::dataplane::nodes
