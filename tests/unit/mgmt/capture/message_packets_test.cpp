#include "mgmt/capture/message_packets.h"

#include "tests/unit/mgmt/capture/captured.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trunkline::mgmt {
namespace {

using sipstack::MessageDirection;
using sipstack::Transport;
using testing::EndsWith;

constexpr std::size_t ip4_header = 20, tcp_header = 20, udp_header = 8;

/// In network byte order, from `at` on.
uint32_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
    uint32_t number = 0;
    for (std::size_t i = 0; i < size; ++i) {
        number = number << 8 | static_cast<unsigned char>(bytes.at(at + i));
    }
    return number;
}

uint32_t sequence_of(const std::string& packet) {
    return number_at(packet, ip4_header + 4, 4);
}
uint32_t acknowledged_by(const std::string& packet) {
    return number_at(packet, ip4_header + 8, 4);
}

TEST(MessagePacketsTest, WhatWentOverUdpIsADatagram) {
    MessagePackets packets;
    const auto made = packets.of(sent_message("message"));
    ASSERT_EQ(made.size(), 1U);
    EXPECT_EQ(made[0].size(), ip4_header + udp_header + 7);
    EXPECT_EQ(made[0][9], 17);
    EXPECT_EQ(number_at(made[0], 12, 4), 0xc000020a);
    EXPECT_EQ(number_at(made[0], 16, 4), 0xc0000201);
    EXPECT_EQ(number_at(made[0], ip4_header, 2), 5060U);
    EXPECT_EQ(number_at(made[0], ip4_header + 2, 2), 5070U);
    EXPECT_THAT(made[0], EndsWith("message"));
}

TEST(MessagePacketsTest, WhatWasReceivedComesFromThePeer) {
    MessagePackets packets;
    auto message = sent_message("message");
    message.direction = MessageDirection::received;
    const auto made = packets.of(message);
    EXPECT_EQ(number_at(made.at(0), 12, 4), 0xc0000201);
    EXPECT_EQ(number_at(made.at(0), ip4_header, 2), 5070U);
}

TEST(MessagePacketsTest, WhatTlsProtectedIsShownAsADatagram) {
    MessagePackets packets;
    EXPECT_EQ(packets.of(sent_message("message", Transport::tls)).at(0)[9], 17);
}

TEST(MessagePacketsTest, ReadersSeeAStreamOfTcp) {
    MessagePackets packets;
    const auto first = packets.of(sent_message("12345", Transport::tcp));
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0][9], 6);
    EXPECT_EQ(sequence_of(first[0]), 1U);
    EXPECT_EQ(acknowledged_by(first[0]), 1U);
    auto answer = sent_message("123", Transport::tcp);
    answer.direction = MessageDirection::received;
    EXPECT_EQ(sequence_of(packets.of(answer).at(0)), 1U);
    const auto second = packets.of(sent_message("12", Transport::tcp));
    EXPECT_EQ(sequence_of(second.at(0)), 6U);
    EXPECT_EQ(acknowledged_by(second.at(0)), 4U);
}

TEST(MessagePacketsTest, AMessageLongerThanAPacketIsSeveralSegments) {
    MessagePackets packets;
    std::string bytes(100'000, 'x');
    bytes.back() = 'y';
    const auto made = packets.of(sent_message(bytes, Transport::tcp));
    ASSERT_EQ(made.size(), 2U);
    EXPECT_EQ(made[0].size() + made[1].size(), bytes.size() + 2 * (ip4_header + tcp_header));
    EXPECT_LE(made[0].size(), 65535U);
    EXPECT_EQ(sequence_of(made[1]), 1 + made[0].size() - ip4_header - tcp_header);
    EXPECT_EQ(made[1].back(), 'y');
    EXPECT_LE(packets.of(sent_message(bytes, Transport::tls)).at(0).size(), 65535U) << "cut";
}

}  // namespace
}  // namespace trunkline::mgmt
