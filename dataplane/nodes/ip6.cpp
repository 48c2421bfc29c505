// ip6: checks the IPv6 header (RFC 8200) and finds out whether the packet is for us.
//
// The kernel gets every extension header but the fragment header, and jumbograms. The hop limit is
// not judged: it concerns forwarding.
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/trim.h"

#include <netinet/in.h>
#include <rte_ip.h>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_udp, to_reassembly, to_icmp, to_kernel_door };
constexpr const char* next[] = {"drop", "udp", "reassembly", "icmp", "kernel_door"};

constexpr uint32_t version_mask = 0xf0000000;
constexpr uint32_t version_6 = 0x60000000;

/// Multicast or loopback (RFC 4291 2.5.3, 2.7).
bool bad_source(const IpAddress& source) {
    static const IpAddress loopback = IpAddress::from_bytes(
        std::array<uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    return source.is_multicast() || source == loopback;
}

rte_edge_t fragment_edge(Context& path, rte_mbuf* packet, const rte_ipv6_hdr* header,
                         uint32_t in_place) {
    constexpr uint32_t both = sizeof(rte_ipv6_hdr) + sizeof(rte_ipv6_fragment_ext);
    const uint32_t payload = rte_be_to_cpu_16(header->payload_len);
    if (in_place < both || payload < sizeof(rte_ipv6_fragment_ext)) {
        return drop(path, Counter::ip6_bad_header);
    }
    const auto* extension = reinterpret_cast<const rte_ipv6_fragment_ext*>(header + 1);
    if (extension->next_header != IPPROTO_UDP) {
        return to_kernel_door;
    }
    packet->l3_len = both;
    return to_reassembly;
}

rte_edge_t decide(Context& path, rte_mbuf* packet) {
    const uint32_t available = packet->pkt_len - packet->l2_len;
    const uint32_t in_place = packet->data_len - packet->l2_len;
    const auto* header = rte_pktmbuf_mtod_offset(packet, const rte_ipv6_hdr*, packet->l2_len);
    if (in_place < sizeof(*header) ||
        (rte_be_to_cpu_32(header->vtc_flow) & version_mask) != version_6) {
        return drop(path, Counter::ip6_bad_header);
    }
    const uint32_t payload = rte_be_to_cpu_16(header->payload_len);
    if (sizeof(*header) + payload > available) {
        return drop(path, Counter::ip6_truncated);
    }
    PacketFacts& known = facts(packet);
    known.local.address = IpAddress::from_bytes(header->dst_addr);
    known.remote.address = IpAddress::from_bytes(header->src_addr);
    if (bad_source(known.remote.address)) {
        return drop(path, Counter::ip6_bad_source);
    }
    packet->l3_len = sizeof(*header);
    if (payload != 0) {  // 0: a jumbogram (RFC 2675) or nothing
        trim_to(packet, packet->l2_len + sizeof(*header) + payload);
    }
    const Interface* interface = path.find_interface(known.device, known.local.address);
    if (interface == nullptr) {
        return to_kernel_door;
    }
    known.ip_interface = static_cast<uint16_t>(interface - path.interfaces.data());
    switch (header->proto) {
        case IPPROTO_UDP:
            return to_udp;
        case IPPROTO_FRAGMENT:
            return fragment_edge(path, packet, header, in_place);
        case IPPROTO_ICMPV6:
            return to_icmp;
        default:
            return to_kernel_door;
    }
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    return forward(graph, node, objects, count,
                   [&](rte_mbuf*& packet) { return decide(path, packet); });
}

}  // namespace

const NodeType ip6{"ip6", process, next};

}  // namespace trunkline::dataplane::nodes
