#include "dataplane/composed_packet.h"

#include <netinet/in.h>
#include <rte_byteorder.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include <algorithm>
#include <cstring>

namespace trunkline::dataplane {

namespace {

constexpr uint8_t hops = 64;

template <typename Header>
std::string_view bytes_of(const Header& header) {
    return {reinterpret_cast<const char*>(&header), sizeof header};
}

/// The packet with `payload` behind the transport's header, whose checksum `sum` makes.
template <typename Ip, typename Transport>
std::string with_checksum(const Ip& ip, Transport transport, uint16_t Transport::*checksum,
                          std::string_view payload, uint16_t (*sum)(const Ip*, const void*)) {
    std::string segment(bytes_of(transport));
    segment += payload;
    transport.*checksum = sum(&ip, segment.data());
    segment.replace(0, sizeof transport, bytes_of(transport));
    return std::string(bytes_of(ip)) + segment;
}

template <typename Transport>
std::string ip4_packet(const Endpoint& from, const Endpoint& to, uint8_t protocol,
                       Transport transport, uint16_t Transport::*checksum,
                       std::string_view payload) {
    rte_ipv4_hdr ip{};
    ip.version_ihl = RTE_IPV4_VHL_DEF;
    ip.total_length =
        rte_cpu_to_be_16(static_cast<uint16_t>(sizeof ip + sizeof transport + payload.size()));
    ip.fragment_offset = rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG);
    ip.time_to_live = hops;
    ip.next_proto_id = protocol;
    std::memcpy(&ip.src_addr, from.address.bytes.data(), sizeof ip.src_addr);
    std::memcpy(&ip.dst_addr, to.address.bytes.data(), sizeof ip.dst_addr);
    ip.hdr_checksum = rte_ipv4_cksum(&ip);
    return with_checksum(ip, transport, checksum, payload, rte_ipv4_udptcp_cksum);
}

template <typename Transport>
std::string ip6_packet(const Endpoint& from, const Endpoint& to, uint8_t protocol,
                       Transport transport, uint16_t Transport::*checksum,
                       std::string_view payload) {
    rte_ipv6_hdr ip{};
    constexpr uint32_t version = 6U << 28;
    ip.vtc_flow = rte_cpu_to_be_32(version);
    ip.payload_len = rte_cpu_to_be_16(static_cast<uint16_t>(sizeof transport + payload.size()));
    ip.proto = protocol;
    ip.hop_limits = hops;
    std::memcpy(ip.src_addr, from.address.bytes.data(), sizeof ip.src_addr);
    std::memcpy(ip.dst_addr, to.address.bytes.data(), sizeof ip.dst_addr);
    return with_checksum(ip, transport, checksum, payload, rte_ipv6_udptcp_cksum);
}

template <typename Transport>
std::string packet(const Endpoint& from, const Endpoint& to, uint8_t protocol,
                   const Transport& transport, uint16_t Transport::*checksum,
                   std::string_view payload) {
    return from.address.is_v4() ? ip4_packet(from, to, protocol, transport, checksum, payload)
                                : ip6_packet(from, to, protocol, transport, checksum, payload);
}

}  // namespace

std::string compose_udp_packet(const Endpoint& from, const Endpoint& to, std::string_view payload) {
    payload = payload.substr(0, largest_composed_payload);
    rte_udp_hdr udp{};
    udp.src_port = rte_cpu_to_be_16(from.port);
    udp.dst_port = rte_cpu_to_be_16(to.port);
    udp.dgram_len = rte_cpu_to_be_16(static_cast<uint16_t>(sizeof udp + payload.size()));
    return packet(from, to, IPPROTO_UDP, udp, &rte_udp_hdr::dgram_cksum, payload);
}

std::string compose_tcp_packet(const Endpoint& from, const Endpoint& to, const TcpPlace& place,
                               std::string_view payload) {
    constexpr uint8_t header_words = sizeof(rte_tcp_hdr) / 4;
    payload = payload.substr(0, largest_composed_payload);
    rte_tcp_hdr tcp{};
    tcp.src_port = rte_cpu_to_be_16(from.port);
    tcp.dst_port = rte_cpu_to_be_16(to.port);
    tcp.sent_seq = rte_cpu_to_be_32(place.sequence);
    tcp.recv_ack = rte_cpu_to_be_32(place.acknowledged);
    tcp.data_off = header_words << 4;
    tcp.tcp_flags = RTE_TCP_PSH_FLAG | RTE_TCP_ACK_FLAG;
    tcp.rx_win = 0xffff;
    return packet(from, to, IPPROTO_TCP, tcp, &rte_tcp_hdr::cksum, payload);
}

}  // namespace trunkline::dataplane
