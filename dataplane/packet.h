// What travels with a packet: facts found by one stage and needed by a later one.
#pragma once

#include "dataplane/address.h"
#include "dataplane/unreachable.h"

#include <rte_mbuf.h>

#include <cstdint>

namespace trunkline::dataplane {

/// Lives in the mbuf's private area (the packet pool is made with room for it). `device` is set on
/// every packet (between the rx and the vlan node it is the group's position); the rest is valid
/// for UDP datagrams from the UDP node inwards and from the shard to the next-hop node. The shard
/// sets `remote`, `local` and `ip_interface`. What the network gave back has the way that it was
/// sent: `local` is its source, `remote` where it was to go.
struct PacketFacts {
    Endpoint remote;
    Endpoint local;
    uint16_t ip_interface = 0;  ///< position in NetworkConfig::ip_interfaces
    uint16_t device = 0;        ///< position in NetworkConfig::ethernet_devices
    /// For the shard: not `none`, and this is no datagram but the quote of one of its own.
    Unreachable unreachable = Unreachable::none;
};

inline PacketFacts& facts(rte_mbuf* packet) {
    return *static_cast<PacketFacts*>(rte_mbuf_to_priv(packet));
}

/// Bytes of the private area, as rte_pktmbuf_pool_create wants them (a multiple of 8).
inline constexpr uint16_t packet_facts_size = RTE_ALIGN_CEIL(sizeof(PacketFacts), 8);

/// Room kept in front of a datagram's payload for the headers: Ethernet, VLAN, IPv6 with fragment
/// header, UDP.
inline constexpr uint16_t header_room = 14 + 4 + 40 + 8 + 8;

}  // namespace trunkline::dataplane
