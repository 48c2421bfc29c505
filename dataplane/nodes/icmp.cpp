// icmp: tells a shard that the network gave one of its datagrams back (RFC 3261 18.4).
//
// Every message goes on to the kernel as it is, which answers echoes and corrects its routes.
// Nobody signs ICMP, so a shard hears of what can have been caused by a datagram of ours alone (RFC
// 5927 4, RFC 8085 5.2): the quote names a SIP port of ours as its source, and holds the branch of
// a request of ours, which who has not seen that request cannot know. A quote cut off before the
// branch (RFC 792 asks for eight bytes of UDP only) is no evidence, and silence decides.
#include "dataplane/nodes/checksum.h"
#include "dataplane/nodes/nodes.h"

#include <netinet/in.h>
#include <rte_debug.h>
#include <rte_udp.h>

#include <algorithm>
#include <expected>
#include <string_view>

namespace trunkline::dataplane::nodes {

namespace {

enum Edge : rte_edge_t { to_kernel_door };
constexpr const char* next[] = {"kernel_door"};

constexpr uint32_t icmp_header = 8;
/// What is looked at of a message. It carries 576 bytes as a rule (RFC 1812 4.3.2.3), with IPv6 at
/// most what every link takes (RFC 4443 3.1).
constexpr uint32_t longest_look = 1280;

/// A datagram of UDP as an error message quotes it.
struct Quote {
    Endpoint source, destination;
    std::string_view payload;  ///< as far as it is quoted
};

/// The quote, or why it is none of a datagram of ours.
using Reading = std::expected<Quote, Counter>;

Reading read_udp(std::string_view bytes, const IpAddress& source, const IpAddress& destination) {
    if (bytes.size() < sizeof(rte_udp_hdr)) {
        return std::unexpected(Counter::icmp_quote_short);
    }
    const auto* udp = reinterpret_cast<const rte_udp_hdr*>(bytes.data());
    const uint32_t length = std::max<uint32_t>(rte_be_to_cpu_16(udp->dgram_len), sizeof(*udp));
    return Quote{{source, rte_be_to_cpu_16(udp->src_port)},
                 {destination, rte_be_to_cpu_16(udp->dst_port)},
                 bytes.substr(0, length).substr(sizeof(*udp))};
}

Reading read_ip4(std::string_view bytes) {
    const auto* ip = reinterpret_cast<const rte_ipv4_hdr*>(bytes.data());
    if (bytes.size() < sizeof(*ip) || bytes.size() < rte_ipv4_hdr_len(ip)) {
        return std::unexpected(Counter::icmp_quote_short);
    }
    if (ip->next_proto_id != IPPROTO_UDP) {
        return std::unexpected(Counter::icmp_quote_foreign);
    }
    constexpr uint16_t fragment_bits = RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK;
    if ((ip->fragment_offset & rte_cpu_to_be_16(fragment_bits)) != 0) {
        return std::unexpected(Counter::icmp_quote_fragment);
    }
    return read_udp(bytes.substr(rte_ipv4_hdr_len(ip)),
                    IpAddress::v4(rte_be_to_cpu_32(ip->src_addr)),
                    IpAddress::v4(rte_be_to_cpu_32(ip->dst_addr)));
}

Reading read_ip6(std::string_view bytes) {
    const auto* ip = reinterpret_cast<const rte_ipv6_hdr*>(bytes.data());
    if (bytes.size() < sizeof(*ip)) {
        return std::unexpected(Counter::icmp_quote_short);
    }
    if (ip->proto != IPPROTO_UDP) {
        return std::unexpected(ip->proto == IPPROTO_FRAGMENT ? Counter::icmp_quote_fragment
                                                             : Counter::icmp_quote_foreign);
    }
    return read_udp(bytes.substr(sizeof(*ip)), IpAddress::from_bytes(ip->src_addr),
                    IpAddress::from_bytes(ip->dst_addr));
}

bool checksum_good(const rte_mbuf* packet, uint32_t offset, bool is_v4) {
    const uint32_t length = packet->pkt_len - offset;
    uint16_t start = 0;
    if (!is_v4) {
        const auto* ip = rte_pktmbuf_mtod_offset(packet, const rte_ipv6_hdr*, packet->l2_len);
        start = pseudo_header_sum(addresses_of(ip), IPPROTO_ICMPV6, static_cast<uint16_t>(length));
    }
    return sum_of(packet, offset, length, start) == 0xffff;
}

/// Hands the quoted payload over; it is a copy, as the message itself is the kernel's.
Counter tell(Context& path, uint32_t shard, const Quote& quote, const PacketFacts& message,
             Unreachable why) {
    rte_mbuf* copy = rte_pktmbuf_alloc(path.options.pool);
    if (copy == nullptr) {
        return Counter::icmp_no_buffer;
    }
    char* room = rte_pktmbuf_append(copy, static_cast<uint16_t>(quote.payload.size()));
    RTE_VERIFY(room != nullptr);
    quote.payload.copy(room, quote.payload.size());
    facts(copy) = {quote.destination, quote.source, message.ip_interface, message.device, why};
    ShardLink& link = *path.options.shards[shard];
    path.fed_shards[shard] = 1;
    if (!link.inbound.push(copy)) {
        rte_pktmbuf_free(copy);
        link.inbound_full.fetch_add(1, std::memory_order_relaxed);
        return Counter::icmp_ring_full;
    }
    return Counter::icmp_unreachable;
}

/// What came of the message, beside its way to the kernel.
Counter inspect(Context& path, rte_mbuf* packet) {
    const PacketFacts& known = facts(packet);
    const bool is_v4 = known.local.address.is_v4();
    const uint32_t offset = packet->l2_len + packet->l3_len;
    const uint32_t length = std::min(packet->pkt_len - offset, longest_look);
    if (length < icmp_header) {
        return Counter::icmp_other;
    }
    const auto* bytes =
        static_cast<const char*>(rte_pktmbuf_read(packet, offset, length, path.scratch.data()));
    const auto type = static_cast<uint8_t>(bytes[0]);
    const auto code = static_cast<uint8_t>(bytes[1]);
    const Unreachable why =
        is_v4 ? unreachable_by_icmp4(type, code) : unreachable_by_icmp6(type, code);
    if (why == Unreachable::none) {
        return Counter::icmp_other;
    }
    if (!path.devices[known.device].unreachable.take(path.now)) {
        return Counter::icmp_limited;
    }
    if (!checksum_good(packet, offset, is_v4)) {
        return Counter::icmp_bad_checksum;
    }
    const std::string_view quoted(bytes + icmp_header, length - icmp_header);
    const Reading quote = is_v4 ? read_ip4(quoted) : read_ip6(quoted);
    if (!quote) {
        return quote.error();
    }
    if (quote->source.address != known.local.address ||
        !path.interfaces[known.ip_interface].sip_ports.test(quote->source.port)) {
        return Counter::icmp_quote_foreign;
    }
    const auto shard_count = static_cast<uint32_t>(path.options.shards.size());
    const auto shard = path.options.select_sender(quote->payload, shard_count);
    if (!shard) {
        return Counter::icmp_quote_no_branch;
    }
    RTE_VERIFY(*shard < shard_count);
    return tell(path, *shard, *quote, known, why);
}

uint16_t process(rte_graph* graph, rte_node* node, void** objects, uint16_t count) {
    Context& path = context_of(node);
    return forward(graph, node, objects, count, [&](rte_mbuf*& packet) -> rte_edge_t {
        path.counters.add(inspect(path, packet));
        return to_kernel_door;
    });
}

}  // namespace

const NodeType icmp{"icmp", process, next};

}  // namespace trunkline::dataplane::nodes
