// Ethernet frames by hand: what UDP needs to come and go, and the answers that make an address
// alive (ARP, neighbour solicitation, ping). Pure functions over bytes; no VLAN tags, no fragments,
// no IPv6 extension headers.
#pragma once

#include "tools/blast/datagram.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace trunkline::blast {

/// The Internet checksum's sum over `bytes`, folded, not inverted; the first byte is a high one.
uint16_t folded_sum(std::span<const uint8_t> bytes, uint64_t initial = 0);

enum class FrameKind : uint8_t {
    udp,
    arp,
    icmp4,
    icmp6,
    other,  ///< not for an IP stack, or cut short
    fragment,
    bad_checksum,  ///< of IPv4 or UDP
};

struct ReadFrame {
    FrameKind kind = FrameKind::other;
    Datagram datagram;                         ///< of udp
    dataplane::IpAddress source, destination;  ///< of IP
};

/// A UDP checksum may be absent over IPv4 and, where `partial_checksums` says that the sender may
/// be a kernel on this machine, that of the pseudo-header alone.
ReadFrame read_frame(std::span<const uint8_t> frame, bool partial_checksums);

/// Header bytes in front of the payload of `flow`: 42 or 62.
std::size_t header_bytes(const Flow& flow);

/// Writes the headers of a datagram with `payload` bytes, which stand in `frame` behind them
/// already, checksums included. Returns the length of the frame.
std::size_t write_headers(std::span<uint8_t> frame, const Flow& flow,
                          const dataplane::MacAddress& own_mac, std::size_t payload);

/// Who asks, who answers.
struct OwnAddress {
    dataplane::MacAddress mac;
    dataplane::IpAddress address;
};

/// An ARP request or neighbour solicitation for `wanted`, to everybody. Returns its length.
std::size_t write_neighbour_question(std::span<uint8_t> room, const OwnAddress& own,
                                     const dataplane::IpAddress& wanted);

/// The MAC address that an ARP packet or neighbour advertisement tells of its sender; zero: none.
struct Neighbour {
    dataplane::IpAddress address;
    dataplane::MacAddress mac;
};
Neighbour neighbour_told(std::span<const uint8_t> frame);

/// Writes to `room` what `own` answers to an ARP request, a solicitation or a ping; 0: nothing. The
/// room is a frame's, 1600 bytes or more; longer pings are left alone.
std::size_t write_answer(std::span<uint8_t> room, std::span<const uint8_t> frame,
                         const OwnAddress& own);

}  // namespace trunkline::blast
