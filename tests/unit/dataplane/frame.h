// Ethernet frames made and read by the tests, with an arithmetic of their own: nothing here comes
// from the code under test or from DPDK.
#pragma once

#include "dataplane/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::dataplane::testing {

using Bytes = std::vector<uint8_t>;

inline const MacAddress our_mac{{0x02, 0, 0, 0, 0, 0x01}};
inline const MacAddress peer_mac{{0x02, 0, 0, 0, 0, 0x02}};
inline const MacAddress router_mac{{0x02, 0, 0, 0, 0, 0x03}};

/// One's complement sum of 16-bit words (RFC 1071), not complemented.
uint16_t ones_sum(const Bytes& bytes, uint32_t start = 0);

enum class Sum { good, bad, partial, zero };

/// What a UDP frame to us looks like unless a test says otherwise.
struct UdpFrame {
    MacAddress to = our_mac;
    MacAddress from = peer_mac;
    std::string source = "192.0.2.20";
    std::string destination = "192.0.2.10";
    uint16_t source_port = 5070;
    uint16_t destination_port = 5060;
    std::string payload = "0 payload";
    Sum udp_sum = Sum::good;
    bool ip_sum_good = true;
    std::optional<uint16_t> udp_length = {};  ///< instead of the right one
    uint8_t ttl = 64;
    int padding = 0;  ///< bytes behind the packet

    Bytes build() const;
};

Bytes ethernet(const MacAddress& to, const MacAddress& from, uint16_t type, const Bytes& payload);
/// IPv4 or IPv6 by the addresses. `fragment`: IPv4 offset field (flags and units of 8 bytes).
Bytes ip_packet(const std::string& source, const std::string& destination, uint8_t protocol,
                const Bytes& payload, uint16_t fragment = 0, uint16_t id = 1, uint8_t ttl = 64);
/// UDP header and payload with the checksum for these addresses.
Bytes udp_segment(const std::string& source, const std::string& destination, uint16_t source_port,
                  uint16_t destination_port, std::string_view payload, Sum sum = Sum::good);
/// TCP header and payload; `sum` as for UDP.
Bytes tcp_segment(const std::string& source, const std::string& destination,
                  std::string_view payload, Sum sum = Sum::good);

/// An ICMP or ICMPv6 error message, by the addresses, that quotes an IP packet.
Bytes icmp_error(const std::string& source, const std::string& destination, uint8_t type,
                 uint8_t code, const Bytes& quoted, Sum sum = Sum::good);

/// A datagram as fragments of `size` payload bytes each (the last may be shorter).
std::vector<Bytes> fragments_of(const UdpFrame& whole, std::size_t size, uint32_t id = 7);
/// One fragment of any transport bytes; `offset` in bytes.
Bytes fragment_frame(const UdpFrame& whole, const Bytes& transport, std::size_t offset,
                     std::size_t length, bool more, uint32_t id);

/// A frame taken apart. Checks itself: lengths agree, checksums are right; else nullopt.
struct ReadFrame {
    MacAddress to, from;
    uint16_t type = 0;
    IpAddress source, destination;
    uint8_t protocol = 0;
    uint8_t hop_limit = 0;
    bool fragment = false;
    bool more = false;
    uint32_t offset = 0;  ///< bytes
    uint32_t id = 0;
    Bytes transport;
};
std::optional<ReadFrame> read_frame(const Bytes& frame);

struct ReadUdp {
    uint16_t source_port = 0, destination_port = 0;
    uint16_t checksum = 0;
    std::string payload;
};
/// nullopt when length or checksum are wrong; a zero checksum is wrong too.
std::optional<ReadUdp> read_udp(const ReadFrame& frame);
std::optional<ReadUdp> read_udp(const Bytes& frame);

}  // namespace trunkline::dataplane::testing
