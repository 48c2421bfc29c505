// tx: puts on the device's VLAN tag and sends by a port of its group, runs of one device together.
//
// Of several members that send, a station is always served by the same one, so that its frames stay
// in order.
#include "dataplane/nodes/nodes.h"

#include <rte_ethdev.h>

namespace trunkline::dataplane::nodes {

namespace {

/// A port that takes nothing this often in a row is full; waiting longer would stop reception too.
constexpr int tries = 4;

bool offloads(const Device& device) {
    return device.tx_ipv4_checksum_offload || device.tx_udp_checksum_offload;
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

/// The member that sends to the frame's destination.
uint16_t sender_for(const EtherGroup& group, const rte_mbuf* frame) {
    const auto* header = rte_pktmbuf_mtod(frame, const rte_ether_hdr*);
    return group.senders[header->dst_addr.addr_bytes[5] % group.sender_count];
}

/// Frames of one device, with their tags on.
void send(Context& path, const Device& device, rte_mbuf** frames, uint16_t count) {
    const auto out = offloads(device) ? prepare_and_transmit : transmit;
    const EtherGroup& group = path.ether_groups.group(device.group);
    if (group.sender_count == 0) {
        path.counters.add(Counter::tx_no_port, count);
        rte_pktmbuf_free_bulk(frames, count);
        return;
    }
    if (group.sender_count == 1) {
        out(path, group.senders[0], frames, count);
        return;
    }
    for (uint16_t begin = 0; begin < count;) {
        const uint16_t port = sender_for(group, frames[begin]);
        uint16_t end = begin + 1;
        while (end < count && sender_for(group, frames[end]) == port) {
            ++end;
        }
        out(path, port, frames + begin, end - begin);
        begin = end;
    }
}

/// Returns how many are left; counts and frees those that have no room for the tag.
uint16_t put_tags(Context& path, uint16_t tag, rte_mbuf** frames, uint16_t count) {
    uint16_t kept = 0;
    for (uint16_t i = 0; i < count; ++i) {
        rte_mbuf* frame = frames[i];
        frame->vlan_tci = tag;
        if (rte_vlan_insert(&frame) == 0) {
            frames[kept++] = frame;
        } else {
            path.counters.add(Counter::tx_no_headroom);
            rte_pktmbuf_free(frame);
        }
    }
    return kept;
}

uint16_t process(rte_graph*, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    auto** frames = reinterpret_cast<rte_mbuf**>(objects);
    for (uint16_t begin = 0; begin < count;) {
        const uint16_t index = facts(frames[begin]).device;
        uint16_t end = begin + 1;
        while (end < count && facts(frames[end]).device == index) {
            ++end;
        }
        const Device& device = path.devices[index];
        uint16_t run = end - begin;
        if (device.vlan_tag != 0) {
            run = put_tags(path, device.vlan_tag, frames + begin, run);
        }
        send(path, device, frames + begin, run);
        begin = end;
    }
    return count;
}

}  // namespace

const NodeType tx{"tx", process, {}};

}  // namespace trunkline::dataplane::nodes
