#include "dataplane/reassembler.h"

#include "dataplane/packet.h"

#include <netinet/in.h>
#include <rte_ip.h>

#include <cstring>

namespace trunkline::dataplane {

namespace {

constexpr uint32_t fragment_unit = 8;
constexpr uint32_t longest_packet = 65535;  // IPv4 with its header, IPv6 behind it

/// Puts `rest` behind `head`, whose last segment is `last`; returns the new last segment. Not
/// rte_pktmbuf_chain(), which goes through all segments each time.
rte_mbuf* append(rte_mbuf* head, rte_mbuf* last, rte_mbuf* rest) {
    last->next = rest;
    head->nb_segs = static_cast<uint16_t>(head->nb_segs + rest->nb_segs);
    head->pkt_len += rest->pkt_len;
    return rte_pktmbuf_lastseg(rest);
}

/// The pieces' datagram behind the first one's headers.
rte_mbuf* join(std::span<const FragmentTable::Piece> pieces) {
    rte_mbuf* const head = pieces.front().packet;
    rte_mbuf* last = rte_pktmbuf_lastseg(head);
    for (const FragmentTable::Piece& piece : pieces.subspan(1)) {
        rte_pktmbuf_adj(piece.packet,
                        static_cast<uint16_t>(piece.packet->l2_len + piece.packet->l3_len));
        last = append(head, last, piece.packet);
    }
    head->ol_flags = 0;  // what the port said of the first fragment
    return head;
}

void remove_fragment_header(rte_mbuf* packet) {
    constexpr uint16_t extra = sizeof(rte_ipv6_fragment_ext);
    auto* header = rte_pktmbuf_mtod_offset(packet, rte_ipv6_hdr*, packet->l2_len);
    const uint32_t before = packet->l2_len + sizeof(rte_ipv6_hdr);
    header->proto = IPPROTO_UDP;
    header->payload_len = rte_cpu_to_be_16(static_cast<uint16_t>(packet->pkt_len - before - extra));
    auto* start = rte_pktmbuf_mtod(packet, uint8_t*);
    std::memmove(start + extra, start, before);
    rte_pktmbuf_adj(packet, extra);
    packet->l3_len = sizeof(rte_ipv6_hdr);
}

}  // namespace

Reassembler::~Reassembler() {
    table_.clear([](rte_mbuf* packet, Counter) { rte_pktmbuf_free(packet); });
}

rte_mbuf* Reassembler::add(rte_mbuf* fragment, uint32_t id, const FragmentPlace& place,
                           uint64_t now, Counters& counters) {
    const PacketFacts& known = facts(fragment);
    const bool is_whole = table_.add({known.ip_interface, known.remote.address, id}, place,
                                     fragment, now, [&counters](rte_mbuf* packet, Counter why) {
                                         counters.add(why);
                                         rte_pktmbuf_free(packet);
                                     });
    if (!is_whole) {
        return nullptr;
    }
    rte_mbuf* const whole = join(table_.whole());
    const uint32_t in_front = whole->l2_len + (known.remote.address.is_v4() ? 0 : whole->l3_len);
    if (whole->pkt_len - in_front > longest_packet) {
        counters.add(Counter::reassembly_bad_fragment, table_.whole().size());
        rte_pktmbuf_free(whole);
        return nullptr;
    }
    counters.add(Counter::reassembly_done);
    return whole;
}

rte_mbuf* Reassembler::add_ip4(rte_mbuf* fragment, uint64_t now, Counters& counters) {
    const auto* header = rte_pktmbuf_mtod_offset(fragment, const rte_ipv4_hdr*, fragment->l2_len);
    const uint16_t field = rte_be_to_cpu_16(header->fragment_offset);
    const FragmentPlace place{
        (field & RTE_IPV4_HDR_OFFSET_MASK) * fragment_unit,
        static_cast<uint32_t>(rte_be_to_cpu_16(header->total_length) - fragment->l3_len),
        (field & RTE_IPV4_HDR_MF_FLAG) != 0};
    rte_mbuf* const whole = add(fragment, header->packet_id, place, now, counters);
    if (whole == nullptr) {
        return nullptr;
    }
    auto* first = rte_pktmbuf_mtod_offset(whole, rte_ipv4_hdr*, whole->l2_len);
    first->total_length = rte_cpu_to_be_16(static_cast<uint16_t>(whole->pkt_len - whole->l2_len));
    first->fragment_offset = 0;
    first->hdr_checksum = 0;
    first->hdr_checksum = rte_ipv4_cksum(first);
    return whole;
}

rte_mbuf* Reassembler::add_ip6(rte_mbuf* fragment, uint64_t now, Counters& counters) {
    const auto* header = rte_pktmbuf_mtod_offset(fragment, const rte_ipv6_hdr*, fragment->l2_len);
    const auto* extension = reinterpret_cast<const rte_ipv6_fragment_ext*>(header + 1);
    const uint16_t field = rte_be_to_cpu_16(extension->frag_data);
    // The offset stands in the upper 13 bits, in units of 8: masking gives bytes.
    const FragmentPlace place{
        static_cast<uint32_t>(field & RTE_IPV6_EHDR_FO_MASK),
        static_cast<uint32_t>(rte_be_to_cpu_16(header->payload_len) - sizeof(*extension)),
        (field & RTE_IPV6_EHDR_MF_MASK) != 0};
    const bool is_atomic = place.offset == 0 && !place.more;
    rte_mbuf* const whole =
        is_atomic ? fragment : add(fragment, extension->id, place, now, counters);
    if (whole != nullptr) {
        remove_fragment_header(whole);
    }
    return whole;
}

void Reassembler::expire(uint64_t now, Counters& counters) {
    table_.expire(now, [&counters](rte_mbuf* packet, Counter why) {
        counters.add(why);
        rte_pktmbuf_free(packet);
    });
}

}  // namespace trunkline::dataplane
