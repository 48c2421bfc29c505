// Why a datagram of ours did not go or was given back: ICMP errors, and the like of our own, as a
// signaling core needs them, without DPDK.
#pragma once

#include <cstdint>
#include <string_view>

namespace trunkline::dataplane {

/// What RFC 3261 18.4 has the transport report: host, network, port or protocol unreachable, and
/// parameter problems. `none`: nothing was given back.
enum class Unreachable : uint8_t {
    none,
    network,
    host,
    protocol,
    port,
    prohibited,
    parameter_problem,
    next_hop,  ///< not ICMP: there is no way, or the next hop answers no ARP or ND
};

/// Of an ICMP message (RFC 792, RFC 1812 5.2.7.1); `none` for all that does not say that the
/// datagram is lost for good: "fragmentation needed" is the kernel's to act on.
Unreachable unreachable_by_icmp4(uint8_t type, uint8_t code);
/// Of an ICMPv6 message (RFC 4443 3.1, 3.4).
Unreachable unreachable_by_icmp6(uint8_t type, uint8_t code);

/// "port unreachable", as operators read it.
std::string_view to_string(Unreachable why);

}  // namespace trunkline::dataplane
