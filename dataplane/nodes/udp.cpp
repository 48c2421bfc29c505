// udp: whose port, and for a SIP port whether the datagram is whole and unharmed.
//
// What is the kernel's goes there as it is; the kernel judges lengths and sums itself.
#include "dataplane/nodes/checksum.h"
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/trim.h"

#include <netinet/in.h>
#include <rte_udp.h>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_sip_door, to_kernel_door };
constexpr const char* next[] = {"drop", "sip_door", "kernel_door"};

uint16_t pseudo_header_sum_of(const rte_mbuf* packet, bool is_v4, uint16_t udp_length) {
    if (is_v4) {
        const auto* ip = rte_pktmbuf_mtod_offset(packet, const rte_ipv4_hdr*, packet->l2_len);
        return pseudo_header_sum(addresses_of(ip), IPPROTO_UDP, udp_length);
    }
    const auto* ip = rte_pktmbuf_mtod_offset(packet, const rte_ipv6_hdr*, packet->l2_len);
    return pseudo_header_sum(addresses_of(ip), IPPROTO_UDP, udp_length);
}

/// to_sip_door when the checksum allows it.
rte_edge_t judge_checksum(Context& path, const rte_mbuf* packet, const rte_udp_hdr* udp,
                          bool is_v4) {
    if (udp->dgram_cksum == 0) {
        // No sum: the sender's choice on IPv4 (RFC 768), forbidden on IPv6 (RFC 8200 8.1).
        return is_v4 ? rte_edge_t{to_sip_door} : drop(path, Counter::udp_zero_checksum_ip6);
    }
    const uint64_t verdict = packet->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
    if (verdict == RTE_MBUF_F_RX_L4_CKSUM_GOOD) {
        return to_sip_door;
    }
    const uint16_t length = rte_be_to_cpu_16(udp->dgram_len);
    const uint16_t pseudo_header = pseudo_header_sum_of(packet, is_v4, length);
    if (sum_of(packet, packet->l2_len + packet->l3_len, length, pseudo_header) == 0xffff) {
        return to_sip_door;
    }
    if (path.devices[facts(const_cast<rte_mbuf*>(packet)).device].partial_checksums_possible &&
        udp->dgram_cksum == pseudo_header) {
        // The sender left the rest to hardware that is not there; no wire was crossed.
        path.counters.add(Counter::udp_partial_checksum);
        return to_sip_door;
    }
    return drop(path, Counter::udp_bad_checksum);
}

rte_edge_t decide(Context& path, rte_mbuf* packet) {
    const uint32_t offset = packet->l2_len + packet->l3_len;
    const uint32_t available = packet->pkt_len - offset;
    if (packet->data_len < offset + sizeof(rte_udp_hdr)) {
        return drop(path, Counter::udp_bad_length);
    }
    const auto* udp = rte_pktmbuf_mtod_offset(packet, const rte_udp_hdr*, offset);
    PacketFacts& known = facts(packet);
    known.local.port = rte_be_to_cpu_16(udp->dst_port);
    known.remote.port = rte_be_to_cpu_16(udp->src_port);
    if (!path.interfaces[known.ip_interface].sip_ports.test(known.local.port)) {
        return to_kernel_door;
    }
    const uint32_t length = rte_be_to_cpu_16(udp->dgram_len);
    if (length < sizeof(*udp) || length > available) {
        return drop(path, Counter::udp_bad_length);
    }
    trim_to(packet, offset + length);
    return judge_checksum(path, packet, udp, known.local.address.is_v4());
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    return forward(graph, node, objects, count,
                   [&](rte_mbuf*& packet) { return decide(path, packet); });
}

}  // namespace

const NodeType udp{"udp", process, next};

}  // namespace trunkline::dataplane::nodes
