// reassembly: UDP fragments for our addresses become datagrams before a port decides about them.
//
// Deciding by the first fragment would be wrong: the kernel would get the rest, and a socket that
// happens to be bound to the port would answer in our place.
#include "dataplane/nodes/nodes.h"

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_udp };
constexpr const char* next[] = {"drop", "udp"};

rte_edge_t decide(Context& path, rte_mbuf*& packet) {
    packet = facts(packet).local.address.is_v4()
                 ? path.reassembler.add_ip4(packet, path.now, path.counters)
                 : path.reassembler.add_ip6(packet, path.now, path.counters);
    return packet == nullptr ? kept : rte_edge_t{to_udp};
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    return forward(graph, node, objects, count,
                   [&](rte_mbuf*& packet) { return decide(path, packet); });
}

}  // namespace

const NodeType reassembly{"reassembly", process, next};

}  // namespace trunkline::dataplane::nodes
