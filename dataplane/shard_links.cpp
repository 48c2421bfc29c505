#include "dataplane/shard_links.h"

#include <utility>

namespace trunkline::dataplane {

board::Expected<ShardLinks> ShardLinks::create(uint32_t worker, uint32_t shards) {
    ShardLinks made;
    for (uint32_t shard = 0; shard < shards; ++shard) {
        auto link = ShardLink::create(worker, shard);
        if (!link) {
            return std::unexpected(link.error());
        }
        made.links_.push_back(std::move(*link));
        made.bells_.push_back(std::make_unique<Doorbell>());
    }
    return made;
}

}  // namespace trunkline::dataplane
