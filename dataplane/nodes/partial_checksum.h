// Completes TCP and UDP checksums that the sender left to "hardware" which is not there.
#pragma once

#include <rte_mbuf.h>

namespace trunkline::dataplane::nodes {

/// If the frame is an unfragmented IPv4 or IPv6 packet whose UDP or TCP field holds the sum of the
/// pseudo-header alone (Linux' CHECKSUM_PARTIAL), replaces it by the whole checksum and says true.
/// Any frame may come; what is cut short or foreign is left as it is.
bool complete_partial_checksum(rte_mbuf* frame);

}  // namespace trunkline::dataplane::nodes
