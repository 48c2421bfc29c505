#include "dataplane/nodes/give_back.h"

#include "dataplane/packet.h"

#include <netinet/in.h>
#include <rte_debug.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include <optional>
#include <string_view>

namespace trunkline::dataplane::nodes {

namespace {

/// Bytes in front of a request's beginning; nullopt: a later fragment.
std::optional<uint32_t> headers_of(const rte_mbuf* packet, bool is_v4) {
    if (is_v4) {
        const auto* ip = rte_pktmbuf_mtod(packet, const rte_ipv4_hdr*);
        const bool is_later =
            (ip->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) != 0;
        return is_later ? std::nullopt
                        : std::optional<uint32_t>(rte_ipv4_hdr_len(ip) + sizeof(rte_udp_hdr));
    }
    const auto* ip = rte_pktmbuf_mtod(packet, const rte_ipv6_hdr*);
    constexpr uint32_t plain = sizeof(*ip) + sizeof(rte_udp_hdr);
    if (ip->proto != IPPROTO_FRAGMENT) {
        return plain;
    }
    const auto* extension = reinterpret_cast<const rte_ipv6_fragment_ext*>(ip + 1);
    const bool is_later = (extension->frag_data & rte_cpu_to_be_16(RTE_IPV6_EHDR_FO_MASK)) != 0;
    return is_later ? std::nullopt : std::optional<uint32_t>(plain + sizeof(*extension));
}

}  // namespace

bool give_back(Context& path, rte_mbuf* packet) {
    PacketFacts& known = facts(packet);
    const auto headers = headers_of(packet, known.remote.address.is_v4());
    if (!headers || packet->data_len < *headers) {
        return false;
    }
    const std::string_view payload(rte_pktmbuf_mtod_offset(packet, const char*, *headers),
                                   packet->data_len - *headers);
    const auto shard_count = static_cast<uint32_t>(path.options.shards.size());
    const auto shard = path.options.select_sender(payload, shard_count);
    if (!shard) {
        return false;
    }
    RTE_VERIFY(*shard < shard_count);
    rte_pktmbuf_adj(packet, static_cast<uint16_t>(*headers));
    known.unreachable = Unreachable::next_hop;
    ShardLink& link = *path.options.shards[*shard];
    path.fed_shards[*shard] = 1;
    if (!link.inbound.push(packet)) {
        link.inbound_full.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    return true;
}

}  // namespace trunkline::dataplane::nodes
