// What the packet path counts: one name for each way that a packet can end, and a few totals.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trunkline::dataplane {

// Counter, name shown to operators, in the order of a packet's walk.
#define TRUNKLINE_DATAPLANE_COUNTERS(X)                        \
    X(rx_frames, "rx.frames")                                  \
    X(rx_standby, "rx.standby")                                \
    X(vlan_untagged, "vlan.untagged")                          \
    X(vlan_unknown, "vlan.unknown")                            \
    X(ethernet_runt, "ethernet.runt")                          \
    X(ethernet_scattered, "ethernet.scattered_headers")        \
    X(ethernet_own_frame, "ethernet.own_frame")                \
    X(ethernet_not_ours, "ethernet.not_ours")                  \
    X(ethernet_tagged, "ethernet.tagged")                      \
    X(ip4_bad_header, "ip4.bad_header")                        \
    X(ip4_truncated, "ip4.truncated")                          \
    X(ip4_bad_checksum, "ip4.bad_checksum")                    \
    X(ip4_bad_source, "ip4.bad_source")                        \
    X(ip6_bad_header, "ip6.bad_header")                        \
    X(ip6_truncated, "ip6.truncated")                          \
    X(ip6_bad_source, "ip6.bad_source")                        \
    X(reassembly_bad_fragment, "reassembly.bad_fragment")      \
    X(reassembly_overlapping, "reassembly.overlapping")        \
    X(reassembly_duplicate, "reassembly.duplicate")            \
    X(reassembly_too_many, "reassembly.too_many_fragments")    \
    X(reassembly_evicted, "reassembly.evicted")                \
    X(reassembly_timed_out, "reassembly.timed_out")            \
    X(reassembly_done, "reassembly.datagrams")                 \
    X(udp_bad_length, "udp.bad_length")                        \
    X(udp_bad_checksum, "udp.bad_checksum")                    \
    X(udp_zero_checksum_ip6, "udp.zero_checksum_ip6")          \
    X(udp_partial_checksum, "udp.partial_checksum_accepted")   \
    X(sip_door_empty, "sip_door.empty")                        \
    X(sip_door_ring_full, "sip_door.ring_full")                \
    X(sip_door_datagrams, "sip_door.datagrams")                \
    X(icmp_other, "icmp.other")                                \
    X(icmp_limited, "icmp.limited")                            \
    X(icmp_bad_checksum, "icmp.bad_checksum")                  \
    X(icmp_quote_short, "icmp.quote_short")                    \
    X(icmp_quote_foreign, "icmp.quote_foreign")                \
    X(icmp_quote_fragment, "icmp.quote_fragment")              \
    X(icmp_quote_no_branch, "icmp.quote_without_branch")       \
    X(icmp_no_buffer, "icmp.no_buffer")                        \
    X(icmp_ring_full, "icmp.ring_full")                        \
    X(icmp_unreachable, "icmp.unreachable")                    \
    X(kernel_door_frames, "kernel_door.frames")                \
    X(kernel_door_completed, "kernel_door.checksum_completed") \
    X(kernel_door_no_twin, "kernel_door.no_twin")              \
    X(kernel_door_limited, "kernel_door.limited")              \
    X(kernel_door_full, "kernel_door.full")                    \
    X(kernel_door_failed, "kernel_door.write_failed")          \
    X(kernel_in_frames, "kernel_in.frames")                    \
    X(kernel_in_runt, "kernel_in.runt")                        \
    X(kernel_in_failed, "kernel_in.read_failed")               \
    X(kernel_in_no_buffer, "kernel_in.no_buffer")              \
    X(shard_in_datagrams, "shard_in.datagrams")                \
    X(udp_out_bad_facts, "udp_out.bad_facts")                  \
    X(udp_out_too_large, "udp_out.too_large")                  \
    X(udp_out_no_headroom, "udp_out.no_headroom")              \
    X(fragment_too_many, "fragment.too_many_fragments")        \
    X(fragment_no_buffer, "fragment.no_buffer")                \
    X(fragment_fragments, "fragment.fragments")                \
    X(next_hop_asked, "next_hop.asked")                        \
    X(next_hop_held, "next_hop.held")                          \
    X(next_hop_hold_full, "next_hop.hold_full")                \
    X(next_hop_hold_timeout, "next_hop.hold_timeout")          \
    X(next_hop_unreachable, "next_hop.unreachable")            \
    X(next_hop_request_lost, "next_hop.request_lost")          \
    X(next_hop_no_headroom, "next_hop.no_headroom")            \
    X(announce_frames, "announce.frames")                      \
    X(announce_no_buffer, "announce.no_buffer")                \
    X(tx_no_headroom, "tx.no_headroom")                        \
    X(tx_no_port, "tx.no_port")                                \
    X(tx_frames, "tx.frames")                                  \
    X(tx_port_full, "tx.port_full")                            \
    X(tx_refused, "tx.refused_by_driver")

enum class Counter : uint8_t {
#define TRUNKLINE_ENUMERATOR(id, name) id,
    TRUNKLINE_DATAPLANE_COUNTERS(TRUNKLINE_ENUMERATOR)
#undef TRUNKLINE_ENUMERATOR
};

inline constexpr auto counter_names = std::to_array<std::string_view>({
#define TRUNKLINE_NAME(id, name) name,
    TRUNKLINE_DATAPLANE_COUNTERS(TRUNKLINE_NAME)
#undef TRUNKLINE_NAME
});

/// The counters of one worker. It alone writes, so an addition is a load and a store and no locked
/// instruction; anyone may read. On cache lines of their own: a reader that watches another
/// worker's counters must not slow this one.
class alignas(64) Counters {
public:
    void add(Counter counter, uint64_t amount = 1) {
        auto& value = values_[static_cast<std::size_t>(counter)];
        value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    uint64_t value(Counter counter) const {
        return values_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<uint64_t>, counter_names.size()> values_{};
};

}  // namespace trunkline::dataplane
