// Cuts a packet at its end.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>

namespace trunkline::dataplane::nodes {

/// Leaves the first `length` bytes (at most what there is, at least one), over any number of
/// segments; rte_pktmbuf_trim() cannot cut more than the last one.
inline void trim_to(rte_mbuf* packet, uint32_t length) {
    if (packet->pkt_len == length) {
        return;
    }
    rte_mbuf* last = packet;
    uint32_t before = 0;
    uint16_t segments = 1;
    while (before + last->data_len < length) {
        before += last->data_len;
        last = last->next;
        ++segments;
    }
    rte_mbuf* rest = last->next;
    last->next = nullptr;
    last->data_len = static_cast<uint16_t>(length - before);
    packet->pkt_len = length;
    packet->nb_segs = segments;
    while (rest != nullptr) {
        rte_mbuf* after = rest->next;
        rte_pktmbuf_free_seg(rest);
        rest = after;
    }
}

}  // namespace trunkline::dataplane::nodes
