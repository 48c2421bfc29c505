// How a node is written: a NodeType with its edges, and a function that decides per packet.
#pragma once

#include "dataplane/nodes/context.h"
#include "dataplane/packet.h"

#include <rte_graph_worker.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace trunkline::dataplane::nodes {

/// A node before DPDK knows of it. `next` names the nodes behind its edges, in the order of the
/// node's enum of edges; the first is always "drop", but for nodes that drop nothing.
struct NodeType {
    const char* name;
    rte_node_process_t process;
    std::span<const char* const> next;
    bool source = false;  ///< runs on every walk, without input
};

/// What stands in a node's 16 bytes of context; graph.cpp writes it after the graph was made.
struct NodeSlot {
    Context* context;
    uint16_t port;  ///< of the nodes that exist once a port (rx): position in EtherGroups::ports()
};
static_assert(sizeof(NodeSlot) <= RTE_NODE_CTX_SZ, "DPDK does not check it");

inline const NodeSlot& slot_of(const rte_node* node) {
    return *reinterpret_cast<const NodeSlot*>(node->ctx);
}

inline Context& context_of(const rte_node* node) {
    return *slot_of(node).context;
}

inline constexpr rte_edge_t to_drop = 0;
/// Not an edge: the packet stays with the node, or is gone.
inline constexpr rte_edge_t kept = UINT16_MAX;

/// Counts the reason; the drop node frees the packet.
inline rte_edge_t drop(Context& path, Counter reason) {
    path.counters.add(reason);
    return to_drop;
}

/// Packets that a source takes in at a time.
inline constexpr uint16_t burst = 64;

inline void emit(rte_graph* graph, rte_node* node, rte_edge_t edge, rte_mbuf** packets,
                 std::size_t count) {
    if (edge != kept && count != 0) {
        rte_node_enqueue(graph, node, edge, reinterpret_cast<void**>(packets),
                         static_cast<uint16_t>(count));
    }
}

/// Asks `decide(rte_mbuf*&) -> edge` for each packet and moves runs of equal answers together; a
/// burst of one mind moves by swapping two pointers. decide() may put another packet in its place.
template <typename Decide>
uint16_t forward(rte_graph* graph, rte_node* node, void** objects, uint16_t count, Decide decide) {
    auto** packets = reinterpret_cast<rte_mbuf**>(objects);
    constexpr uint16_t ahead = 4;
    for (uint16_t i = 0; i < std::min(ahead, count); ++i) {
        rte_prefetch0(rte_pktmbuf_mtod(packets[i], void*));
    }
    uint16_t begin = 0;
    rte_edge_t run = kept;
    for (uint16_t i = 0; i < count; ++i) {
        if (i + ahead < count) {
            rte_prefetch0(rte_pktmbuf_mtod(packets[i + ahead], void*));
        }
        const rte_edge_t edge = decide(packets[i]);
        if (edge != run) {
            emit(graph, node, run, packets + begin, i - begin);
            run = edge;
            begin = i;
        }
    }
    if (begin == 0 && run != kept && count != 0) {
        rte_node_next_stream_move(graph, node, run);
    } else {
        emit(graph, node, run, packets + begin, count - begin);
    }
    return count;
}

}  // namespace trunkline::dataplane::nodes
