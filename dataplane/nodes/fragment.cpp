// fragment: cuts packets beyond the device's MTU (RFC 791 3.2, RFC 8200 4.5) with rte_ip_frag.
#include "dataplane/nodes/nodes.h"

#include <rte_ip_frag.h>

#include <array>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_next_hop };
constexpr const char* next[] = {"drop", "next_hop"};

/// As many as we would put together again: a datagram of 64 kB.
constexpr uint16_t most_fragments = FragmentTable::most_fragments;
constexpr uint32_t fragment_unit = 8;
using Pieces = std::array<rte_mbuf*, most_fragments>;

/// Bytes of the packet's payload that one fragment carries.
uint32_t payload_a_fragment(uint32_t mtu, uint32_t headers) {
    return RTE_ALIGN_FLOOR(mtu - headers, fragment_unit);
}

/// Returns the number of pieces; 0 says that `reason` stopped it.
uint16_t cut_ip4(Context& path, rte_mbuf* packet, uint16_t mtu, Pieces& pieces, Counter& reason) {
    constexpr uint32_t header = sizeof(rte_ipv4_hdr);
    if (packet->pkt_len - header > most_fragments * payload_a_fragment(mtu, header)) {
        reason = Counter::fragment_too_many;
        return 0;
    }
    rte_mempool* pool = path.options.pool;
    const int32_t count =
        rte_ipv4_fragment_packet(packet, pieces.data(), pieces.size(), mtu, pool, pool);
    if (count < 0) {
        reason = Counter::fragment_no_buffer;
        return 0;
    }
    for (int32_t i = 0; i < count; ++i) {
        auto* ip = rte_pktmbuf_mtod(pieces[i], rte_ipv4_hdr*);
        ip->hdr_checksum = 0;
        ip->hdr_checksum = rte_ipv4_cksum(ip);
    }
    return static_cast<uint16_t>(count);
}

uint16_t cut_ip6(Context& path, rte_mbuf* packet, uint16_t mtu, Pieces& pieces, Counter& reason) {
    constexpr uint32_t header = sizeof(rte_ipv6_hdr);
    const uint16_t allowed = std::max<uint16_t>(mtu, RTE_IPV6_MIN_MTU);
    const uint32_t payload = payload_a_fragment(allowed, header + sizeof(rte_ipv6_fragment_ext));
    if (packet->pkt_len - header > most_fragments * payload) {
        reason = Counter::fragment_too_many;
        return 0;
    }
    rte_mempool* pool = path.options.pool;
    const int32_t count =
        rte_ipv6_fragment_packet(packet, pieces.data(), pieces.size(), allowed, pool, pool);
    if (count < 0) {
        reason = Counter::fragment_no_buffer;
        return 0;
    }
    // The library leaves the identification zero, as if all datagrams were one.
    const uint32_t id = rte_cpu_to_be_32(path.next_ip6_fragment_id++);
    for (int32_t i = 0; i < count; ++i) {
        auto* extension = rte_pktmbuf_mtod_offset(pieces[i], rte_ipv6_fragment_ext*, header);
        extension->id = id;
    }
    return static_cast<uint16_t>(count);
}

/// One segment of its own for each: not every driver sends chains. false: no buffer.
bool settle(const Pieces& pieces, uint16_t count, const PacketFacts& known) {
    bool settled = true;
    for (uint16_t i = 0; i < count; ++i) {
        facts(pieces[i]) = known;
        pieces[i]->ol_flags = 0;
        pieces[i]->l2_len = 0;
        settled = rte_pktmbuf_linearize(pieces[i]) == 0 && settled;
    }
    return settled;
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    auto** packets = reinterpret_cast<rte_mbuf**>(objects);
    for (uint16_t i = 0; i < count; ++i) {
        const PacketFacts known = facts(packets[i]);
        const uint16_t mtu = path.devices[known.device].mtu;
        Pieces pieces;
        auto reason = Counter::fragment_fragments;
        const uint16_t made = known.remote.address.is_v4()
                                  ? cut_ip4(path, packets[i], mtu, pieces, reason)
                                  : cut_ip6(path, packets[i], mtu, pieces, reason);
        if (made == 0) {
            path.counters.add(reason);
        } else if (settle(pieces, made, known)) {
            path.counters.add(Counter::fragment_fragments, made);
            emit(graph, node, to_next_hop, pieces.data(), made);
        } else {
            path.counters.add(Counter::fragment_no_buffer);
            emit(graph, node, to_drop, pieces.data(), made);
        }
        emit(graph, node, to_drop, &packets[i], 1);  // the pieces hold copies
    }
    return count;
}

}  // namespace

const NodeType fragment{"fragment", process, next};

}  // namespace trunkline::dataplane::nodes
