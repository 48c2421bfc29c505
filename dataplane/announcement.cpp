#include "dataplane/announcement.h"

#include <netinet/in.h>
#include <rte_arp.h>
#include <rte_ether.h>
#include <rte_ip.h>

#include <cstring>

namespace trunkline::dataplane {

namespace {

/// RFC 4861 4.4 with the option of 4.6.1.
struct NeighbourAdvertisement {
    uint8_t type = 136, code = 0;
    uint16_t checksum = 0;
    uint8_t flags = 0x20;  // override; neither a router's nor solicited
    std::array<uint8_t, 3> reserved{};
    std::array<uint8_t, 16> target{};
    uint8_t option = 2, option_units = 1;  // target link-layer address, 8 bytes
    std::array<uint8_t, 6> mac{};
};
static_assert(sizeof(NeighbourAdvertisement) == 32);

template <typename Part>
void append(Announcement& frame, const Part& part) {
    std::memcpy(frame.bytes.data() + frame.size, &part, sizeof part);
    frame.size += sizeof part;
}

void append_ethernet(Announcement& frame, const std::array<uint8_t, 6>& to, const MacAddress& from,
                     uint16_t type) {
    rte_ether_hdr ethernet{};
    std::memcpy(ethernet.dst_addr.addr_bytes, to.data(), to.size());
    std::memcpy(ethernet.src_addr.addr_bytes, from.bytes.data(), from.bytes.size());
    ethernet.ether_type = rte_cpu_to_be_16(type);
    append(frame, ethernet);
}

void append_arp(Announcement& frame, const MacAddress& mac, const IpAddress& address) {
    append_ethernet(frame, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, mac, RTE_ETHER_TYPE_ARP);
    rte_arp_hdr arp{};
    arp.arp_hardware = rte_cpu_to_be_16(RTE_ARP_HRD_ETHER);
    arp.arp_protocol = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
    arp.arp_hlen = sizeof(rte_ether_addr);
    arp.arp_plen = sizeof(uint32_t);
    arp.arp_opcode = rte_cpu_to_be_16(RTE_ARP_OP_REQUEST);
    std::memcpy(&arp.arp_data.arp_sha, mac.bytes.data(), mac.bytes.size());
    std::memcpy(&arp.arp_data.arp_sip, address.bytes.data(), sizeof arp.arp_data.arp_sip);
    std::memcpy(&arp.arp_data.arp_tip, address.bytes.data(), sizeof arp.arp_data.arp_tip);
    append(frame, arp);
}

void append_advertisement(Announcement& frame, const MacAddress& mac, const IpAddress& address) {
    constexpr std::array<uint8_t, 16> all_nodes{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    append_ethernet(frame, {0x33, 0x33, 0, 0, 0, 1}, mac, RTE_ETHER_TYPE_IPV6);
    rte_ipv6_hdr ip{};
    constexpr uint32_t version = 6U << 28;
    ip.vtc_flow = rte_cpu_to_be_32(version);
    ip.payload_len = rte_cpu_to_be_16(sizeof(NeighbourAdvertisement));
    ip.proto = IPPROTO_ICMPV6;
    ip.hop_limits = 255;  // who forwards it makes it worthless (RFC 4861 7.1.2)
    std::memcpy(ip.src_addr, address.bytes.data(), sizeof ip.src_addr);
    std::memcpy(ip.dst_addr, all_nodes.data(), sizeof ip.dst_addr);
    NeighbourAdvertisement advertisement;
    advertisement.target = address.bytes;
    advertisement.mac = mac.bytes;
    advertisement.checksum = rte_ipv6_udptcp_cksum(&ip, &advertisement);
    append(frame, ip);
    append(frame, advertisement);
}

}  // namespace

Announcement announcement_of(const MacAddress& mac, const IpAddress& address) {
    Announcement frame;
    if (address.is_v4()) {
        append_arp(frame, mac, address);
    } else {
        append_advertisement(frame, mac, address);
    }
    return frame;
}

}  // namespace trunkline::dataplane
