// What the nodes of one worker's graph share. Made by the worker, used on its thread alone but for
// the counters.
#pragma once

#include "dataplane/counters.h"
#include "dataplane/held_packets.h"
#include "dataplane/next_hop_cache.h"
#include "dataplane/nodes/ether_groups.h"
#include "dataplane/reassembler.h"
#include "dataplane/token_bucket.h"
#include "dataplane/worker.h"

#include <bitset>
#include <cstdint>
#include <vector>

namespace trunkline::dataplane::nodes {

/// An Ethernet device as the nodes see it: what any member of its group may bring, it may; what all
/// of them can do for us, it can.
struct Device {
    uint16_t group;
    uint16_t vlan_tag;  ///< 0: untagged
    bool tx_ipv4_checksum_offload;
    bool tx_udp_checksum_offload;
    bool partial_checksums_possible;
    MacAddress mac;
    uint16_t mtu;
    int twin_fd;  ///< -1: none
    TokenBucket kernel_door;
    TokenBucket unreachable;  ///< ICMP errors that are looked at
};

using PortSet = std::bitset<65536>;

/// An address of ours and the UDP ports on it that are SIP's.
struct Interface {
    IpAddress address;
    uint16_t device;
    PortSet sip_ports;
};

struct Context {
    explicit Context(const WorkerOptions& worker_options);
    ~Context();  ///< frees the spare packet
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// The interface on `device` that has this address; nullptr: not ours.
    const Interface* find_interface(uint16_t device, const IpAddress& address) const;

    const WorkerOptions options;
    Counters counters;
    EtherGroups ether_groups;  ///< parallel to options.groups
    std::vector<Device> devices;
    std::vector<Interface> interfaces;

    uint64_t now = 0;         ///< monotonic nanoseconds, read once a walk
    uint64_t moved = 0;       ///< packets and answers that the source nodes took in this walk
    bool read_twins = false;  ///< whether kernel_in makes its system calls in this walk
    bool asked = false;       ///< the control thread is to be woken after the walk
    std::vector<uint8_t> fed_shards;  ///< per shard: its doorbell is to be rung after the walk

    Reassembler reassembler;
    NextHopCache next_hops;
    HeldPackets held;
    uint64_t hold_timeout;      ///< nanoseconds
    rte_mbuf* spare = nullptr;  ///< what kernel_in reads the next frame into
    std::vector<char> scratch;  ///< sip_door reads chained payloads into it
    uint16_t next_ip4_id;
    uint32_t next_ip6_fragment_id;
};

}  // namespace trunkline::dataplane::nodes
