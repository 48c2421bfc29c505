// The buffers that all packets of the appliance live in.
#pragma once

#include "board/error.h"

#include <cstdint>

struct rte_mempool;

namespace trunkline::dataplane {

/// Owns one rte_mempool of mbufs with room for PacketFacts. Data room is 8192 + headroom, so that
/// an af_packet ring slot (framesz 8192) fits in one segment.
class PacketPool {
public:
    static board::Expected<PacketPool> create(const char* name, uint32_t packets);
    ~PacketPool();
    PacketPool(PacketPool&& other) noexcept;
    PacketPool(const PacketPool&) = delete;
    PacketPool& operator=(const PacketPool&) = delete;
    PacketPool& operator=(PacketPool&&) = delete;

    rte_mempool* get() const { return pool_; }

private:
    explicit PacketPool(rte_mempool* pool) : pool_(pool) {}
    rte_mempool* pool_;
};

}  // namespace trunkline::dataplane
