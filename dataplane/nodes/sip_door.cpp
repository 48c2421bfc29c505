// sip_door: hands each datagram's payload to the shard that owns the message.
#include "dataplane/nodes/nodes.h"

#include <rte_debug.h>
#include <rte_udp.h>

#include <array>
#include <string_view>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge };
constexpr const char* next[] = {"drop"};

/// Collects a run of datagrams for one shard, to enter its ring at once.
class Batch {
public:
    Batch(Context& path, rte_graph* graph, rte_node* node)
        : path_(path), graph_(graph), node_(node) {}

    void add(uint32_t shard, rte_mbuf* packet) {
        if (count_ == packets_.size() || (count_ != 0 && shard != shard_)) {
            flush();
        }
        shard_ = shard;
        packets_[count_++] = packet;
    }

    void flush() {
        if (count_ == 0) {
            return;
        }
        ShardLink& link = *path_.options.shards[shard_];
        const uint32_t taken =
            link.inbound.push(std::span<rte_mbuf* const>(packets_.data(), count_));
        path_.counters.add(Counter::sip_door_datagrams, taken);
        path_.fed_shards[shard_] = 1;  // also when full: it may sleep on an old bell
        if (const uint32_t refused = count_ - taken; refused != 0) {
            path_.counters.add(Counter::sip_door_ring_full, refused);
            link.inbound_full.fetch_add(refused, std::memory_order_relaxed);
            emit(graph_, node_, to_drop, packets_.data() + taken, refused);
        }
        count_ = 0;
    }

private:
    Context& path_;
    rte_graph* graph_;
    rte_node* node_;
    uint32_t shard_ = 0;
    uint32_t count_ = 0;
    std::array<rte_mbuf*, burst> packets_;
};

uint32_t shard_of(Context& path, const rte_mbuf* packet) {
    // One segment as a rule. A chain (fragments beyond the room of a packet) is copied for the
    // selector alone: the Call-ID may stand in any segment.
    const auto* bytes =
        static_cast<const char*>(rte_pktmbuf_read(packet, 0, packet->pkt_len, path.scratch.data()));
    const auto shard_count = static_cast<uint32_t>(path.options.shards.size());
    const uint32_t shard =
        path.options.select_shard(std::string_view(bytes, packet->pkt_len), shard_count);
    RTE_VERIFY(shard < shard_count);
    return shard;
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    Batch batch(path, graph, node);
    forward(graph, node, objects, count, [&](rte_mbuf*& packet) -> rte_edge_t {
        const auto headers =
            static_cast<uint16_t>(packet->l2_len + packet->l3_len + sizeof(rte_udp_hdr));
        if (packet->pkt_len == headers) {
            return drop(path, Counter::sip_door_empty);
        }
        facts(packet).unreachable = Unreachable::none;
        rte_pktmbuf_adj(packet, headers);  // udp saw that they lie in the first segment
        if (packet->nb_segs > 1) {
            // Leaves a chain when the datagram exceeds a packet's room (ShardLink says so).
            rte_pktmbuf_linearize(packet);
        }
        batch.add(shard_of(path, packet), packet);
        return kept;
    });
    batch.flush();
    return count;
}

}  // namespace

const NodeType sip_door{"sip_door", process, next};

}  // namespace trunkline::dataplane::nodes
