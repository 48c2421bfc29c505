#include "dataplane/nodes/graph.h"

#include "dataplane/nodes/node.h"
#include "dataplane/nodes/registry.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_graph_worker.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace trunkline::dataplane::nodes {

namespace {

/// DPDK finds graphs by name, process-wide.
std::string unique_graph_name(uint32_t worker) {
    static std::atomic<uint32_t> sequence{0};
    return fmt::format("worker{}.{}", worker, sequence.fetch_add(1));
}

board::Error cannot(const std::string& what) {
    return {fmt::format("cannot {}: {}; raise appliance.memory_megabytes", what,
                        rte_strerror(rte_errno))};
}

}  // namespace

board::Expected<std::unique_ptr<Graph>> Graph::create(uint32_t worker, Context& context) {
    const auto names = register_nodes(static_cast<uint16_t>(context.ether_groups.ports().size()));
    if (!names) {
        return std::unexpected(names.error());
    }
    std::vector<const char*> patterns;
    std::ranges::transform(*names, std::back_inserter(patterns), &std::string::c_str);
    rte_graph_param parameters{};
    parameters.socket_id = SOCKET_ID_ANY;
    parameters.nb_node_patterns = static_cast<uint16_t>(patterns.size());
    parameters.node_patterns = patterns.data();

    std::unique_ptr<Graph> graph(new Graph(unique_graph_name(worker)));
    if (rte_graph_create(graph->name_.c_str(), &parameters) == RTE_GRAPH_ID_INVALID) {
        return std::unexpected(cannot("make the packet graph"));
    }
    graph->graph_ = rte_graph_lookup(graph->name_.c_str());
    if (auto given = graph->give_context(context); !given) {
        return std::unexpected(given.error());
    }
    if (auto made = graph->make_statistics(); !made) {
        return std::unexpected(made.error());
    }
    return graph;
}

Graph::~Graph() {
    if (statistics_ != nullptr) {
        rte_graph_cluster_stats_destroy(statistics_);
    }
    if (graph_ != nullptr) {
        rte_graph_destroy(rte_graph_from_name(name_.c_str()));
    }
}

board::Expected<void> Graph::give_context(Context& context) {
    // Written here and not by the nodes' init functions, which get no argument of ours.
    const auto names = register_nodes(static_cast<uint16_t>(context.ether_groups.ports().size()));
    for (const std::string& name : *names) {
        rte_node* node = rte_graph_node_get_by_name(name_.c_str(), name.c_str());
        if (node == nullptr) {
            return std::unexpected(cannot("find packet node " + name));
        }
        new (node->ctx) NodeSlot{&context, 0};
    }
    for (uint16_t port = 0; port < context.ether_groups.ports().size(); ++port) {
        rte_node* node = rte_graph_node_get_by_name(name_.c_str(), rx_node_name(port).c_str());
        new (node->ctx) NodeSlot{&context, port};
    }
    return {};
}

board::Expected<void> Graph::make_statistics() {
    // One object a graph: with several graphs DPDK adds nodes of one name up.
    const char* pattern = name_.c_str();
    rte_graph_cluster_stats_param parameters{};
    parameters.socket_id = SOCKET_ID_ANY;
    parameters.fn = collect;
    parameters.cookie = this;
    parameters.nb_graph_patterns = 1;
    parameters.graph_patterns = &pattern;
    statistics_ = rte_graph_cluster_stats_create(&parameters);
    if (statistics_ == nullptr) {
        return std::unexpected(cannot("make the packet graph's statistics"));
    }
    return {};
}

void Graph::walk() {
    rte_graph_walk(graph_);
}

int Graph::collect(bool, bool, void* cookie, const rte_graph_cluster_node_stats* node) {
    static_cast<const Graph*>(cookie)->collected_.push_back(
        {node->name, node->calls, node->objs, node->cycles});
    return 0;
}

std::vector<NodeStatistics> Graph::statistics() const {
    const std::scoped_lock lock(one_reader_);
    collected_.clear();
    rte_graph_cluster_stats_get(statistics_, false);
    return collected_;
}

std::string Graph::drawing() const {
    char* text = nullptr;
    std::size_t size = 0;
    FILE* stream = open_memstream(&text, &size);
    if (stream == nullptr) {
        return {};
    }
    const bool drawn = rte_graph_export(name_.c_str(), stream) == 0;
    std::fclose(stream);
    std::string result = drawn ? std::string(text, size) : std::string();
    std::free(text);
    return result;
}

}  // namespace trunkline::dataplane::nodes
