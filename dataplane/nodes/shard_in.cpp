// shard_in: takes datagrams that the shards want sent.
#include "dataplane/nodes/nodes.h"

#include <array>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { to_udp_out };
constexpr const char* next[] = {"udp_out"};

uint16_t process(rte_graph* graph, rte_node* node, void**, uint16_t) {
    Context& path = context_of(node);
    uint16_t total = 0;
    for (ShardLink* link : path.options.shards) {
        std::array<rte_mbuf*, burst> packets;
        const auto count = static_cast<uint16_t>(link->outbound.pop(packets));
        emit(graph, node, to_udp_out, packets.data(), count);
        total += count;
    }
    if (total != 0) {
        path.moved += total;
        path.counters.add(Counter::shard_in_datagrams, total);
    }
    return total;
}

}  // namespace

const NodeType shard_in{"shard_in", process, next, true};

}  // namespace trunkline::dataplane::nodes
