// An RTP packet (RFC 3550 5.1) of the generator's own making: the fixed header, and a payload that
// begins with when it was meant to be sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace trunkline::blast {

/// Without CSRC list and extension; reading steps over both.
struct RtpPacket {
    bool marker = false;
    uint8_t payload_type = 0;
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
    uint32_t ssrc = 0;
    std::string_view payload;  ///< padding taken off
};

constexpr std::size_t rtp_header_bytes = 12;
/// The least payload that has room for the time.
constexpr std::size_t least_rtp_payload = 16;

/// nullopt: another version, or shorter than its own header says.
std::optional<RtpPacket> read_rtp(std::string_view datagram);

/// Writes the header to the first rtp_header_bytes of `room`; `packet.payload` is not looked at.
void write_rtp_header(std::span<char> room, const RtpPacket& packet);

/// Writes `time` to the first least_rtp_payload bytes of a payload; reads it again. nullopt: there
/// is none. Nanoseconds of a clock that both ends have.
void write_time(std::span<char> payload, uint64_t time);
std::optional<uint64_t> read_time(std::string_view payload);

}  // namespace trunkline::blast
