// drop: where every dropped packet ends. Who sent it here has counted why.
#include "dataplane/nodes/nodes.h"

namespace trunkline::dataplane::nodes {

namespace {

uint16_t process(rte_graph*, rte_node*, void** objects, uint16_t count) {
    rte_pktmbuf_free_bulk(reinterpret_cast<rte_mbuf**>(objects), count);
    return count;
}

}  // namespace

const NodeType dropped{"drop", process, {}};

}  // namespace trunkline::dataplane::nodes
