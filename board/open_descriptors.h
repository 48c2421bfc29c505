// Finds, among this process's descriptors, those that a DPDK driver opened and does not tell.
#pragma once

#include <string>

namespace trunkline::board {

/// The packet(7) socket bound to an interface of the calling thread's network namespace; -1 when
/// there is none. The driver keeps it: do not close it.
int find_packet_socket(int interface_index);

/// The attached queue of a multi-queue TAP (tun(4)) of that name; -1 when there is none. The driver
/// keeps it.
int find_tap_queue(const std::string& interface);

}  // namespace trunkline::board
