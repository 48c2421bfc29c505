// vlan: which Ethernet device of its group a frame belongs to; takes the tag off.
//
// Only groups with a tagged device come by here; of the others `ethernet` takes the tags off that
// carry a priority alone. Tags are taken off and put on in software, as drivers disagree about who
// does it. What is behind a second tag is nobody's.
#include "dataplane/nodes/nodes.h"
#include "dataplane/nodes/tag.h"

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_ethernet };
constexpr const char* next[] = {"drop", "ethernet"};

rte_edge_t decide(Context& path, rte_mbuf* frame) {
    PacketFacts& known = facts(frame);
    const EtherGroup& group = path.ether_groups.group(known.device);
    const uint16_t vlan = take_tag(frame);
    known.device = vlan == 0 ? group.untagged_device : group.device_of_vlan(vlan);
    if (known.device == EtherGroup::no_device) {
        return drop(path, vlan == 0 ? Counter::vlan_untagged : Counter::vlan_unknown);
    }
    return to_ethernet;
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    return forward(graph, node, objects, count,
                   [&](rte_mbuf*& frame) { return decide(path, frame); });
}

}  // namespace

const NodeType vlan{"vlan", process, next};

}  // namespace trunkline::dataplane::nodes
