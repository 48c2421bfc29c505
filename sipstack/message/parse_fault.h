// Why bytes are no message, and whether that deserves an answer.
#pragma once

#include <string_view>

namespace trunkline::sipstack {

/// `status` is what RFC 3261 wants answered if it was a request whose envelope (envelope.h) can be
/// had: 400, 416, 505, 513; 0: drop, never answer.
struct ParseFault {
    int status = 0;
    /// For the answer's reason phrase and the counters: a literal, no bytes of the peer.
    std::string_view reason;
};

/// The fault's reason for bytes that hold a NAT open and carry no message.
inline constexpr std::string_view keepalive_reason = "keep-alive";

/// Whether a datagram is nothing but line ends, blanks and zeros (RFC 5626 3.5.1 and practice).
bool is_keepalive(std::string_view bytes);

}  // namespace trunkline::sipstack
