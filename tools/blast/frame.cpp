#include "tools/blast/frame.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace trunkline::blast {

namespace {

using dataplane::IpAddress;
using dataplane::MacAddress;

constexpr uint16_t type_ip4 = 0x0800, type_arp = 0x0806, type_ip6 = 0x86dd;
constexpr uint8_t protocol_icmp = 1, protocol_udp = 17, protocol_icmp6 = 58;
constexpr std::size_t ethernet_bytes = 14, ip4_bytes = 20, ip6_bytes = 40, udp_bytes = 8,
                      icmp_bytes = 8, arp_bytes = 28, solicitation_bytes = 24;
constexpr uint8_t echo_request4 = 8, echo_request6 = 128, echo_reply6 = 129, solicitation = 135,
                  advertisement = 136;
constexpr MacAddress everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

using Bytes = std::span<const uint8_t>;
using Room = std::span<uint8_t>;

uint16_t get16(Bytes bytes, std::size_t at) {
    return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void put16(Room bytes, std::size_t at, std::size_t value) {
    bytes[at] = static_cast<uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<uint8_t>(value);
}

void put(Room bytes, std::size_t at, Bytes value) {
    std::memcpy(bytes.data() + at, value.data(), value.size());
}

MacAddress mac_at(Bytes bytes, std::size_t at) {
    MacAddress mac;
    std::memcpy(mac.bytes.data(), bytes.data() + at, mac.bytes.size());
    return mac;
}

IpAddress ip_at(Bytes bytes, std::size_t at, std::size_t size) {
    return IpAddress::from_bytes(bytes.subspan(at, size));
}

Bytes bytes_of(const IpAddress& address) {
    return Bytes(address.bytes).first(address.is_v4() ? 4 : 16);
}

uint64_t address_sum(const IpAddress& address) {
    const Bytes bytes = bytes_of(address);
    return address.is_v4() ? uint64_t{get16(bytes, 0)} + get16(bytes, 2) : folded_sum(bytes);
}

/// The sum of the pseudo-header (RFC 768, RFC 8200 8.1).
uint64_t pseudo_sum(const IpAddress& source, const IpAddress& destination, uint8_t protocol,
                    std::size_t length) {
    return address_sum(source) + address_sum(destination) + protocol + length;
}

void put_ethernet(Room frame, const MacAddress& to, const MacAddress& from, uint16_t type) {
    put(frame, 0, to.bytes);
    put(frame, 6, from.bytes);
    put16(frame, 12, type);
}

/// `length`: of what follows the IP header.
void put_ip(Room ip, const IpAddress& source, const IpAddress& destination, uint8_t protocol,
            std::size_t length, uint8_t hops) {
    if (source.is_v4()) {
        // Version and length, DSCP, total length, no identification, don't fragment, hops,
        // protocol.
        std::fill_n(ip.begin(), ip4_bytes, uint8_t{0});
        ip[0] = 0x45;
        put16(ip, 2, ip4_bytes + length);
        ip[6] = 0x40;
        ip[8] = hops;
        ip[9] = protocol;
        put(ip, 12, bytes_of(source));
        put(ip, 16, bytes_of(destination));
        put16(ip, 10, static_cast<uint16_t>(~folded_sum(ip.first(ip4_bytes))));
        return;
    }
    std::fill_n(ip.begin(), 8, uint8_t{0});
    ip[0] = 0x60;
    put16(ip, 4, length);
    ip[6] = protocol;
    ip[7] = hops;
    put(ip, 8, bytes_of(source));
    put(ip, 24, bytes_of(destination));
}

constexpr uint8_t usual_hops = 64, link_hops = 255;

/// ff02::1:ffXX:XXXX (RFC 4291 2.7.1).
IpAddress solicited_node(const IpAddress& address) {
    IpAddress group = address;
    constexpr std::array<uint8_t, 13> prefix = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
    std::ranges::copy(prefix, group.bytes.begin());
    return group;
}

MacAddress multicast_mac(const IpAddress& group) {
    return {{0x33, 0x33, group.bytes[12], group.bytes[13], group.bytes[14], group.bytes[15]}};
}

struct IpPart {
    FrameKind kind = FrameKind::other;
    uint8_t protocol = 0;
    IpAddress source, destination;
    std::size_t begin = 0, length = 0;  ///< of what follows the IP header, in the frame
};

IpPart read_ip4(Bytes frame) {
    IpPart part;
    const Bytes ip = frame.subspan(ethernet_bytes);
    if (ip.size() < ip4_bytes || ip[0] >> 4 != 4) {
        return part;
    }
    const std::size_t header = (ip[0] & 15) * 4;
    const std::size_t total = get16(ip, 2);
    if (header < ip4_bytes || total < header || total > ip.size()) {
        return part;
    }
    if (folded_sum(ip.first(header)) != 0xffff) {
        part.kind = FrameKind::bad_checksum;
        return part;
    }
    if ((get16(ip, 6) & 0x3fff) != 0) {  // more to come, or not the first
        part.kind = FrameKind::fragment;
        return part;
    }
    part.protocol = ip[9];
    part.source = ip_at(ip, 12, 4);
    part.destination = ip_at(ip, 16, 4);
    part.begin = ethernet_bytes + header;
    part.length = total - header;
    return part;
}

IpPart read_ip6(Bytes frame) {
    constexpr uint8_t fragment_header = 44;
    IpPart part;
    const Bytes ip = frame.subspan(ethernet_bytes);
    if (ip.size() < ip6_bytes || ip[0] >> 4 != 6 || ip6_bytes + get16(ip, 4) > ip.size()) {
        return part;
    }
    part.protocol = ip[6];
    part.kind = part.protocol == fragment_header ? FrameKind::fragment : FrameKind::other;
    part.source = ip_at(ip, 8, 16);
    part.destination = ip_at(ip, 24, 16);
    part.begin = ethernet_bytes + ip6_bytes;
    part.length = get16(ip, 4);
    return part;
}

IpPart read_ip(Bytes frame) {
    if (frame.size() < ethernet_bytes) {
        return {};
    }
    const uint16_t type = get16(frame, 12);
    return type == type_ip4 ? read_ip4(frame) : type == type_ip6 ? read_ip6(frame) : IpPart();
}

bool udp_sum_is_good(Bytes udp, const IpPart& part, bool partial_checksums) {
    const uint16_t sum = get16(udp, 6);
    if (sum == 0) {
        return part.source.is_v4();
    }
    const uint64_t pseudo = pseudo_sum(part.source, part.destination, protocol_udp, udp.size());
    return folded_sum(udp, pseudo) == 0xffff ||
           (partial_checksums && sum == folded_sum({}, pseudo));
}

std::size_t answer_arp(Room room, Bytes frame, const OwnAddress& own) {
    const Bytes arp = frame.subspan(ethernet_bytes);
    constexpr uint16_t request = 1, reply = 2;
    if (arp.size() < arp_bytes || get16(arp, 6) != request || !own.address.is_v4() ||
        ip_at(arp, 24, 4) != own.address) {
        return 0;
    }
    const MacAddress asker = mac_at(arp, 8);
    put_ethernet(room, asker, own.mac, type_arp);
    const Room out = room.subspan(ethernet_bytes);
    put(out, 0, arp.first(6));
    put16(out, 6, reply);
    put(out, 8, own.mac.bytes);
    put(out, 14, bytes_of(own.address));
    put(out, 18, arp.subspan(8, 10));
    return ethernet_bytes + arp_bytes;
}

std::size_t answer_solicitation(Room room, Bytes frame, const IpPart& part, const OwnAddress& own) {
    const Bytes icmp = frame.subspan(part.begin, part.length);
    if (part.length < solicitation_bytes || ip_at(icmp, 8, 16) != own.address ||
        !part.source.is_set() || part.source == IpAddress::from_bytes(std::array<uint8_t, 16>{})) {
        return 0;
    }
    constexpr std::size_t length = solicitation_bytes + 8;
    put_ethernet(room, mac_at(frame, 6), own.mac, type_ip6);
    put_ip(room.subspan(ethernet_bytes), own.address, part.source, protocol_icmp6, length,
           link_hops);
    const Room out = room.subspan(ethernet_bytes + ip6_bytes, length);
    std::ranges::fill(out, uint8_t{0});
    out[0] = advertisement;
    out[4] = 0x60;  // solicited, override
    put(out, 8, bytes_of(own.address));
    out[24] = 2;  // target link-layer address, one unit of eight bytes
    out[25] = 1;
    put(out, 26, own.mac.bytes);
    put16(out, 2,
          static_cast<uint16_t>(
              ~folded_sum(out, pseudo_sum(own.address, part.source, protocol_icmp6, length))));
    return ethernet_bytes + ip6_bytes + length;
}

std::size_t answer_echo(Room room, Bytes frame, const IpPart& part, const OwnAddress& own) {
    if (part.destination != own.address || part.begin + part.length > room.size()) {
        return 0;
    }
    const bool v4 = own.address.is_v4();
    const std::size_t header = v4 ? ip4_bytes : ip6_bytes;
    put_ethernet(room, mac_at(frame, 6), own.mac, v4 ? type_ip4 : type_ip6);
    put_ip(room.subspan(ethernet_bytes), own.address, part.source,
           v4 ? protocol_icmp : protocol_icmp6, part.length, usual_hops);
    const Room out = room.subspan(ethernet_bytes + header, part.length);
    put(out, 0, frame.subspan(part.begin, part.length));
    out[0] = v4 ? 0 : echo_reply6;
    put16(out, 2, 0);
    const uint64_t pseudo =
        v4 ? 0 : pseudo_sum(own.address, part.source, protocol_icmp6, part.length);
    put16(out, 2, static_cast<uint16_t>(~folded_sum(out, pseudo)));
    return ethernet_bytes + header + part.length;
}

uint64_t word_at(const uint8_t* at) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// In one's complement: what overflows comes back at the other end.
uint64_t sum_with_carry(uint64_t a, uint64_t b) {
    const uint64_t sum = a + b;
    return sum + (sum < a ? 1 : 0);
}

}  // namespace

uint16_t folded_sum(std::span<const uint8_t> bytes, uint64_t initial) {
    // Sums of 64-bit words in the machine's order; the order of bytes is put right at the end (RFC
    // 1071 2B). Two sums, so that additions need not wait for each other.
    uint64_t even = 0, odd = 0;
    const uint8_t* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 16; left -= 16, at += 16) {
        even = sum_with_carry(even, word_at(at));
        odd = sum_with_carry(odd, word_at(at + 8));
    }
    if (left >= 8) {
        even = sum_with_carry(even, word_at(at));
        left -= 8;
        at += 8;
    }
    if (left > 0 && bytes.size() >= 8) {  // the last eight bytes, those summed already shifted out
        odd = sum_with_carry(odd, word_at(at + left - 8) >> (64 - 8 * left));
    } else if (left > 0) {
        uint64_t word = 0;
        std::memcpy(&word, at, left);
        odd = sum_with_carry(odd, word);
    }
    uint64_t sum = sum_with_carry(even, odd);
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = uint64_t{__builtin_bswap16(static_cast<uint16_t>(sum))} + initial;
    while (sum >> 16 != 0) {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    return static_cast<uint16_t>(sum);
}

ReadFrame read_frame(std::span<const uint8_t> frame, bool partial_checksums) {
    ReadFrame read;
    if (frame.size() >= ethernet_bytes && get16(frame, 12) == type_arp) {
        read.kind = FrameKind::arp;
        return read;
    }
    const IpPart part = read_ip(frame);
    read.kind = part.kind;
    read.source = part.source;
    read.destination = part.destination;
    if (part.kind != FrameKind::other || part.begin == 0) {
        return read;
    }
    if (part.protocol == (part.source.is_v4() ? protocol_icmp : protocol_icmp6) &&
        part.length >= icmp_bytes) {
        read.kind = part.source.is_v4() ? FrameKind::icmp4 : FrameKind::icmp6;
    }
    if (part.protocol != protocol_udp || part.length < udp_bytes) {
        return read;
    }
    const Bytes rest = frame.subspan(part.begin, part.length);
    const std::size_t length = get16(rest, 4);
    if (length < udp_bytes || length > rest.size()) {
        return read;
    }
    const Bytes udp = rest.first(length);
    if (!udp_sum_is_good(udp, part, partial_checksums)) {
        read.kind = FrameKind::bad_checksum;
        return read;
    }
    read.kind = FrameKind::udp;
    read.datagram.flow.local = {part.destination, get16(udp, 2)};
    read.datagram.flow.remote = {part.source, get16(udp, 0)};
    read.datagram.flow.remote_mac = mac_at(frame, 6);
    read.datagram.payload = {reinterpret_cast<const char*>(udp.data()) + udp_bytes,
                             length - udp_bytes};
    return read;
}

std::size_t header_bytes(const Flow& flow) {
    return ethernet_bytes + (flow.remote.address.is_v4() ? ip4_bytes : ip6_bytes) + udp_bytes;
}

std::size_t write_headers(std::span<uint8_t> frame, const Flow& flow,
                          const dataplane::MacAddress& own_mac, std::size_t payload) {
    const bool v4 = flow.remote.address.is_v4();
    const std::size_t udp_length = udp_bytes + payload;
    put_ethernet(frame, flow.remote_mac, own_mac, v4 ? type_ip4 : type_ip6);
    put_ip(frame.subspan(ethernet_bytes), flow.local.address, flow.remote.address, protocol_udp,
           udp_length, usual_hops);
    const std::size_t begin = ethernet_bytes + (v4 ? ip4_bytes : ip6_bytes);
    const Room udp = frame.subspan(begin, udp_length);
    put16(udp, 0, flow.local.port);
    put16(udp, 2, flow.remote.port);
    put16(udp, 4, udp_length);
    put16(udp, 6, 0);
    const auto sum = static_cast<uint16_t>(~folded_sum(
        udp, pseudo_sum(flow.local.address, flow.remote.address, protocol_udp, udp_length)));
    put16(udp, 6, sum == 0 ? 0xffff : sum);  // 0 would say that there is none
    return begin + udp_length;
}

std::size_t write_neighbour_question(std::span<uint8_t> room, const OwnAddress& own,
                                     const dataplane::IpAddress& wanted) {
    if (own.address.is_v4()) {
        constexpr std::array<uint8_t, 8> request = {0, 1, 8, 0, 6, 4, 0, 1};
        put_ethernet(room, everybody, own.mac, type_arp);
        const Room arp = room.subspan(ethernet_bytes);
        put(arp, 0, request);
        put(arp, 8, own.mac.bytes);
        put(arp, 14, bytes_of(own.address));
        std::fill_n(arp.begin() + 18, 6, uint8_t{0});
        put(arp, 24, bytes_of(wanted));
        return ethernet_bytes + arp_bytes;
    }
    constexpr std::size_t length = solicitation_bytes + 8;
    const IpAddress group = solicited_node(wanted);
    put_ethernet(room, multicast_mac(group), own.mac, type_ip6);
    put_ip(room.subspan(ethernet_bytes), own.address, group, protocol_icmp6, length, link_hops);
    const Room icmp = room.subspan(ethernet_bytes + ip6_bytes, length);
    std::ranges::fill(icmp, uint8_t{0});
    icmp[0] = solicitation;
    put(icmp, 8, bytes_of(wanted));
    icmp[24] = 1;  // source link-layer address
    icmp[25] = 1;
    put(icmp, 26, own.mac.bytes);
    put16(icmp, 2,
          static_cast<uint16_t>(
              ~folded_sum(icmp, pseudo_sum(own.address, group, protocol_icmp6, length))));
    return ethernet_bytes + ip6_bytes + length;
}

Neighbour neighbour_told(std::span<const uint8_t> frame) {
    if (frame.size() >= ethernet_bytes + arp_bytes && get16(frame, 12) == type_arp) {
        const Bytes arp = frame.subspan(ethernet_bytes);
        return {ip_at(arp, 14, 4), mac_at(arp, 8)};
    }
    const IpPart part = read_ip(frame);
    const Bytes icmp = frame.subspan(part.begin, part.length);
    constexpr uint8_t target_link_address = 2;
    if (part.protocol == protocol_icmp6 && part.length >= solicitation_bytes &&
        icmp[0] == advertisement) {
        const bool told = part.length >= solicitation_bytes + 8 && icmp[24] == target_link_address;
        return {ip_at(icmp, 8, 16), told ? mac_at(icmp, 26) : mac_at(frame, 6)};
    }
    return {};
}

std::size_t write_answer(std::span<uint8_t> room, std::span<const uint8_t> frame,
                         const OwnAddress& own) {
    if (frame.size() >= ethernet_bytes && get16(frame, 12) == type_arp) {
        return answer_arp(room, frame, own);
    }
    const IpPart part = read_ip(frame);
    if (part.begin == 0 || part.length < icmp_bytes || part.source.is_v4() != own.address.is_v4()) {
        return 0;
    }
    const uint8_t type = frame[part.begin];
    if (part.protocol == protocol_icmp && type == echo_request4 && part.source.is_v4()) {
        return answer_echo(room, frame, part, own);
    }
    if (part.protocol == protocol_icmp6 && type == echo_request6) {
        return answer_echo(room, frame, part, own);
    }
    if (part.protocol == protocol_icmp6 && type == solicitation) {
        return answer_solicitation(room, frame, part, own);
    }
    return 0;
}

}  // namespace trunkline::blast
