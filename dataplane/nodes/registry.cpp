#include "dataplane/nodes/registry.h"

#include "dataplane/nodes/nodes.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_graph.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace trunkline::dataplane::nodes {

namespace {

constexpr std::array node_types = {
    &rx,          &no_rx,      &vlan,     &ethernet, &ip4,
    &ip6,         &reassembly, &udp,      &sip_door, &icmp,
    &kernel_door, &shard_in,   &udp_out,  &fragment, &next_hop_answers,
    &next_hop,    &kernel_in,  &announce, &tx,       &dropped,
};

board::Error cannot(const char* what, const std::string& name) {
    return {fmt::format("cannot {} packet node {}: {}", what, name, rte_strerror(rte_errno))};
}

bool known(const std::string& name) {
    return rte_node_from_name(name.c_str()) != RTE_NODE_ID_INVALID;
}

/// DPDK's own macro for this does not compile as C++: the register struct ends in an array of
/// unknown length. So it is made on the heap; DPDK copies it.
board::Expected<void> register_type(const NodeType& type) {
    struct Free {
        void operator()(rte_node_register* memory) const { std::free(memory); }
    };
    const std::size_t size = sizeof(rte_node_register) + type.next.size() * sizeof(const char*);
    const std::unique_ptr<rte_node_register, Free> node(
        static_cast<rte_node_register*>(std::calloc(1, size)));
    if (!node) {
        std::abort();
    }
    fmt::format_to_n(node->name, sizeof(node->name) - 1, "{}", type.name);
    node->flags = type.source ? RTE_NODE_SOURCE_F : 0;
    node->process = type.process;
    node->parent_id = RTE_NODE_ID_INVALID;  // zero would make it a clone of the first node
    node->nb_edges = static_cast<rte_edge_t>(type.next.size());
    std::ranges::copy(type.next, node->next_nodes);
    if (__rte_node_register(node.get()) == RTE_NODE_ID_INVALID) {
        return std::unexpected(cannot("register", type.name));
    }
    return {};
}

/// A receiving node a port: DPDK's node instances are per graph, and a graph has one of a name.
board::Expected<void> clone_rx(uint16_t port) {
    const std::string suffix = std::to_string(port);
    if (rte_node_clone(rte_node_from_name(rx.name), suffix.c_str()) == RTE_NODE_ID_INVALID) {
        return std::unexpected(cannot("clone", rx_node_name(port)));
    }
    return {};
}

}  // namespace

std::string rx_node_name(uint16_t port) {
    return fmt::format("{}-{}", rx.name, port);  // as rte_node_clone() makes it
}

board::Expected<std::vector<std::string>> register_nodes(uint16_t ports) {
    static std::mutex one_at_a_time;  // looking and registering is one step
    const std::scoped_lock lock(one_at_a_time);
    std::vector<std::string> names;
    for (const NodeType* type : node_types) {
        if (!known(type->name)) {
            if (auto registered = register_type(*type); !registered) {
                return std::unexpected(registered.error());
            }
        }
        if (type == &no_rx ? ports == 0 : type != &rx) {
            names.emplace_back(type->name);
        }
    }
    for (uint16_t port = 0; port < ports; ++port) {
        if (!known(rx_node_name(port))) {
            if (auto cloned = clone_rx(port); !cloned) {
                return std::unexpected(cloned.error());
            }
        }
        names.push_back(rx_node_name(port));
    }
    return names;
}

}  // namespace trunkline::dataplane::nodes
