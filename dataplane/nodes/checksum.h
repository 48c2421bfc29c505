// The Internet checksum of UDP and TCP (RFC 1071, RFC 768, RFC 9293, RFC 8200 8.1), over packets of
// any number of segments.
#pragma once

#include <rte_ip.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace trunkline::dataplane::nodes {

/// Sums are in network byte order and folded to 16 bits; "the checksum" is their complement.
inline uint16_t fold(uint32_t sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}

/// `addresses`: source and destination as they follow each other in the IP header. `length` counts
/// the transport header and what it carries, up to 65 535.
inline uint16_t pseudo_header_sum(std::span<const uint8_t> addresses, uint8_t protocol,
                                  uint16_t length) {
    const uint32_t sum = rte_raw_cksum(addresses.data(), addresses.size());
    return fold(sum + rte_cpu_to_be_16(protocol) + rte_cpu_to_be_16(length));
}

inline std::span<const uint8_t> addresses_of(const rte_ipv4_hdr* header) {
    return {reinterpret_cast<const uint8_t*>(&header->src_addr), 2 * sizeof(header->src_addr)};
}

inline std::span<const uint8_t> addresses_of(const rte_ipv6_hdr* header) {
    return {header->src_addr, 2 * sizeof(header->src_addr)};
}

/// Sum of `length` bytes from `offset` on top of `start`; the packet has them. (DPDK 22.11's own
/// rte_raw_cksum_mbuf() loses carries behind a segment of odd length.)
inline uint16_t sum_of(const rte_mbuf* packet, uint32_t offset, uint32_t length, uint16_t start) {
    uint32_t sum = start;
    bool odd = false;  // whether this segment starts in the middle of a 16-bit word
    for (const rte_mbuf* segment = packet; length != 0; segment = segment->next) {
        if (offset >= segment->data_len) {
            offset -= segment->data_len;
            continue;
        }
        const uint32_t here = std::min<uint32_t>(segment->data_len - offset, length);
        const uint16_t part =
            rte_raw_cksum(rte_pktmbuf_mtod_offset(segment, const void*, offset), here);
        sum += odd ? rte_bswap16(part) : part;
        odd = odd != (here % 2 != 0);
        length -= here;
        offset = 0;
    }
    return fold(sum);
}

/// What stands in a UDP header for this sum: zero would mean "none" (RFC 768).
inline uint16_t udp_checksum(uint16_t sum) {
    const auto checksum = static_cast<uint16_t>(~sum);
    return checksum == 0 ? 0xffff : checksum;
}

}  // namespace trunkline::dataplane::nodes
