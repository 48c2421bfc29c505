#include "mgmt/capture/hep_message.h"

#include "tests/unit/mgmt/capture/captured.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>

namespace trunkline::mgmt {
namespace {

using namespace std::string_literals;
using sipstack::MessageDirection;
using sipstack::Transport;

uint32_t number_of(std::string_view bytes) {
    uint32_t number = 0;
    for (const char byte : bytes) {
        number = number << 8 | static_cast<unsigned char>(byte);
    }
    return number;
}

/// Chunks by their types, of a message that is whole.
std::map<uint32_t, std::string> chunks_of(const std::string& message) {
    EXPECT_EQ(message.substr(0, 4), "HEP3");
    EXPECT_EQ(number_of(message.substr(4, 2)), message.size());
    std::map<uint32_t, std::string> chunks;
    for (std::size_t at = 6; at + 6 <= message.size();) {
        const std::size_t length = number_of(message.substr(at + 4, 2));
        EXPECT_EQ(number_of(message.substr(at, 2)), 0U) << "vendor";
        EXPECT_GE(length, 6U);
        EXPECT_LE(at + length, message.size());
        const bool is_new =
            chunks.emplace(number_of(message.substr(at + 2, 2)), message.substr(at + 6, length - 6))
                .second;
        EXPECT_TRUE(is_new);
        at += std::max<std::size_t>(length, 6);
    }
    return chunks;
}

TEST(HepMessageTest, HasAllThatACollectorLooksFor) {
    const auto message = sent_message();
    const auto made = hep_message(captured(message), {2001, "myHep"});
    ASSERT_TRUE(made.has_value());
    auto chunks = chunks_of(*made);
    EXPECT_EQ(chunks[1], "\x02");
    EXPECT_EQ(chunks[2], "\x11");
    EXPECT_EQ(chunks[3], "\xc0\x00\x02\x0a"s);
    EXPECT_EQ(chunks[4], "\xc0\x00\x02\x01"s);
    EXPECT_EQ(number_of(chunks[7]), 5060U);
    EXPECT_EQ(number_of(chunks[8]), 5070U);
    EXPECT_EQ(chunks[9], "\x00\x00\x00\x64"s);
    EXPECT_EQ(chunks[10], "\x00\x00\x00\x02"s);
    EXPECT_EQ(chunks[11], "\x01");
    EXPECT_EQ(chunks[12], "\x00\x00\x07\xd1"s);
    EXPECT_EQ(chunks[14], "myHep");
    EXPECT_EQ(chunks[15], captured_register);
    EXPECT_EQ(chunks[17], "one@192.0.2.10");
}

TEST(HepMessageTest, OfIp6AndStreams) {
    auto message = sent_message(captured_register, Transport::tls);
    message.direction = MessageDirection::received;
    message.flow.local.address = *dataplane::IpAddress::parse("2001:db8::a");
    message.flow.remote.address = *dataplane::IpAddress::parse("2001:db8::1");
    auto chunks = chunks_of(*hep_message(captured(message), {1, ""}));
    EXPECT_EQ(chunks[1], "\x0a");
    EXPECT_EQ(chunks[2], "\x06");
    EXPECT_EQ(chunks[5], "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s);
    EXPECT_EQ(chunks[6], "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x0a"s);
    EXPECT_EQ(number_of(chunks[7]), 5070U);
    EXPECT_FALSE(chunks.contains(3));
    EXPECT_FALSE(chunks.contains(14)) << "without a key there is none";
}

TEST(HepMessageTest, WhatIsNoSipHasNoCorrelation) {
    const auto message = sent_message("no SIP");
    auto chunks = chunks_of(*hep_message(captured(message), {1, ""}));
    EXPECT_EQ(chunks[15], "no SIP");
    EXPECT_FALSE(chunks.contains(17));
}

TEST(HepMessageTest, ALongerOneThanItsLengthCanSayIsNone) {
    const auto longest = sent_message(std::string(65'507 - 150, 'x'));
    EXPECT_TRUE(hep_message(captured(longest), {1, ""}).has_value());
    for (const std::size_t size : {65'507UZ - 50, 65'535UZ, 131'072UZ}) {
        const auto message = sent_message(std::string(size, 'x'));
        EXPECT_FALSE(hep_message(captured(message), {1, ""}).has_value()) << size;
    }
}

}  // namespace
}  // namespace trunkline::mgmt
