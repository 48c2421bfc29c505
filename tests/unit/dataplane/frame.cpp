#include "frame.h"

#include <algorithm>

namespace trunkline::dataplane::testing {

namespace {

constexpr uint8_t udp_protocol = 17, tcp_protocol = 6, fragment_protocol = 44;
constexpr uint8_t icmp_protocol = 1, icmp6_protocol = 58;

void put16(Bytes& bytes, uint32_t value) {
    bytes.push_back(static_cast<uint8_t>(value >> 8));
    bytes.push_back(static_cast<uint8_t>(value));
}

void put32(Bytes& bytes, uint32_t value) {
    put16(bytes, value >> 16);
    put16(bytes, value & 0xffff);
}

void set16(Bytes& bytes, std::size_t at, uint32_t value) {
    bytes[at] = static_cast<uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<uint8_t>(value);
}

uint32_t get16(const Bytes& bytes, std::size_t at) {
    return static_cast<uint32_t>(bytes[at]) << 8 | bytes[at + 1];
}

uint32_t get32(const Bytes& bytes, std::size_t at) {
    return get16(bytes, at) << 16 | get16(bytes, at + 2);
}

void append(Bytes& bytes, const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

Bytes address_bytes(const IpAddress& address) {
    return {address.bytes.begin(), address.bytes.begin() + (address.is_v4() ? 4 : 16)};
}

IpAddress parse(const std::string& text) {
    return IpAddress::parse(text).value();
}

uint16_t pseudo_sum(const IpAddress& source, const IpAddress& destination, uint8_t protocol,
                    std::size_t length) {
    Bytes pseudo = address_bytes(source);
    append(pseudo, address_bytes(destination));
    put32(pseudo, static_cast<uint32_t>(length));
    put32(pseudo, protocol);
    return ones_sum(pseudo);
}

void fill_sum(Bytes& segment, std::size_t at, uint16_t pseudo, Sum sum) {
    set16(segment, at, 0);
    const auto right = static_cast<uint16_t>(~ones_sum(segment, pseudo));
    switch (sum) {
        case Sum::good:
            set16(segment, at, right == 0 ? 0xffff : right);
            break;
        case Sum::bad:
            set16(segment, at, right ^ 0x0101U);
            break;
        case Sum::partial:
            set16(segment, at, pseudo);
            break;
        case Sum::zero:
            break;
    }
}

}  // namespace

uint16_t ones_sum(const Bytes& bytes, uint32_t start) {
    uint64_t sum = start;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        sum += i % 2 == 0 ? static_cast<uint64_t>(bytes[i]) << 8 : bytes[i];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(sum);
}

Bytes ethernet(const MacAddress& to, const MacAddress& from, uint16_t type, const Bytes& payload) {
    Bytes frame(to.bytes.begin(), to.bytes.end());
    frame.insert(frame.end(), from.bytes.begin(), from.bytes.end());
    put16(frame, type);
    append(frame, payload);
    return frame;
}

Bytes ip_packet(const std::string& source, const std::string& destination, uint8_t protocol,
                const Bytes& payload, uint16_t fragment, uint16_t id, uint8_t ttl) {
    const IpAddress from = parse(source), to = parse(destination);
    Bytes packet;
    if (from.is_v4()) {
        packet = {0x45, 0};
        put16(packet, static_cast<uint32_t>(20 + payload.size()));
        put16(packet, id);
        put16(packet, fragment);
        packet.push_back(ttl);
        packet.push_back(protocol);
        put16(packet, 0);
        append(packet, address_bytes(from));
        append(packet, address_bytes(to));
        set16(packet, 10, static_cast<uint16_t>(~ones_sum(packet)));
    } else {
        packet = {0x60, 0, 0, 0};
        put16(packet, static_cast<uint32_t>(payload.size()));
        packet.push_back(protocol);
        packet.push_back(ttl);
        append(packet, address_bytes(from));
        append(packet, address_bytes(to));
    }
    append(packet, payload);
    return packet;
}

Bytes udp_segment(const std::string& source, const std::string& destination, uint16_t source_port,
                  uint16_t destination_port, std::string_view payload, Sum sum) {
    Bytes segment;
    put16(segment, source_port);
    put16(segment, destination_port);
    put16(segment, static_cast<uint32_t>(8 + payload.size()));
    put16(segment, 0);
    segment.insert(segment.end(), payload.begin(), payload.end());
    fill_sum(segment, 6,
             pseudo_sum(parse(source), parse(destination), udp_protocol, segment.size()), sum);
    return segment;
}

Bytes icmp_error(const std::string& source, const std::string& destination, uint8_t type,
                 uint8_t code, const Bytes& quoted, Sum sum) {
    const IpAddress from = parse(source), to = parse(destination);
    Bytes message = {type, code};
    put16(message, 0);
    put32(message, 0);
    append(message, quoted);
    const uint16_t pseudo =
        from.is_v4() ? uint16_t{0} : pseudo_sum(from, to, icmp6_protocol, message.size());
    fill_sum(message, 2, pseudo, sum);
    return ip_packet(source, destination, from.is_v4() ? icmp_protocol : icmp6_protocol, message);
}

Bytes tcp_segment(const std::string& source, const std::string& destination,
                  std::string_view payload, Sum sum) {
    Bytes segment(20);
    set16(segment, 0, 5061);
    set16(segment, 2, 5060);
    segment[12] = 0x50;
    segment.insert(segment.end(), payload.begin(), payload.end());
    fill_sum(segment, 16,
             pseudo_sum(parse(source), parse(destination), tcp_protocol, segment.size()), sum);
    return segment;
}

Bytes UdpFrame::build() const {
    Bytes segment =
        udp_segment(source, destination, source_port, destination_port, payload, udp_sum);
    if (udp_length) {
        set16(segment, 4, *udp_length);
    }
    Bytes packet = ip_packet(source, destination, udp_protocol, segment, 0, 1, ttl);
    if (!ip_sum_good) {
        packet[10] ^= 0x55;
    }
    const bool is_v4 = parse(source).is_v4();
    Bytes frame = ethernet(to, from, is_v4 ? 0x0800 : 0x86dd, packet);
    frame.resize(frame.size() + static_cast<std::size_t>(padding), 0xee);
    return frame;
}

Bytes fragment_frame(const UdpFrame& whole, const Bytes& transport, std::size_t offset,
                     std::size_t length, bool more, uint32_t id) {
    const auto begin = transport.begin() + static_cast<std::ptrdiff_t>(offset);
    const Bytes part(begin, begin + static_cast<std::ptrdiff_t>(length));
    if (parse(whole.source).is_v4()) {
        const auto field = static_cast<uint16_t>(offset / 8 | (more ? 0x2000U : 0U));
        return ethernet(whole.to, whole.from, 0x0800,
                        ip_packet(whole.source, whole.destination, udp_protocol, part, field,
                                  static_cast<uint16_t>(id)));
    }
    Bytes with_header = {udp_protocol, 0};
    put16(with_header, static_cast<uint32_t>(offset | (more ? 1U : 0U)));
    put32(with_header, id);
    append(with_header, part);
    return ethernet(whole.to, whole.from, 0x86dd,
                    ip_packet(whole.source, whole.destination, fragment_protocol, with_header));
}

std::vector<Bytes> fragments_of(const UdpFrame& whole, std::size_t size, uint32_t id) {
    const Bytes transport = udp_segment(whole.source, whole.destination, whole.source_port,
                                        whole.destination_port, whole.payload, whole.udp_sum);
    std::vector<Bytes> frames;
    for (std::size_t offset = 0; offset < transport.size(); offset += size) {
        const std::size_t length = std::min(size, transport.size() - offset);
        frames.push_back(fragment_frame(whole, transport, offset, length,
                                        offset + length < transport.size(), id));
    }
    return frames;
}

std::optional<ReadFrame> read_frame(const Bytes& frame) {
    if (frame.size() < 14 + 20) {
        return std::nullopt;
    }
    ReadFrame read;
    std::copy_n(frame.begin(), 6, read.to.bytes.begin());
    std::copy_n(frame.begin() + 6, 6, read.from.bytes.begin());
    read.type = static_cast<uint16_t>(get16(frame, 12));
    const Bytes packet(frame.begin() + 14, frame.end());
    if (read.type == 0x0800) {
        const Bytes header(packet.begin(), packet.begin() + 20);
        if (packet[0] != 0x45 || get16(packet, 2) != packet.size() || ones_sum(header) != 0xffff) {
            return std::nullopt;
        }
        read.id = get16(packet, 4);
        read.more = (packet[6] & 0x20) != 0;
        read.offset = (get16(packet, 6) & 0x1fff) * 8;
        read.fragment = read.more || read.offset != 0;
        read.hop_limit = packet[8];
        read.protocol = packet[9];
        read.source = IpAddress::from_bytes(std::span(packet).subspan(12, 4));
        read.destination = IpAddress::from_bytes(std::span(packet).subspan(16, 4));
        read.transport.assign(packet.begin() + 20, packet.end());
        return read;
    }
    if (read.type != 0x86dd || packet.size() < 40 || packet[0] >> 4 != 6 ||
        get16(packet, 4) + 40 != packet.size()) {
        return std::nullopt;
    }
    read.protocol = packet[6];
    read.hop_limit = packet[7];
    read.source = IpAddress::from_bytes(std::span(packet).subspan(8, 16));
    read.destination = IpAddress::from_bytes(std::span(packet).subspan(24, 16));
    std::ptrdiff_t begin = 40;
    if (read.protocol == fragment_protocol) {
        read.fragment = true;
        read.protocol = packet[40];
        read.offset = get16(packet, 42) & 0xfff8;
        read.more = (packet[43] & 1) != 0;
        read.id = get32(packet, 44);
        begin = 48;
    }
    read.transport.assign(packet.begin() + begin, packet.end());
    return read;
}

std::optional<ReadUdp> read_udp(const ReadFrame& frame) {
    const Bytes& segment = frame.transport;
    if (frame.protocol != udp_protocol || segment.size() < 8 ||
        get16(segment, 4) != segment.size()) {
        return std::nullopt;
    }
    const uint16_t pseudo =
        pseudo_sum(frame.source, frame.destination, udp_protocol, segment.size());
    if (get16(segment, 6) == 0 || ones_sum(segment, pseudo) != 0xffff) {
        return std::nullopt;
    }
    return ReadUdp{
        static_cast<uint16_t>(get16(segment, 0)), static_cast<uint16_t>(get16(segment, 2)),
        static_cast<uint16_t>(get16(segment, 6)), std::string(segment.begin() + 8, segment.end())};
}

std::optional<ReadUdp> read_udp(const Bytes& frame) {
    const auto read = read_frame(frame);
    return read ? read_udp(*read) : std::nullopt;
}

}  // namespace trunkline::dataplane::testing
