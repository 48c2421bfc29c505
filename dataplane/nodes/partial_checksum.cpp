#include "dataplane/nodes/partial_checksum.h"

#include "dataplane/nodes/checksum.h"

#include <netinet/in.h>
#include <rte_ether.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include <cstring>
#include <optional>

namespace trunkline::dataplane::nodes {

namespace {

/// The transport part of a frame.
struct Transport {
    uint8_t protocol;
    uint32_t offset;
    uint32_t length;
    std::span<const uint8_t> addresses;
};

std::optional<Transport> find_in_ip4(const rte_mbuf* frame) {
    const auto* ip = rte_pktmbuf_mtod_offset(frame, const rte_ipv4_hdr*, sizeof(rte_ether_hdr));
    constexpr uint16_t fragment_bits = RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK;
    if (frame->data_len < sizeof(rte_ether_hdr) + sizeof(*ip) ||
        (ip->fragment_offset & rte_cpu_to_be_16(fragment_bits)) != 0) {
        return std::nullopt;
    }
    const uint32_t header = rte_ipv4_hdr_len(ip);
    const uint32_t total = rte_be_to_cpu_16(ip->total_length);
    if (header < sizeof(*ip) || total < header) {
        return std::nullopt;
    }
    return Transport{ip->next_proto_id, static_cast<uint32_t>(sizeof(rte_ether_hdr)) + header,
                     total - header, addresses_of(ip)};
}

std::optional<Transport> find_in_ip6(const rte_mbuf* frame) {
    constexpr uint32_t offset = sizeof(rte_ether_hdr) + sizeof(rte_ipv6_hdr);
    if (frame->data_len < offset) {
        return std::nullopt;
    }
    const auto* ip = rte_pktmbuf_mtod_offset(frame, const rte_ipv6_hdr*, sizeof(rte_ether_hdr));
    return Transport{ip->proto, offset, rte_be_to_cpu_16(ip->payload_len), addresses_of(ip)};
}

std::optional<Transport> find_transport(const rte_mbuf* frame) {
    if (frame->data_len < sizeof(rte_ether_hdr)) {
        return std::nullopt;
    }
    switch (rte_be_to_cpu_16(rte_pktmbuf_mtod(frame, const rte_ether_hdr*)->ether_type)) {
        case RTE_ETHER_TYPE_IPV4:
            return find_in_ip4(frame);
        case RTE_ETHER_TYPE_IPV6:
            return find_in_ip6(frame);
        default:
            return std::nullopt;
    }
}

/// Where the checksum stands behind the start of the transport header.
std::optional<uint32_t> checksum_position(uint8_t protocol) {
    switch (protocol) {
        case IPPROTO_UDP:
            return offsetof(rte_udp_hdr, dgram_cksum);
        case IPPROTO_TCP:
            return offsetof(rte_tcp_hdr, cksum);
        default:
            return std::nullopt;
    }
}

}  // namespace

bool complete_partial_checksum(rte_mbuf* frame) {
    const auto transport = find_transport(frame);
    if (!transport) {
        return false;
    }
    const auto position = checksum_position(transport->protocol);
    constexpr uint32_t field_size = sizeof(uint16_t);
    if (!position || transport->length < *position + field_size ||
        frame->data_len < transport->offset + *position + field_size ||
        frame->pkt_len < transport->offset + transport->length) {
        return false;
    }
    const uint16_t pseudo_header = pseudo_header_sum(transport->addresses, transport->protocol,
                                                     static_cast<uint16_t>(transport->length));
    auto* field = rte_pktmbuf_mtod_offset(frame, uint8_t*, transport->offset + *position);
    if (std::memcmp(field, &pseudo_header, field_size) != 0) {
        return false;
    }
    // The field is part of what is summed and holds the pseudo-header's sum already.
    const uint16_t sum = sum_of(frame, transport->offset, transport->length, 0);
    const uint16_t checksum =
        transport->protocol == IPPROTO_UDP ? udp_checksum(sum) : static_cast<uint16_t>(~sum);
    std::memcpy(field, &checksum, field_size);
    return true;
}

}  // namespace trunkline::dataplane::nodes
