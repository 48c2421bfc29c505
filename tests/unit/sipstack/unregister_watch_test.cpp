#include "sipstack/unregister_watch.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using Verdict = UnregisterWatch::Verdict;

const Instant start{Milliseconds(1'000'000)};
constexpr Milliseconds step{50};

/// Asks every `step` from `from` to `to` and expects to be told to wait.
void expect_wait(UnregisterWatch& watch, const UnregisterProgress& progress, Instant from,
                 Instant to) {
    for (Instant now = from; now < to; now += step) {
        ASSERT_EQ(watch.judge(progress, now), Verdict::wait) << (now - start).count() << " ms";
    }
}

TEST(UnregisterWatch, IsDoneAsSoonAsNothingIsUnfinished) {
    UnregisterWatch watch(start);
    EXPECT_EQ(watch.judge({2, 2, 2}, start), Verdict::wait);
    EXPECT_EQ(watch.judge({0, 0, 0}, start + step), Verdict::done);
}

TEST(UnregisterWatch, GivesUpAServerThatAnswersNothing) {
    UnregisterWatch watch(start);
    const Instant end = start + UnregisterWatch::longest_standstill;
    expect_wait(watch, {2, 2, 2}, start, end);
    EXPECT_EQ(watch.judge({2, 2, 2}, end), Verdict::at_stand);
}

TEST(UnregisterWatch, WaitsOnWhileAnswersCome) {
    UnregisterWatch watch(start);
    const Milliseconds between = UnregisterWatch::longest_standstill - step;
    Instant now = start;
    for (std::size_t left = 8; left > 0; --left) {
        expect_wait(watch, {left, left, left}, now, now + between);
        now += between;
    }
    EXPECT_GT(now - start, 4 * UnregisterWatch::longest_standstill);
    EXPECT_EQ(watch.judge({0, 0, 0}, now), Verdict::done);
}

TEST(UnregisterWatch, WaitsForThePaceOfWhatIsNotSentYet) {
    UnregisterWatch watch(start);
    const Instant later = start + 3 * UnregisterWatch::longest_standstill;
    expect_wait(watch, {5, 0, 5}, start, later);
    // One is out from now on, and its server says nothing.
    const Instant end = later - step + UnregisterWatch::longest_standstill;
    expect_wait(watch, {5, 1, 5}, later, end);
    EXPECT_EQ(watch.judge({5, 1, 5}, end), Verdict::at_stand);
}

TEST(UnregisterWatch, EndsAfterTheLongestTimeWhateverMoves) {
    UnregisterWatch watch(start);
    std::size_t left = 1'000'000;
    const Instant end = start + UnregisterWatch::longest;
    for (Instant now = start; now < end; now += step) {
        ASSERT_EQ(watch.judge({left, 1, left}, now), Verdict::wait);
        --left;
    }
    EXPECT_EQ(watch.judge({left, 1, left}, end), Verdict::too_long);
}

}  // namespace
}  // namespace trunkline::sipstack
