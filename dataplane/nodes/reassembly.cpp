// reassembly: UDP fragments for our addresses become datagrams before a port decides about them.
//
// Deciding by the first fragment would be wrong: the kernel would get the rest, and a socket that
// happens to be bound to the port would answer in our place.
#include "dataplane/nodes/nodes.h"

#include <netinet/in.h>
#include <rte_ip.h>

#include <cstring>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_udp };
constexpr const char* next[] = {"drop", "udp"};

/// A fragment that is the whole datagram (RFC 6946): only its extra header has to go.
bool is_atomic(const rte_ipv6_fragment_ext* extension) {
    constexpr uint16_t offset_and_more = RTE_IPV6_EHDR_FO_MASK | RTE_IPV6_EHDR_MF_MASK;
    return (extension->frag_data & rte_cpu_to_be_16(offset_and_more)) == 0;
}

void remove_fragment_header(rte_mbuf* packet) {
    constexpr uint16_t extra = sizeof(rte_ipv6_fragment_ext);
    auto* header = rte_pktmbuf_mtod_offset(packet, rte_ipv6_hdr*, packet->l2_len);
    header->proto = IPPROTO_UDP;
    header->payload_len =
        rte_cpu_to_be_16(static_cast<uint16_t>(rte_be_to_cpu_16(header->payload_len) - extra));
    auto* start = rte_pktmbuf_mtod(packet, uint8_t*);
    std::memmove(start + extra, start, packet->l2_len + sizeof(rte_ipv6_hdr));
    rte_pktmbuf_adj(packet, extra);
    packet->l3_len = sizeof(rte_ipv6_hdr);
}

rte_edge_t decide(Context& path, rte_mbuf*& packet) {
    if (facts(packet).local.address.is_v4()) {
        packet = path.reassembler.add_ip4(packet, path.now, path.counters);
        return packet == nullptr ? kept : rte_edge_t{to_udp};
    }
    const auto* extension = rte_pktmbuf_mtod_offset(packet, const rte_ipv6_fragment_ext*,
                                                    packet->l2_len + sizeof(rte_ipv6_hdr));
    if (is_atomic(extension)) {
        remove_fragment_header(packet);
        return to_udp;
    }
    packet = path.reassembler.add_ip6(packet, path.now, path.counters);
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
