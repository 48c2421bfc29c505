#include "dataplane/shard_link.h"

#include <fmt/format.h>

#include <array>

namespace trunkline::dataplane {

namespace {

void free_all(SpscRing<rte_mbuf*>& ring) {
    std::array<rte_mbuf*, 64> packets;
    while (const uint32_t taken = ring.pop(packets)) {
        rte_pktmbuf_free_bulk(packets.data(), taken);
    }
}

}  // namespace

board::Expected<std::unique_ptr<ShardLink>> ShardLink::create(uint32_t worker, uint32_t shard,
                                                              uint32_t capacity) {
    auto in = SpscRing<rte_mbuf*>::create(fmt::format("w{}_to_s{}", worker, shard), capacity);
    if (!in) {
        return std::unexpected(in.error());
    }
    auto out = SpscRing<rte_mbuf*>::create(fmt::format("s{}_to_w{}", shard, worker), capacity);
    if (!out) {
        return std::unexpected(out.error());
    }
    return std::unique_ptr<ShardLink>(new ShardLink(std::move(*in), std::move(*out)));
}

ShardLink::~ShardLink() {
    free_all(outbound);
    free_all(inbound);
}

}  // namespace trunkline::dataplane
