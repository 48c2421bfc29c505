// udp_out: puts UDP and IP headers in front of a shard's payload.
//
// Checksums are left to the port where it computes them and the packet leaves in one piece.
#include "dataplane/nodes/checksum.h"
#include "dataplane/nodes/nodes.h"

#include <netinet/in.h>
#include <rte_udp.h>

#include <cstring>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_next_hop, to_fragment };
constexpr const char* next[] = {"drop", "next_hop", "fragment"};

constexpr uint8_t hop_limit = 64;
constexpr uint32_t longest_packet = 65535;

bool acceptable(const Context& path, const PacketFacts& known) {
    return known.ip_interface < path.interfaces.size() && known.remote.port != 0 &&
           known.local.port != 0 && known.remote.address.is_set() &&
           known.remote.address.family == known.local.address.family;
}

/// Fills the UDP header but for its checksum.
void write_udp(rte_mbuf* packet, uint32_t offset, const PacketFacts& known) {
    auto* udp = rte_pktmbuf_mtod_offset(packet, rte_udp_hdr*, offset);
    udp->src_port = rte_cpu_to_be_16(known.local.port);
    udp->dst_port = rte_cpu_to_be_16(known.remote.port);
    udp->dgram_len = rte_cpu_to_be_16(static_cast<uint16_t>(packet->pkt_len - offset));
    udp->dgram_cksum = 0;
}

/// Fills the checksum, or for the port to fill the pseudo-header's sum.
void write_udp_checksum(rte_mbuf* packet, uint32_t offset, uint16_t pseudo_header, bool offload) {
    auto* udp = rte_pktmbuf_mtod_offset(packet, rte_udp_hdr*, offset);
    if (offload) {
        packet->ol_flags |= RTE_MBUF_F_TX_UDP_CKSUM;
        udp->dgram_cksum = pseudo_header;
        return;
    }
    udp->dgram_cksum =
        udp_checksum(sum_of(packet, offset, packet->pkt_len - offset, pseudo_header));
}

void write_ip4(Context& path, rte_mbuf* packet, const PacketFacts& known, bool offload_ip,
               bool offload_udp) {
    auto* ip = rte_pktmbuf_mtod(packet, rte_ipv4_hdr*);
    *ip = {};
    ip->version_ihl = RTE_IPV4_VHL_DEF;
    ip->total_length = rte_cpu_to_be_16(static_cast<uint16_t>(packet->pkt_len));
    ip->packet_id = rte_cpu_to_be_16(path.next_ip4_id++);
    // No DF: nobody here would follow the path's MTU.
    ip->time_to_live = hop_limit;
    ip->next_proto_id = IPPROTO_UDP;
    ip->src_addr = rte_cpu_to_be_32(known.local.address.v4_host_order());
    ip->dst_addr = rte_cpu_to_be_32(known.remote.address.v4_host_order());
    packet->l3_len = sizeof(*ip);
    packet->ol_flags = offload_ip || offload_udp ? RTE_MBUF_F_TX_IPV4 : 0;
    if (offload_ip) {
        packet->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
    } else {
        ip->hdr_checksum = rte_ipv4_cksum(ip);
    }
    write_udp(packet, sizeof(*ip), known);
    const uint16_t pseudo_header = pseudo_header_sum(
        addresses_of(ip), IPPROTO_UDP, static_cast<uint16_t>(packet->pkt_len - sizeof(*ip)));
    write_udp_checksum(packet, sizeof(*ip), pseudo_header, offload_udp);
}

void write_ip6(rte_mbuf* packet, const PacketFacts& known, bool offload_udp) {
    auto* ip = rte_pktmbuf_mtod(packet, rte_ipv6_hdr*);
    *ip = {};
    const auto payload = static_cast<uint16_t>(packet->pkt_len - sizeof(*ip));
    ip->vtc_flow = rte_cpu_to_be_32(0x60000000);
    ip->payload_len = rte_cpu_to_be_16(payload);
    ip->proto = IPPROTO_UDP;
    ip->hop_limits = hop_limit;
    std::memcpy(ip->src_addr, known.local.address.bytes.data(), sizeof(ip->src_addr));
    std::memcpy(ip->dst_addr, known.remote.address.bytes.data(), sizeof(ip->dst_addr));
    packet->l3_len = sizeof(*ip);
    packet->ol_flags = offload_udp ? RTE_MBUF_F_TX_IPV6 : 0;
    write_udp(packet, sizeof(*ip), known);
    write_udp_checksum(packet, sizeof(*ip),
                       pseudo_header_sum(addresses_of(ip), IPPROTO_UDP, payload), offload_udp);
}

rte_edge_t decide(Context& path, rte_mbuf* packet) {
    PacketFacts& known = facts(packet);
    if (!acceptable(path, known)) {
        return drop(path, Counter::udp_out_bad_facts);
    }
    known.device = path.interfaces[known.ip_interface].device;
    const Device& device = path.devices[known.device];
    const bool is_v4 = known.remote.address.is_v4();
    const uint32_t headers =
        sizeof(rte_udp_hdr) + (is_v4 ? sizeof(rte_ipv4_hdr) : sizeof(rte_ipv6_hdr));
    if (packet->pkt_len + headers > longest_packet) {
        return drop(path, Counter::udp_out_too_large);
    }
    if (rte_pktmbuf_prepend(packet, static_cast<uint16_t>(headers)) == nullptr) {
        return drop(path, Counter::udp_out_no_headroom);
    }
    packet->l2_len = 0;
    const bool fits = packet->pkt_len <= device.mtu;
    const bool offload_udp = device.tx_udp_checksum_offload && fits;
    if (is_v4) {
        write_ip4(path, packet, known, device.tx_ipv4_checksum_offload && fits, offload_udp);
    } else {
        write_ip6(packet, known, offload_udp);
    }
    return fits ? to_next_hop : to_fragment;
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    return forward(graph, node, objects, count,
                   [&](rte_mbuf*& packet) { return decide(path, packet); });
}

}  // namespace

const NodeType udp_out{"udp_out", process, next};

}  // namespace trunkline::dataplane::nodes
