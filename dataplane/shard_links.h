// The links of one worker to all shards, each with the bell of a shard that has a thread of its
// own.
#pragma once

#include "board/error.h"
#include "dataplane/doorbell.h"
#include "dataplane/shard_link.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace trunkline::dataplane {

class ShardLinks {
public:
    static board::Expected<ShardLinks> create(uint32_t worker, uint32_t shards);

    ShardLink& link(uint32_t shard) const { return *links_[shard]; }
    /// Rung after a walk that fed the shard. Nobody sleeps on it where the worker's own thread
    /// turns the shards.
    Doorbell& bell(uint32_t shard) const { return *bells_[shard]; }
    uint32_t size() const { return static_cast<uint32_t>(links_.size()); }

private:
    std::vector<std::unique_ptr<ShardLink>> links_;
    std::vector<std::unique_ptr<Doorbell>> bells_;
};

}  // namespace trunkline::dataplane
