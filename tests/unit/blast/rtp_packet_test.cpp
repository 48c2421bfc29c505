#include "tools/blast/rtp_packet.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace trunkline::blast {
namespace {

std::string bytes(std::initializer_list<int> numbers) {
    std::string text;
    for (const int number : numbers) {
        text += static_cast<char>(number);
    }
    return text;
}

TEST(RtpPacket, IsOnTheWireAsRfc3550Draws) {
    std::array<char, rtp_header_bytes> room{};
    write_rtp_header(room, {true, 8, 0x1234, 0x56789abc, 0xdef01234, {}});
    EXPECT_EQ(std::string(room.data(), room.size()),
              bytes({0x80, 0x88, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34}));
}

TEST(RtpPacket, IsReadAgain) {
    std::array<char, rtp_header_bytes> room{};
    write_rtp_header(room, {false, 127, 0xffff, 7, 0x80000001, {}});
    const std::string datagram = std::string(room.data(), room.size()) + "sound";
    const auto packet = read_rtp(datagram);
    ASSERT_TRUE(packet);
    EXPECT_FALSE(packet->marker);
    EXPECT_EQ(packet->payload_type, 127);
    EXPECT_EQ(packet->sequence, 0xffff);
    EXPECT_EQ(packet->timestamp, 7u);
    EXPECT_EQ(packet->ssrc, 0x80000001u);
    EXPECT_EQ(packet->payload, "sound");
}

TEST(RtpPacket, CsrcsExtensionAndPaddingAreNoPayload) {
    const std::string fixed = bytes({0xb1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3});
    const std::string csrc = bytes({9, 9, 9, 9});
    const std::string extension = bytes({0xbe, 0xde, 0, 1, 8, 8, 8, 8});
    const std::string whole = fixed + csrc + extension + "ab" + bytes({0, 2});
    ASSERT_TRUE(read_rtp(whole));
    EXPECT_EQ(read_rtp(whole)->payload, "ab");
}

TEST(RtpPacket, RefusesWhatIsCutShortOrOfAnotherVersion) {
    const std::string rest = bytes({0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3});
    EXPECT_FALSE(read_rtp(""));
    EXPECT_FALSE(read_rtp(bytes({0x80}) + rest.substr(1)));
    EXPECT_FALSE(read_rtp(bytes({0x40}) + rest)) << "version 1";
    EXPECT_FALSE(read_rtp(bytes({0x81}) + rest)) << "no room for its CSRC";
    EXPECT_FALSE(read_rtp(bytes({0x90}) + rest)) << "no room for its extension";
    EXPECT_FALSE(read_rtp(bytes({0x90}) + rest + bytes({0, 0, 0, 2, 1, 1, 1, 1})));
    EXPECT_FALSE(read_rtp(bytes({0xa0}) + rest + bytes({2}))) << "more padding than there is";
    EXPECT_TRUE(read_rtp(bytes({0x80}) + rest));
}

TEST(RtpPacket, CarriesItsTime) {
    std::array<char, least_rtp_payload> payload{};
    write_time(payload, 0x0123456789abcdef);
    const std::string_view text(payload.data(), payload.size());
    EXPECT_EQ(read_time(text), 0x0123456789abcdefu);
    EXPECT_EQ(read_time(text.substr(0, text.size() - 1)), std::nullopt);
    payload[0] ^= 1;
    EXPECT_EQ(read_time(text), std::nullopt) << "somebody else's payload";
}

}  // namespace
}  // namespace trunkline::blast
