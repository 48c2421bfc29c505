// The nodes of the packet graph, in the order of a packet's walk in and out again.
#pragma once

#include "dataplane/nodes/node.h"

namespace trunkline::dataplane::nodes {

extern const NodeType rx;           ///< source, one a port: frames from it
extern const NodeType no_rx;        ///< in its place where there is no port
extern const NodeType vlan;         ///< whose VLAN, where a group has several devices
extern const NodeType ethernet;     ///< whose frame, which protocol
extern const NodeType ip4;          ///< IPv4 header checks, ours or not
extern const NodeType ip6;          ///< IPv6 header checks, ours or not
extern const NodeType reassembly;   ///< UDP fragments for our addresses
extern const NodeType udp;          ///< SIP port or the kernel's, length and checksum
extern const NodeType sip_door;     ///< to the shard that owns the message
extern const NodeType icmp;         ///< what the network gave back, for the shards to know
extern const NodeType kernel_door;  ///< to the kernel's twin, rate-limited

extern const NodeType shard_in;          ///< source: datagrams from the shards
extern const NodeType udp_out;           ///< UDP and IP headers
extern const NodeType fragment;          ///< cuts what exceeds the MTU
extern const NodeType next_hop_answers;  ///< source: what the resolver says, what waited for it
extern const NodeType next_hop;          ///< Ethernet header, or hold and ask
extern const NodeType kernel_in;         ///< source: frames that the kernel sends
extern const NodeType announce;          ///< source: where addresses are after a switch-over
extern const NodeType tx;                ///< to the ports, with VLAN tags

extern const NodeType dropped;  ///< frees; the node that sent it here has counted why

}  // namespace trunkline::dataplane::nodes
