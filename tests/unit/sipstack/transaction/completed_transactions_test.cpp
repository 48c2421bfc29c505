#include "sipstack/transaction/completed_transactions.h"

#include "sipstack/random.h"

#include <gtest/gtest.h>

#include <deque>

namespace trunkline::sipstack {
namespace {

TEST(CompletedTransactions, AreKnownUntilTheirTimeIsOver) {
    TimerWheel wheel(Instant{});
    CompletedTransactions completed(wheel);
    EXPECT_FALSE(completed.knows(0));
    completed.add(0, Instant(Milliseconds(5000)));
    completed.add(64, Instant(Milliseconds(6000)));
    wheel.advance(Instant(Milliseconds(4999)));
    EXPECT_TRUE(completed.knows(0));
    wheel.advance(Instant(Milliseconds(5000)));
    EXPECT_FALSE(completed.knows(0));
    EXPECT_TRUE(completed.knows(64));
    EXPECT_EQ(completed.size(), 1U);
    wheel.advance(Instant(Milliseconds(6000)));
    EXPECT_FALSE(completed.knows(64));
    EXPECT_EQ(completed.size(), 0U);
    EXPECT_EQ(wheel.size(), 0U);
}

// Keys of few values crowd the slots and come twice; each is known as long as one of it stands.
TEST(CompletedTransactions, AreKnownInACrowd) {
    TimerWheel wheel(Instant{});
    CompletedTransactions completed(wheel);
    Random random(Random::seed_from(17));
    std::deque<std::pair<uint64_t, Instant>> expected;
    for (int step = 0; step < 20'000; ++step) {
        const Instant now(Milliseconds{step});
        wheel.advance(now);
        while (!expected.empty() && expected.front().second <= now) {
            expected.pop_front();
        }
        for (uint64_t count = random.between(0, step % 5000 < 1000 ? 3 : 0); count > 0; --count) {
            const uint64_t key = random.between(0, 700) << random.between(0, 1) * 32;
            completed.add(key, now + Milliseconds(300));
            expected.emplace_back(key, now + Milliseconds(300));
        }
        ASSERT_EQ(completed.size(), expected.size());
        if (!expected.empty()) {
            ASSERT_TRUE(completed.knows(expected.front().first));
            ASSERT_TRUE(completed.knows(expected.back().first));
            ASSERT_TRUE(completed.knows(expected.at(random.between(0, expected.size() - 1)).first));
        }
        ASSERT_FALSE(completed.knows(701));
    }
    wheel.advance(Instant(Milliseconds{30'000}));
    EXPECT_EQ(completed.size(), 0U);
}

}  // namespace
}  // namespace trunkline::sipstack
