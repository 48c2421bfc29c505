// vlan: which Ethernet device of its group a frame belongs to; takes the tag off (IEEE 802.1Q 9).
//
// Only groups with a tagged device come by here. Tags are taken off and put on in software, as
// drivers disagree about who does it. A tag of VLAN 0 carries a priority alone: the frame is
// untagged. What is behind a second tag is nobody's.
#include "dataplane/nodes/nodes.h"

#include <rte_ether.h>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { dropped_edge, to_ethernet };
constexpr const char* next[] = {"drop", "ethernet"};

constexpr uint16_t vlan_mask = 0x0fff;
constexpr uint64_t tag_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;

/// The tag's VLAN, with the tag taken off; 0: there was none.
uint16_t take_tag(rte_mbuf* frame) {
    const bool driver_took_it = (frame->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0;
    const bool room = frame->data_len >= sizeof(rte_ether_hdr) + sizeof(rte_vlan_hdr);
    if (!driver_took_it && (!room || rte_vlan_strip(frame) != 0)) {
        return 0;
    }
    frame->ol_flags &= ~tag_flags;
    return frame->vlan_tci & vlan_mask;
}

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
