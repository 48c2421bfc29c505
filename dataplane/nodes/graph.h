// One worker's packet graph: the nodes wired together, with their context and statistics.
#pragma once

#include "board/error.h"
#include "dataplane/nodes/context.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

struct rte_graph;
struct rte_graph_cluster_stats;
struct rte_graph_cluster_node_stats;

namespace trunkline::dataplane::nodes {

class Graph {
public:
    /// `context` outlives the graph.
    static board::Expected<std::unique_ptr<Graph>> create(uint32_t worker, Context& context);
    ~Graph();
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    /// Runs the sources, then everything they set in motion.
    void walk();

    /// Any thread. The numbers are read while the worker writes them: each is right, together they
    /// may be a packet apart.
    std::vector<NodeStatistics> statistics() const;
    /// Any thread.
    std::string drawing() const;

private:
    explicit Graph(std::string name) : name_(std::move(name)) {}
    board::Expected<void> give_context(Context& context);
    board::Expected<void> make_statistics();
    static int collect(bool first, bool last, void* cookie,
                       const rte_graph_cluster_node_stats* node);

    std::string name_;
    rte_graph* graph_ = nullptr;
    rte_graph_cluster_stats* statistics_ = nullptr;
    mutable std::mutex one_reader_;  ///< DPDK fills `collected_` by way of one buffer
    mutable std::vector<NodeStatistics> collected_;
};

}  // namespace trunkline::dataplane::nodes
