// ethernet: whose frame it is and which protocol is inside. Tags are off by now (vlan) where there
// is more than one VLAN.
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/tag.h"

#include <rte_ether.h>

#include <cstring>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_ip4, to_ip6, to_kernel_door };
constexpr const char* next[] = {"drop", "ip4", "ip6", "kernel_door"};

/// The later nodes read headers in place: Ethernet, the longest IPv4 or an IPv6 header with its
/// fragment header, the start of UDP or TCP.
constexpr uint16_t headers_in_place = 128;

/// false: the headers lie in several segments and do not fit in the first.
bool gather_headers(rte_mbuf* frame) {
    if (frame->nb_segs == 1 || frame->data_len >= headers_in_place) {
        return true;
    }
    return rte_pktmbuf_linearize(frame) == 0;
}

bool is(const MacAddress& mac, const rte_ether_addr& address) {
    return std::memcmp(mac.bytes.data(), address.addr_bytes, sizeof(address.addr_bytes)) == 0;
}

bool has_tag(const rte_mbuf* frame) {
    const rte_be16_t type = rte_pktmbuf_mtod(frame, const rte_ether_hdr*)->ether_type;
    return (frame->ol_flags & RTE_MBUF_F_RX_VLAN) != 0 ||
           type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN) ||
           type == rte_cpu_to_be_16(RTE_ETHER_TYPE_QINQ);
}

/// false: it has another tag than one of a priority alone. Who passed `vlan` has had one already.
bool take_priority_tag(const Context& path, rte_mbuf* frame) {
    const uint16_t group = path.devices[facts(frame).device].group;
    return path.ether_groups.group(group).untagged_only && take_tag(frame) == 0 && !has_tag(frame);
}

rte_edge_t decide(Context& path, rte_mbuf* frame) {
    if (frame->pkt_len < sizeof(rte_ether_hdr)) {
        return drop(path, Counter::ethernet_runt);
    }
    if (!gather_headers(frame)) {
        return drop(path, Counter::ethernet_scattered);
    }
    const auto* header = rte_pktmbuf_mtod(frame, const rte_ether_hdr*);
    const MacAddress& ours = path.devices[facts(frame).device].mac;
    if (is(ours, header->src_addr)) {
        // Our own, come back: an af_packet port sees what the kernel sends through its interface.
        return drop(path, Counter::ethernet_own_frame);
    }
    if (!is(ours, header->dst_addr) && !rte_is_multicast_ether_addr(&header->dst_addr)) {
        return drop(path, Counter::ethernet_not_ours);
    }
    if (has_tag(frame)) {
        if (!take_priority_tag(path, frame)) {
            return drop(path, Counter::ethernet_tagged);
        }
        header = rte_pktmbuf_mtod(frame, const rte_ether_hdr*);
    }
    frame->l2_len = sizeof(rte_ether_hdr);
    switch (rte_be_to_cpu_16(header->ether_type)) {
        case RTE_ETHER_TYPE_IPV4:
            return to_ip4;
        case RTE_ETHER_TYPE_IPV6:
            return to_ip6;
        default:
            return to_kernel_door;  // ARP, LLDP, ...
    }
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    return forward(graph, node, objects, count,
                   [&](rte_mbuf*& frame) { return decide(path, frame); });
}

}  // namespace

const NodeType ethernet{"ethernet", process, next};

}  // namespace trunkline::dataplane::nodes
