// What could not be sent for want of a next hop is told to the shard that sent it, as the network's
// own "unreachable" is (icmp.cpp): RFC 3261 18.4 treats both alike.
#pragma once

#include "dataplane/nodes/context.h"

#include <rte_mbuf.h>

namespace trunkline::dataplane::nodes {

/// Hands a packet that begins with its IP header to the shard whose request it carries, as a quote
/// of its payload. false: it carries none, or the ring is full, and the packet is still the
/// caller's.
bool give_back(Context& path, rte_mbuf* packet);

}  // namespace trunkline::dataplane::nodes
