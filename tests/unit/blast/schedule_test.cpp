#include "tools/blast/schedule.h"

#include <gtest/gtest.h>

namespace trunkline::blast {
namespace {

constexpr uint64_t second = 1'000'000'000, millisecond = 1'000'000;

TEST(Schedule, AWindowIsKeptFull) {
    Schedule schedule({.window = 10});
    schedule.start(5);
    EXPECT_EQ(schedule.due(5, 0), 10u);
    EXPECT_EQ(schedule.due(5, 7), 3u);
    EXPECT_EQ(schedule.due(5, 10), 0u);
    EXPECT_EQ(schedule.take(7), 7u)
        << "without a rate, an operation is meant to begin when it does";
}

TEST(Schedule, ARateSetsTheTimeOfEachOperation) {
    Schedule schedule({.rate = 1000, .window = 100});
    schedule.start(second);
    EXPECT_EQ(schedule.due(second, 0), 1u);
    EXPECT_EQ(schedule.take(second), second);
    EXPECT_EQ(schedule.due(second, 0), 0u);
    EXPECT_EQ(schedule.due(second + 3 * millisecond, 0), 3u);
    EXPECT_EQ(schedule.take(second + 3 * millisecond), second + millisecond);
    EXPECT_EQ(schedule.take(second + 3 * millisecond), second + 2 * millisecond);
}

TEST(Schedule, AStallDelaysOperationsButNotTheTimesTheyWereMeantFor) {
    Schedule schedule({.rate = 1000, .window = 2});
    schedule.start(0);
    schedule.take(0);
    schedule.take(millisecond);
    EXPECT_EQ(schedule.due(second, 2), 0u) << "the window is full";
    EXPECT_EQ(schedule.due(second, 0), 2u);
    EXPECT_EQ(schedule.take(second), 2 * millisecond);
}

TEST(Schedule, EndsAfterItsTotal) {
    Schedule schedule({.window = 10, .total = 3});
    schedule.start(0);
    EXPECT_EQ(schedule.due(0, 0), 3u);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(schedule.over(0));
        schedule.take(0);
    }
    EXPECT_TRUE(schedule.over(0));
    EXPECT_EQ(schedule.due(0, 0), 0u);
}

TEST(Schedule, EndsAfterItsTime) {
    Schedule schedule({.window = 10, .nanoseconds = second});
    schedule.start(0);
    EXPECT_FALSE(schedule.over(second - 1));
    EXPECT_TRUE(schedule.over(second));
    EXPECT_EQ(schedule.due(second, 0), 0u);
}

TEST(Schedule, WhatWasDueBeforeTheEndStillBegins) {
    Schedule schedule({.rate = 10, .window = 4, .nanoseconds = second});
    schedule.start(0);
    uint64_t taken = 0;
    while (!schedule.over(5 * second)) {
        ASSERT_GT(schedule.due(5 * second, 0), 0u);
        schedule.take(5 * second);
        ++taken;
    }
    EXPECT_EQ(taken, 10u);
}

TEST(Schedule, StopEndsIt) {
    Schedule schedule({.window = 1});
    schedule.start(0);
    schedule.stop();
    EXPECT_EQ(schedule.due(0, 0), 0u);
    EXPECT_TRUE(schedule.over(0));
}

}  // namespace
}  // namespace trunkline::blast
