#include "tools/blast/rtp_packet.h"

#include <bit>
#include <cstring>

namespace trunkline::blast {

namespace {

// "BlastRTP": tells the generator's payloads from all others.
constexpr uint64_t cookie = 0x426c617374525450;

template <typename Number>
Number in_network_order(Number number) {
    static_assert(std::endian::native == std::endian::little);
    if constexpr (sizeof(Number) == 2) {
        return __builtin_bswap16(number);
    } else if constexpr (sizeof(Number) == 4) {
        return __builtin_bswap32(number);
    } else {
        return __builtin_bswap64(number);
    }
}

template <typename Number>
Number get(const char* at) {
    Number number = 0;
    std::memcpy(&number, at, sizeof number);
    return in_network_order(number);
}

template <typename Number>
void put(char* at, Number number) {
    number = in_network_order(number);
    std::memcpy(at, &number, sizeof number);
}

}  // namespace

std::optional<RtpPacket> read_rtp(std::string_view datagram) {
    if (datagram.size() < rtp_header_bytes) {
        return std::nullopt;
    }
    const auto first = static_cast<uint8_t>(datagram[0]),
               second = static_cast<uint8_t>(datagram[1]);
    constexpr uint8_t version = 2, padding_bit = 0x20, extension_bit = 0x10, marker_bit = 0x80;
    if (first >> 6 != version) {
        return std::nullopt;
    }
    RtpPacket packet{(second & marker_bit) != 0,         static_cast<uint8_t>(second & 0x7f),
                     get<uint16_t>(datagram.data() + 2), get<uint32_t>(datagram.data() + 4),
                     get<uint32_t>(datagram.data() + 8), {}};
    std::size_t begin = rtp_header_bytes + sizeof(uint32_t) * (first & 15);
    if ((first & extension_bit) != 0) {
        constexpr std::size_t extension_header = 4;
        if (begin + extension_header > datagram.size()) {
            return std::nullopt;
        }
        begin += extension_header + sizeof(uint32_t) * get<uint16_t>(datagram.data() + begin + 2);
    }
    const std::size_t padding =
        (first & padding_bit) != 0 ? static_cast<uint8_t>(datagram.back()) : 0;
    if (begin + padding > datagram.size()) {
        return std::nullopt;
    }
    packet.payload = datagram.substr(begin, datagram.size() - begin - padding);
    return packet;
}

void write_rtp_header(std::span<char> room, const RtpPacket& packet) {
    room[0] = static_cast<char>(0x80);
    room[1] = static_cast<char>((packet.marker ? 0x80 : 0) | packet.payload_type);
    put(room.data() + 2, packet.sequence);
    put(room.data() + 4, packet.timestamp);
    put(room.data() + 8, packet.ssrc);
}

void write_time(std::span<char> payload, uint64_t time) {
    put(payload.data(), cookie);
    put(payload.data() + sizeof cookie, time);
}

std::optional<uint64_t> read_time(std::string_view payload) {
    if (payload.size() < least_rtp_payload || get<uint64_t>(payload.data()) != cookie) {
        return std::nullopt;
    }
    return get<uint64_t>(payload.data() + sizeof cookie);
}

}  // namespace trunkline::blast
