#include "tools/blast/rtp_receiver.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace trunkline::blast {
namespace {

constexpr uint32_t rate = 8000, ticks = 160;
constexpr uint64_t packet_time = 20'000'000;

/// Packets with these numbers, each at the time of its place in the list.
RtpReceiver heard(std::initializer_list<uint16_t> numbers) {
    RtpReceiver receiver;
    uint64_t now = 1'000'000'000;
    for (const uint16_t number : numbers) {
        receiver.take(number, number * ticks, now, rate);
        now += packet_time;
    }
    return receiver;
}

TEST(RtpReceiver, CountsLosses) {
    const RtpReceiver receiver = heard({100, 101, 104, 105});
    EXPECT_EQ(receiver.expected(), 6u);
    EXPECT_EQ(receiver.received(), 4u);
    EXPECT_EQ(receiver.lost(), 2u);
    EXPECT_EQ(receiver.reordered() + receiver.duplicates(), 0u);
}

TEST(RtpReceiver, WhatComesLateIsNotLost) {
    const RtpReceiver receiver = heard({1, 2, 4, 3, 5});
    EXPECT_EQ(receiver.lost(), 0u);
    EXPECT_EQ(receiver.reordered(), 1u);
    EXPECT_EQ(receiver.duplicates(), 0u);
}

TEST(RtpReceiver, ADuplicateIsCountedOnceMore) {
    const RtpReceiver receiver = heard({1, 2, 2, 3, 1, 4});
    EXPECT_EQ(receiver.received(), 4u);
    EXPECT_EQ(receiver.duplicates(), 2u);
    EXPECT_EQ(receiver.reordered(), 0u);
    EXPECT_EQ(receiver.lost(), 0u);
}

TEST(RtpReceiver, TheFirstHeardNeedNotBeTheFirstSent) {
    const RtpReceiver receiver = heard({2, 0, 1, 3});
    EXPECT_EQ(receiver.expected(), 4u);
    EXPECT_EQ(receiver.lost(), 0u);
    EXPECT_EQ(receiver.reordered(), 2u);
}

TEST(RtpReceiver, NumbersTurnOver) {
    EXPECT_EQ(heard({65534, 65535, 0, 2}).expected(), 5u);
    EXPECT_EQ(heard({65534, 65535, 0, 2}).lost(), 1u);
    const RtpReceiver late = heard({0, 65535, 1});
    EXPECT_EQ(late.expected(), 3u);
    EXPECT_EQ(late.reordered(), 1u);
    RtpReceiver twice;
    for (uint32_t number = 0; number < 2 * 65536 + 10; ++number) {
        twice.take(static_cast<uint16_t>(number), number * ticks, number * packet_time, rate);
    }
    EXPECT_EQ(twice.expected(), 2u * 65536 + 10);
    EXPECT_EQ(twice.lost(), 0u);
}

TEST(RtpReceiver, TellsLateFromDuplicateFor63Numbers) {
    const RtpReceiver in_window = heard({10, 73, 10});
    EXPECT_EQ(in_window.duplicates(), 1u);
    const RtpReceiver beyond = heard({10, 74, 10});
    EXPECT_EQ(beyond.duplicates(), 0u);
    EXPECT_EQ(beyond.reordered(), 1u);
}

TEST(RtpReceiver, AnEvenStreamHasNoJitter) {
    EXPECT_EQ(heard({1, 2, 3, 4}).jitter(), 0);
    // Lost packets make a gap in time and in timestamps alike.
    RtpReceiver gap;
    gap.take(1, 0, 0, rate);
    gap.take(5, 4 * ticks, 4 * packet_time, rate);
    EXPECT_EQ(gap.jitter(), 0);
}

TEST(RtpReceiver, JitterIsASixteenthOfEachDifference) {
    // RFC 3550 A.8: J += (|D| - J) / 16.
    RtpReceiver receiver;
    receiver.take(1, 0, 0, rate);
    receiver.take(2, ticks, packet_time + 1'600'000, rate);
    EXPECT_DOUBLE_EQ(receiver.jitter(), 100'000);
    receiver.take(3, 2 * ticks, 2 * packet_time, rate);
    EXPECT_DOUBLE_EQ(receiver.jitter(), 100'000 + (1'600'000 - 100'000) / 16.0);
}

TEST(RtpReceiver, TimestampsTurnOverToo) {
    RtpReceiver receiver;
    receiver.take(1, 0xffffffff - 59, 0, rate);
    receiver.take(2, 100, packet_time, rate);
    EXPECT_EQ(receiver.jitter(), 0);
}

}  // namespace
}  // namespace trunkline::blast
