#include "dataplane/composed_packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trunkline::dataplane {
namespace {

using testing::EndsWith;

Endpoint endpoint(const char* address, uint16_t port) {
    return {*IpAddress::parse(address), port};
}

uint32_t sum_of(std::string_view bytes) {
    uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        sum += static_cast<uint32_t>(static_cast<unsigned char>(bytes[at]))
               << (at % 2 == 0 ? 8 : 0);
    }
    return sum;
}

/// With a right checksum within, the sum of all is nothing but ones (RFC 1071).
bool is_right(uint32_t sum) {
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum == 0xffff;
}

constexpr std::size_t ip4_header = 20, ip6_header = 40, udp_header = 8, tcp_header = 20;

TEST(ComposedPacketTest, AUdpDatagramInIp4) {
    for (const std::string payload : {"", "odd", "even"}) {
        const std::string packet =
            compose_udp_packet(endpoint("192.0.2.10", 5060), endpoint("192.0.2.1", 5070), payload);
        ASSERT_EQ(packet.size(), ip4_header + udp_header + payload.size());
        EXPECT_EQ(static_cast<unsigned char>(packet[0]), 0x45);
        EXPECT_EQ(static_cast<unsigned char>(packet[3]), packet.size());
        EXPECT_TRUE(is_right(sum_of(packet.substr(0, ip4_header))));
        const auto length = static_cast<uint32_t>(packet.size() - ip4_header);
        EXPECT_TRUE(is_right(sum_of(packet.substr(12)) + 17 + length)) << payload;
        EXPECT_THAT(packet, EndsWith(payload));
    }
}

TEST(ComposedPacketTest, ATcpSegmentInIp6) {
    for (const std::string payload : {"odd", "even"}) {
        const std::string packet = compose_tcp_packet(
            endpoint("2001:db8::a", 5060), endpoint("2001:db8::1", 5070), {7, 9}, payload);
        ASSERT_EQ(packet.size(), ip6_header + tcp_header + payload.size());
        EXPECT_EQ(static_cast<unsigned char>(packet[0]), 0x60);
        const auto length = static_cast<uint32_t>(packet.size() - ip6_header);
        EXPECT_EQ(static_cast<unsigned char>(packet[5]), length);
        EXPECT_TRUE(is_right(sum_of(packet.substr(8)) + 6 + length)) << payload;
        EXPECT_EQ(packet[ip6_header + 7], 7);
        EXPECT_EQ(packet[ip6_header + 11], 9);
    }
}

TEST(ComposedPacketTest, WhatNoPacketCarriesIsCut) {
    const std::string large(70'000, 'x');
    EXPECT_EQ(compose_udp_packet(endpoint("192.0.2.10", 1), endpoint("192.0.2.1", 2), large).size(),
              ip4_header + udp_header + largest_composed_payload);
    EXPECT_EQ(
        compose_tcp_packet(endpoint("192.0.2.10", 1), endpoint("192.0.2.1", 2), {}, large).size(),
        65535U);
}

}  // namespace
}  // namespace trunkline::dataplane
