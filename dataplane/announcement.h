// The frame that tells everybody on a link where an address is: what makes switches send to another
// port of ours at once.
#pragma once

#include "dataplane/address.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace trunkline::dataplane {

/// Bytes of the longer of the two frames.
inline constexpr std::size_t longest_announcement = 86;

struct Announcement {
    std::array<uint8_t, longest_announcement> bytes;
    std::size_t size = 0;
};

/// A gratuitous ARP request (RFC 5227 3) or an unsolicited neighbour advertisement to all nodes
/// (RFC 4861 7.2.6), by the family of `address`; untagged.
Announcement announcement_of(const MacAddress& mac, const IpAddress& address);

}  // namespace trunkline::dataplane
