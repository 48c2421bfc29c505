// announce: tells the neighbours of a group whose senders have changed where its addresses are now,
// in each of its VLANs.
#include "dataplane/announcement.h"
#include "dataplane/nodes/nodes.h"

#include <cstring>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { to_tx };
constexpr const char* next[] = {"tx"};

rte_mbuf* frame_for(Context& path, const Interface& interface) {
    rte_mbuf* frame = rte_pktmbuf_alloc(path.options.pool);
    if (frame == nullptr) {
        path.counters.add(Counter::announce_no_buffer);
        return nullptr;
    }
    const Announcement announcement =
        announcement_of(path.devices[interface.device].mac, interface.address);
    std::memcpy(rte_pktmbuf_append(frame, announcement.size), announcement.bytes.data(),
                announcement.size);
    facts(frame).device = interface.device;
    path.counters.add(Counter::announce_frames);
    return frame;
}

uint16_t process(rte_graph* graph, rte_node* node, void**, uint16_t) {
    Context& path = context_of(node);
    if (!path.ether_groups.announcing()) {
        return 0;
    }
    uint16_t count = 0;
    path.ether_groups.announce_due(path.now, [&](uint16_t group) {
        for (const Interface& interface : path.interfaces) {
            if (path.devices[interface.device].group != group) {
                continue;
            }
            if (rte_mbuf* frame = frame_for(path, interface)) {
                emit(graph, node, to_tx, &frame, 1);
                ++count;
            }
        }
    });
    path.moved += count;
    return count;
}

}  // namespace

const NodeType announce{"announce", process, next, true};

}  // namespace trunkline::dataplane::nodes
