#include "sipstack/registration/durations.h"

#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

uint64_t total(const DurationHistogram& histogram) {
    return std::accumulate(histogram.counts().begin(), histogram.counts().end(), uint64_t{0});
}

TEST(DurationHistogramTest, ABucketHasItsUpperEnd) {
    constexpr std::array ends = {Milliseconds(10), Milliseconds(100)};
    DurationHistogram histogram(ends);
    for (const auto duration : {0ms, 10ms, 11ms, 100ms, 101ms, 1000ms}) {
        histogram.add(duration);
    }
    EXPECT_THAT(histogram.counts(), ElementsAre(2, 2, 2));
    EXPECT_EQ(histogram.sum(), 1222ms);
    DurationHistogram other(ends);
    other.add(5ms);
    other.add(histogram);
    EXPECT_THAT(other.counts(), ElementsAre(3, 2, 2));
    EXPECT_EQ(other.sum(), 1227ms);
}

TEST(RegistrationDurationsTest, ALatencyHasItsChallenge) {
    RegistrationBench bench;
    bench.start();
    bench.pass(30ms);
    bench.challenge("n");
    EXPECT_EQ(total(bench.durations.latency), 0U);
    bench.pass(40ms);
    bench.accept(60);
    EXPECT_EQ(total(bench.durations.latency), 1U);
    EXPECT_EQ(bench.durations.latency.sum(), 70ms);
    EXPECT_EQ(total(bench.durations.recovery), 0U) << "nothing had failed";
    bench.pass(30s - 40ms);  // half of it since the REGISTER that was granted
    bench.pass(5ms);
    bench.accept(60);
    EXPECT_EQ(bench.durations.latency.sum(), 75ms) << "a refresh counts from its own REGISTER";
}

TEST(RegistrationDurationsTest, ARecoveryLastsFromTheFirstFailureToTheGrant) {
    RegistrationBench bench;
    bench.start();
    const Instant begin = bench.now;
    bench.answer(500);
    const std::size_t sent = bench.sent();
    while (bench.sent() == sent) {
        bench.pass(1s);
    }
    bench.answer(500);
    while (bench.sent() == sent + 1) {
        bench.pass(1s);
    }
    bench.accept(60);
    EXPECT_EQ(total(bench.durations.recovery), 1U);
    EXPECT_EQ(bench.durations.recovery.sum(), bench.now - begin);
    EXPECT_EQ(total(bench.durations.latency), 1U) << "attempts that failed have none";
    bench.pass(30s);
    bench.accept(60);
    EXPECT_EQ(total(bench.durations.recovery), 1U);
}

TEST(RegistrationDurationsTest, WhatAnOperatorEndsDoesNotRecover) {
    RegistrationBench bench;
    bench.start();
    bench.answer(500);
    bench.registration.unregister(bench.now);
    bench.pass(1h);
    bench.registration.register_now(bench.now);
    bench.accept(60);
    EXPECT_EQ(total(bench.durations.recovery), 0U);
}

}  // namespace
}  // namespace trunkline::sipstack
