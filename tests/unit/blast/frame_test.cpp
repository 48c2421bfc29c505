#include "tools/blast/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace trunkline::blast {
namespace {

using dataplane::Endpoint;
using dataplane::IpAddress;
using dataplane::MacAddress;

const MacAddress own_mac{{2, 0, 0, 0, 0, 1}}, peer_mac{{2, 0, 0, 0, 0, 2}};

IpAddress ip(const char* text) {
    return *IpAddress::parse(text);
}

Flow flow4() {
    return {{ip("192.0.2.1"), 5060}, {ip("192.0.2.10"), 5080}, peer_mac};
}

Flow flow6() {
    return {{ip("2001:db8::1"), 5060}, {ip("2001:db8::10"), 5080}, peer_mac};
}

std::vector<uint8_t> frame_of(const Flow& flow, const std::string& payload) {
    std::vector<uint8_t> frame(2000);
    std::ranges::copy(payload, frame.begin() + static_cast<std::ptrdiff_t>(header_bytes(flow)));
    frame.resize(write_headers(frame, flow, own_mac, payload.size()));
    return frame;
}

/// The same frame seen by its receiver.
void expect_read_back(const Flow& flow, const std::string& payload) {
    const auto frame = frame_of(flow, payload);
    EXPECT_EQ(frame.size(), header_bytes(flow) + payload.size());
    const ReadFrame read = read_frame(frame, false);
    ASSERT_EQ(read.kind, FrameKind::udp) << payload.size();
    EXPECT_EQ(read.datagram.payload, payload);
    EXPECT_EQ(read.datagram.flow.local, flow.remote);
    EXPECT_EQ(read.datagram.flow.remote, flow.local);
    EXPECT_EQ(read.datagram.flow.remote_mac, own_mac);
    EXPECT_TRUE(std::equal(peer_mac.bytes.begin(), peer_mac.bytes.end(), frame.begin()));
}

TEST(Frame, ADatagramIsReadAsItWasWritten) {
    for (const std::size_t size : {0, 1, 2, 7, 8, 9, 700, 1400}) {
        expect_read_back(flow4(), std::string(size, 'x'));
        expect_read_back(flow6(), std::string(size, 'y'));
    }
}

TEST(FoldedSum, TheExampleOfRfc1071) {
    EXPECT_EQ(folded_sum(std::array<uint8_t, 8>{0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7}), 0xddf2);
}

TEST(FoldedSum, IsThatOfSixteenBitWordsAtAnyLength) {
    std::vector<uint8_t> bytes(300);
    std::iota(bytes.begin(), bytes.end(), uint8_t{13});
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        uint64_t plain = 0;
        for (std::size_t i = 0; i < size; ++i) {
            plain += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
        }
        plain = (plain >> 16) + (plain & 0xffff);
        plain = (plain >> 16) + (plain & 0xffff);
        EXPECT_EQ(folded_sum(std::span(bytes).first(size)), plain) << size;
    }
}

TEST(Frame, ASwappedByteIsABadChecksum) {
    for (const Flow& flow : {flow4(), flow6()}) {
        auto frame = frame_of(flow, "some payload");
        frame.back() ^= 1;
        EXPECT_EQ(read_frame(frame, false).kind, FrameKind::bad_checksum);
        EXPECT_EQ(read_frame(frame, true).kind, FrameKind::bad_checksum);
    }
    auto frame = frame_of(flow4(), "some payload");
    frame[14 + 8] ^= 1;  // the hops
    EXPECT_EQ(read_frame(frame, true).kind, FrameKind::bad_checksum);
}

TEST(Frame, NoChecksumIsGoodOverIpv4Alone) {
    auto frame4 = frame_of(flow4(), "x");
    frame4[14 + 20 + 6] = frame4[14 + 20 + 7] = 0;
    EXPECT_EQ(read_frame(frame4, false).kind, FrameKind::udp);
    auto frame6 = frame_of(flow6(), "x");
    frame6[14 + 40 + 6] = frame6[14 + 40 + 7] = 0;
    EXPECT_EQ(read_frame(frame6, false).kind, FrameKind::bad_checksum);
}

TEST(Frame, APartialChecksumIsGoodWhereTheSenderIsAKernel) {
    auto frame = frame_of(flow4(), "x");
    // The sum of addresses, protocol and length: 192.0.2.1, 192.0.2.10, 17, 9.
    const uint16_t partial = 0xc000 + 0x0201 - 0x10000 + 0xc000 + 0x020a + 17 + 9 + 1;
    frame[14 + 20 + 6] = partial >> 8;
    frame[14 + 20 + 7] = partial & 0xff;
    EXPECT_EQ(read_frame(frame, true).kind, FrameKind::udp);
    EXPECT_EQ(read_frame(frame, false).kind, FrameKind::bad_checksum);
}

TEST(Frame, FragmentsAreToldApart) {
    auto frame = frame_of(flow4(), "x");
    frame[14 + 6] = 0x20;  // more to come, in place of don't fragment
    frame[14 + 10] = frame[14 + 11] = 0;
    const uint16_t sum =
        static_cast<uint16_t>(~folded_sum(std::span<const uint8_t>(frame).subspan(14, 20)));
    frame[14 + 10] = static_cast<uint8_t>(sum >> 8);
    frame[14 + 11] = static_cast<uint8_t>(sum);
    EXPECT_EQ(read_frame(frame, false).kind, FrameKind::fragment);
    auto frame6 = frame_of(flow6(), "x");
    frame6[14 + 6] = 44;
    EXPECT_EQ(read_frame(frame6, false).kind, FrameKind::fragment);
}

TEST(Frame, ACutFrameIsNeverReadBeyondItsEnd) {
    for (const Flow& flow : {flow4(), flow6()}) {
        const auto whole = frame_of(flow, "payload");
        for (std::size_t size = 0; size < whole.size(); ++size) {
            // A copy of just that size, so that a sanitizer sees what reads too far.
            const std::vector<uint8_t> cut(whole.begin(),
                                           whole.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_NE(read_frame(cut, true).kind, FrameKind::udp) << size;
            EXPECT_FALSE(neighbour_told(cut).address.is_set());
        }
    }
}

/// A neighbour's question, our answer to it, and what the neighbour learns from that.
void expect_resolved(const char* asker, const char* asked) {
    std::array<uint8_t, 100> question{}, answer{};
    const std::size_t asked_bytes =
        write_neighbour_question(question, {peer_mac, ip(asker)}, ip(asked));
    const auto in = std::span<const uint8_t>(question).first(asked_bytes);
    const std::size_t size = write_answer(answer, in, {own_mac, ip(asked)});
    ASSERT_GT(size, 0u);
    const Neighbour told = neighbour_told(std::span<const uint8_t>(answer).first(size));
    EXPECT_EQ(told.address, ip(asked));
    EXPECT_EQ(told.mac, own_mac);
    EXPECT_TRUE(std::equal(peer_mac.bytes.begin(), peer_mac.bytes.end(), answer.begin()));
    EXPECT_EQ(write_answer(answer, in, {own_mac, ip(asker)}), 0u) << "asked for somebody else";
    for (std::size_t cut = 0; cut < asked_bytes; ++cut) {
        const std::vector<uint8_t> part(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(cut));
        EXPECT_EQ(write_answer(answer, part, {own_mac, ip(asked)}), 0u);
    }
}

TEST(Neighbours, AreAnsweredAndLearned) {
    expect_resolved("192.0.2.10", "192.0.2.1");
    expect_resolved("2001:db8::10", "2001:db8::1");
}

TEST(Neighbours, ASolicitationGoesToTheGroupOfItsTarget) {
    std::array<uint8_t, 100> question{};
    write_neighbour_question(question, {own_mac, ip("2001:db8::1")}, ip("2001:db8::12:3456"));
    EXPECT_EQ((MacAddress{
                  {question[0], question[1], question[2], question[3], question[4], question[5]}}),
              (MacAddress{{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}}));
    EXPECT_EQ(IpAddress::from_bytes(std::span<const uint8_t>(question).subspan(14 + 24, 16)),
              ip("ff02::1:ff12:3456"));
}

// 192.0.2.10 pings 192.0.2.1 with four bytes of data.
std::vector<uint8_t> ping4() {
    std::vector<uint8_t> frame =
        frame_of({{ip("192.0.2.10"), 0}, {ip("192.0.2.1"), 0}, own_mac}, "data");
    frame[14 + 9] = 1;
    frame[14 + 10] = frame[14 + 11] = 0;
    const std::span<uint8_t> bytes(frame);
    uint16_t sum = static_cast<uint16_t>(~folded_sum(bytes.subspan(14, 20)));
    frame[14 + 10] = static_cast<uint8_t>(sum >> 8);
    frame[14 + 11] = static_cast<uint8_t>(sum);
    std::ranges::copy(std::array<uint8_t, 8>{8, 0, 0, 0, 0x12, 0x34, 0, 1},
                      frame.begin() + 14 + 20);
    sum = static_cast<uint16_t>(~folded_sum(bytes.subspan(14 + 20)));
    frame[14 + 20 + 2] = static_cast<uint8_t>(sum >> 8);
    frame[14 + 20 + 3] = static_cast<uint8_t>(sum);
    return frame;
}

TEST(Ping, IsAnswered) {
    const auto question = ping4();
    ASSERT_EQ(read_frame(question, false).kind, FrameKind::icmp4);
    std::array<uint8_t, 1600> room{};
    const std::size_t size = write_answer(room, question, {own_mac, ip("192.0.2.1")});
    ASSERT_EQ(size, question.size());
    const std::span<const uint8_t> answer(room.data(), size);
    EXPECT_EQ(folded_sum(answer.subspan(14, 20)), 0xffff);
    EXPECT_EQ(folded_sum(answer.subspan(14 + 20)), 0xffff);
    EXPECT_EQ(answer[14 + 20], 0) << "echo reply";
    EXPECT_TRUE(std::equal(answer.begin() + 14 + 24, answer.end(), question.begin() + 14 + 24));
    EXPECT_EQ(IpAddress::from_bytes(answer.subspan(14 + 16, 4)), ip("192.0.2.10"));
    EXPECT_EQ(write_answer(room, question, {own_mac, ip("192.0.2.2")}), 0u);
    EXPECT_EQ(write_answer(std::span(room).first(20), question, {own_mac, ip("192.0.2.1")}), 0u)
        << "longer than the room";
}

TEST(Neighbours, AnotherFamilysQuestionIsLeftAlone) {
    std::array<uint8_t, 1600> room{};
    EXPECT_EQ(write_answer(room, ping4(), {own_mac, ip("2001:db8::1")}), 0u);
}

}  // namespace
}  // namespace trunkline::blast
