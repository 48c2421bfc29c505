// ip4: checks the IPv4 header (RFC 1122 3.2.1) and finds out whether the packet is for us.
//
// The time to live is not judged: a host takes what is addressed to it whatever is left
// (RFC 1122 3.2.1.7). Options are stepped over.
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/trim.h"

#include <netinet/in.h>
#include <rte_ip.h>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_udp, to_reassembly, to_icmp, to_kernel_door };
constexpr const char* next[] = {"drop", "udp", "reassembly", "icmp", "kernel_door"};

bool checksum_good(const rte_mbuf* packet, const rte_ipv4_hdr* header) {
    switch (packet->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) {
        case RTE_MBUF_F_RX_IP_CKSUM_GOOD:
            return true;
        case RTE_MBUF_F_RX_IP_CKSUM_BAD:
            return false;
        default:
            return rte_raw_cksum(header, rte_ipv4_hdr_len(header)) == 0xffff;
    }
}

/// Not a host's: multicast, reserved, the broadcast, or the loopback net (RFC 1122 3.2.1.3).
bool bad_source(const rte_ipv4_hdr* header) {
    const uint32_t first_byte = rte_be_to_cpu_32(header->src_addr) >> 24;
    return first_byte >= 224 || first_byte == 127;
}

rte_edge_t decide(Context& path, rte_mbuf* packet) {
    const uint32_t available = packet->pkt_len - packet->l2_len;
    const uint32_t in_place = packet->data_len - packet->l2_len;
    const auto* header = rte_pktmbuf_mtod_offset(packet, const rte_ipv4_hdr*, packet->l2_len);
    if (in_place < sizeof(*header) || header->version != 4) {
        return drop(path, Counter::ip4_bad_header);
    }
    const uint32_t header_length = rte_ipv4_hdr_len(header);
    const uint32_t total_length = rte_be_to_cpu_16(header->total_length);
    if (header_length < sizeof(*header) || in_place < header_length ||
        total_length < header_length) {
        return drop(path, Counter::ip4_bad_header);
    }
    if (total_length > available) {
        // Also what an af_packet ring did to a frame larger than its slot, which nobody else tells.
        return drop(path, Counter::ip4_truncated);
    }
    if (!checksum_good(packet, header)) {
        return drop(path, Counter::ip4_bad_checksum);
    }
    if (bad_source(header)) {
        return drop(path, Counter::ip4_bad_source);
    }
    packet->l3_len = header_length;
    trim_to(packet, packet->l2_len + total_length);  // the padding of short frames

    PacketFacts& known = facts(packet);
    known.local.address = IpAddress::v4(rte_be_to_cpu_32(header->dst_addr));
    known.remote.address = IpAddress::v4(rte_be_to_cpu_32(header->src_addr));
    const Interface* interface = path.find_interface(known.device, known.local.address);
    if (interface == nullptr) {
        return to_kernel_door;
    }
    known.ip_interface = static_cast<uint16_t>(interface - path.interfaces.data());
    constexpr uint16_t fragment_bits = RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK;
    const bool fragment = (header->fragment_offset & rte_cpu_to_be_16(fragment_bits)) != 0;
    switch (header->next_proto_id) {
        case IPPROTO_UDP:
            return fragment ? to_reassembly : to_udp;
        case IPPROTO_ICMP:
            return fragment ? to_kernel_door : to_icmp;  // errors are smaller than any MTU
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

const NodeType ip4{"ip4", process, next};

}  // namespace trunkline::dataplane::nodes
