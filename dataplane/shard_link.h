// The two rings and two doorbells between a worker and a shard.
#pragma once

#include "dataplane/doorbell.h"
#include "dataplane/ring.h"

#include <rte_mbuf.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace trunkline::dataplane {

/// Datagrams are mbufs whose data is the SIP payload alone and whose PacketFacts are filled in. Who
/// takes an mbuf out of a ring owns it. The worker produces `inbound`, the shard `outbound`. Among
/// the inbound ones are quotes of datagrams that the network gave back (PacketFacts::unreachable).
///
/// An inbound payload is one segment up to the room of a packet (8 kB); a larger one, reassembled
/// from fragments, is a chain that rte_pktmbuf_read() copies out. An outbound payload may be a
/// chain too; its first segment keeps `header_room` free in front.
class ShardLink {
public:
    static board::Expected<std::unique_ptr<ShardLink>> create(uint32_t worker, uint32_t shard,
                                                              uint32_t capacity = 4096);
    ~ShardLink();  ///< frees what is still in the rings

    SpscRing<rte_mbuf*> inbound;
    SpscRing<rte_mbuf*> outbound;
    std::atomic<uint64_t> inbound_full{0};   ///< datagrams dropped by the worker
    std::atomic<uint64_t> outbound_full{0};  ///< datagrams refused to the shard

private:
    ShardLink(SpscRing<rte_mbuf*> in, SpscRing<rte_mbuf*> out)
        : inbound(std::move(in)), outbound(std::move(out)) {}
};

/// Chooses the shard of a datagram from its payload: sipstack::owning_shard, handed up the floors.
using ShardSelector = uint32_t (*)(std::string_view payload, uint32_t shard_count);
/// Tells which shard sent what the network gave back, perhaps cut off; nullopt: none that can prove
/// it. sipstack::sending_shard, handed up.
using SenderSelector = std::optional<uint32_t> (*)(std::string_view quoted, uint32_t shard_count);

}  // namespace trunkline::dataplane
