// IP packets composed from their parts, headers with right checksums: what a file of captured
// messages has for a message whose own packets nobody kept. Nothing of it is ever sent.
#pragma once

#include "dataplane/address.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::dataplane {

/// Bytes of payload that any of the packets below can carry.
inline constexpr std::size_t largest_composed_payload = 65'495;

/// A UDP datagram in IPv4 or IPv6, as both endpoints are. More payload than
/// largest_composed_payload is cut off.
std::string compose_udp_packet(const Endpoint& from, const Endpoint& to, std::string_view payload);

/// Where a segment is in its stream, and how far the other direction has come.
struct TcpPlace {
    uint32_t sequence = 0, acknowledged = 0;
};

/// The same as a TCP segment.
std::string compose_tcp_packet(const Endpoint& from, const Endpoint& to, const TcpPlace& place,
                               std::string_view payload);

}  // namespace trunkline::dataplane
