// Finds, among this process's descriptors, those that a DPDK driver opened and does not tell.
#pragma once

#include <string>
#include <vector>

namespace trunkline::board {

/// The packet(7) socket bound to an interface of the calling thread's network namespace; -1 when
/// there is none. The driver keeps it: do not close it.
int find_packet_socket(int interface_index);

/// All AF_XDP sockets of the process. The kernel does not tell to which interface one is bound.
std::vector<int> find_xdp_sockets();

/// The attached queue of a multi-queue TAP (tun(4)) of that name; -1 when there is none. The driver
/// keeps it.
int find_tap_queue(const std::string& interface);

}  // namespace trunkline::board
