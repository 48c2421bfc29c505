#include "dataplane/packet_pool.h"

#include "dataplane/packet.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <utility>

namespace trunkline::dataplane {

namespace {

constexpr uint16_t slot_bytes = 8192;
constexpr uint32_t largest_cache = 256;

/// Free packets that each thread keeps by itself; rte_mempool_create wants less than two thirds of
/// the pool in it.
uint32_t cache_size(uint32_t packets) {
    return std::min(largest_cache, packets / 8);
}

}  // namespace

board::Expected<PacketPool> PacketPool::create(const char* name, uint32_t packets) {
    rte_mempool* pool =
        rte_pktmbuf_pool_create(name, packets, cache_size(packets), packet_facts_size,
                                RTE_PKTMBUF_HEADROOM + slot_bytes, SOCKET_ID_ANY);
    if (pool == nullptr) {
        return std::unexpected(
            board::Error{fmt::format("cannot make the packet pool {} of {} packets: {}; raise "
                                     "appliance.memory_megabytes",
                                     name, packets, rte_strerror(rte_errno))});
    }
    return PacketPool(pool);
}

PacketPool::~PacketPool() {
    rte_mempool_free(pool_);
}

PacketPool::PacketPool(PacketPool&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}

}  // namespace trunkline::dataplane
