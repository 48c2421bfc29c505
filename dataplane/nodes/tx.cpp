// tx: sends frames by their device's port, runs of one device together.
#include "dataplane/nodes/nodes.h"

#include <rte_ethdev.h>

namespace trunkline::dataplane::nodes {

namespace {

/// A port that takes nothing this often in a row is full; waiting longer would stop reception too.
constexpr int tries = 4;

bool offloads(const board::PortTraits& port) {
    return port.tx_ipv4_checksum_offload || port.tx_udp_checksum_offload;
}

/// Sends; counts and frees what the port has no room for.
void transmit(Context& path, uint16_t port, rte_mbuf** frames, uint16_t count) {
    uint16_t sent = 0;
    for (int without_progress = 0; sent < count && without_progress < tries;) {
        const uint16_t taken = rte_eth_tx_burst(port, 0, frames + sent, count - sent);
        sent += taken;
        without_progress = taken == 0 ? without_progress + 1 : 0;
    }
    path.counters.add(Counter::tx_frames, sent);
    if (sent < count) {
        path.counters.add(Counter::tx_port_full, count - sent);
        rte_pktmbuf_free_bulk(frames + sent, count - sent);
    }
}

/// A driver may want the headers another way for its offloads; it stops at a frame that it refuses.
void prepare_and_transmit(Context& path, uint16_t port, rte_mbuf** frames, uint16_t count) {
    for (uint16_t begin = 0; begin < count;) {
        const uint16_t ready = rte_eth_tx_prepare(port, 0, frames + begin, count - begin);
        transmit(path, port, frames + begin, ready);
        begin += ready;
        if (begin < count) {
            path.counters.add(Counter::tx_refused);
            rte_pktmbuf_free(frames[begin++]);
        }
    }
}

uint16_t process(rte_graph*, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    auto** frames = reinterpret_cast<rte_mbuf**>(objects);
    for (uint16_t begin = 0; begin < count;) {
        const uint16_t device = facts(frames[begin]).device;
        uint16_t end = begin + 1;
        while (end < count && facts(frames[end]).device == device) {
            ++end;
        }
        const board::PortTraits& port = path.devices[device].port;
        const auto send = offloads(port) ? prepare_and_transmit : transmit;
        send(path, port.dpdk_port, frames + begin, end - begin);
        begin = end;
    }
    return count;
}

}  // namespace

const NodeType tx{"tx", process, {}};

}  // namespace trunkline::dataplane::nodes
