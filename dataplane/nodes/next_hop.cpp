// next_hop: puts the Ethernet header in front; while the next hop's address is unknown, holds the
// packet and asks for it.
#include "dataplane/nodes/ask.h"
#include "dataplane/nodes/give_back.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/static_neighbours.h"

#include <rte_ether.h>

#include <cstring>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_tx };
constexpr const char* next[] = {"drop", "tx"};

rte_edge_t address_frame(Context& path, rte_mbuf* packet, const MacAddress& destination) {
    auto* header =
        reinterpret_cast<rte_ether_hdr*>(rte_pktmbuf_prepend(packet, sizeof(rte_ether_hdr)));
    if (header == nullptr) {
        return drop(path, Counter::next_hop_no_headroom);
    }
    const PacketFacts& known = facts(packet);
    std::memcpy(&header->dst_addr, destination.bytes.data(), sizeof(header->dst_addr));
    std::memcpy(&header->src_addr, path.devices[known.device].mac.bytes.data(),
                sizeof(header->src_addr));
    header->ether_type =
        rte_cpu_to_be_16(known.remote.address.is_v4() ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6);
    packet->l2_len = sizeof(*header);
    return to_tx;
}

rte_edge_t hold(Context& path, rte_mbuf* packet) {
    const PacketFacts& known = facts(packet);
    const IpAddress& destination = known.remote.address;
    const uint16_t device = known.device;
    if (path.options.next_hops == nullptr) {
        path.counters.add(Counter::next_hop_unreachable);  // nobody to ask
        return give_back(path, packet) ? kept : rte_edge_t{to_drop};
    }
    switch (path.held.hold(packet, destination, known.local.address, device,
                           path.now + path.hold_timeout)) {
        case HeldPackets::Held::first:
            ask(path, destination, known.local.address, device);
            break;
        case HeldPackets::Held::joined:
            break;
        case HeldPackets::Held::full:
            return drop(path, Counter::next_hop_hold_full);
    }
    path.counters.add(Counter::next_hop_held);
    return kept;
}

rte_edge_t decide(Context& path, rte_mbuf* packet) {
    const PacketFacts& known = facts(packet);
    if (const MacAddress* mac = path.next_hops.find(known.remote.address, known.device)) {
        return address_frame(path, packet, *mac);
    }
    if (const auto mac = find_static_next_hop(path.options.network, known.device,
                                              known.local.address, known.remote.address)) {
        path.next_hops.insert(known.remote.address, known.device, *mac);
        return address_frame(path, packet, *mac);
    }
    return hold(path, packet);
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    return forward(graph, node, objects, count,
                   [&](rte_mbuf*& packet) { return decide(path, packet); });
}

}  // namespace

const NodeType next_hop{"next_hop", process, next};

}  // namespace trunkline::dataplane::nodes
