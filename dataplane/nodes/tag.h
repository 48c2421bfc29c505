// The tag of a VLAN in a frame (IEEE 802.1Q 9), for the nodes that take it off.
#pragma once

#include <rte_ether.h>
#include <rte_mbuf.h>

#include <cstdint>

namespace trunkline::dataplane::nodes {

/// The tag's VLAN, with the tag taken off. 0: there was none, or one of a priority alone, whose
/// frame is untagged (IEEE 802.1Q 6.9.1).
inline uint16_t take_tag(rte_mbuf* frame) {
    constexpr uint16_t vlan_mask = 0x0fff;
    constexpr uint64_t flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    const bool driver_took_it = (frame->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0;
    const bool room = frame->data_len >= sizeof(rte_ether_hdr) + sizeof(rte_vlan_hdr);
    if (!driver_took_it && (!room || rte_vlan_strip(frame) != 0)) {
        return 0;
    }
    frame->ol_flags &= ~flags;
    return frame->vlan_tci & vlan_mask;
}

}  // namespace trunkline::dataplane::nodes
