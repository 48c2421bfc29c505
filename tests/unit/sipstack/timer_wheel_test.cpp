#include "sipstack/timer_wheel.h"

#include "sipstack/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace trunkline::sipstack {
namespace {

constexpr Instant start{Milliseconds{1'000'000}};

Instant after(int64_t milliseconds) {
    return start + Milliseconds{milliseconds};
}

/// Remembers when it fired.
struct Recorder {
    std::vector<int64_t> fired;
    Timer timer{[this](Instant now) { fired.push_back((now - start).count()); }};
};

TEST(TimerWheel, FiresAtTheMillisecondAndNotBefore) {
    TimerWheel wheel(start);
    Recorder recorder;
    wheel.schedule(recorder.timer, after(500));
    wheel.advance(after(499));
    EXPECT_TRUE(recorder.fired.empty());
    EXPECT_TRUE(recorder.timer.is_armed());
    wheel.advance(after(500));
    EXPECT_EQ(recorder.fired, std::vector<int64_t>{500});
    EXPECT_FALSE(recorder.timer.is_armed());
    EXPECT_EQ(wheel.size(), 0U);
}

TEST(TimerWheel, ALongStepDoesWhatShortOnesDo) {
    const std::vector<int64_t> deadlines{
        1,          255,        256,        257, 65'535,        65'536,        65'537,
        16'777'215, 16'777'216, 20'000'000, 999, 4'294'967'295, 4'294'967'296, 5'000'000'000,
        300,        86'400'000};
    TimerWheel wheel(start);
    std::vector<int64_t> fired;
    std::vector<std::unique_ptr<Timer>> timers;
    for (const int64_t deadline : deadlines) {
        timers.push_back(std::make_unique<Timer>(
            [&fired](Instant now) { fired.push_back((now - start).count()); }));
        wheel.schedule(*timers.back(), after(deadline));
    }
    wheel.advance(after(6'000'000'000));
    std::vector<int64_t> expected = deadlines;
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(fired, expected);
}

TEST(TimerWheel, DeadlineInThePastFiresAtTheNextAdvance) {
    TimerWheel wheel(start);
    Recorder recorder;
    wheel.schedule(recorder.timer, after(-5));
    EXPECT_EQ(wheel.next_deadline(), start);
    wheel.advance(start);
    EXPECT_EQ(recorder.fired, std::vector<int64_t>{0});
}

TEST(TimerWheel, TimeDoesNotRunBackwards) {
    TimerWheel wheel(start);
    wheel.advance(after(100));
    wheel.advance(after(50));
    EXPECT_EQ(wheel.now(), after(100));
}

TEST(TimerWheel, CancelledTimerIsSilentAndMayBeArmedAgain) {
    TimerWheel wheel(start);
    Recorder recorder;
    wheel.schedule(recorder.timer, after(10));
    recorder.timer.cancel();
    EXPECT_EQ(wheel.next_deadline(), std::nullopt);
    wheel.advance(after(20));
    EXPECT_TRUE(recorder.fired.empty());
    wheel.schedule(recorder.timer, after(30));
    wheel.schedule(recorder.timer, after(40));
    wheel.advance(after(100));
    EXPECT_EQ(recorder.fired, std::vector<int64_t>{40});
}

TEST(TimerWheel, DestructionOfATimerOrOfTheWheelDisarms) {
    Recorder outlives;
    {
        TimerWheel wheel(start);
        {
            Recorder recorder;
            wheel.schedule(recorder.timer, after(10));
        }
        EXPECT_EQ(wheel.size(), 0U);
        wheel.schedule(outlives.timer, after(10));
    }
    EXPECT_FALSE(outlives.timer.is_armed());
}

TEST(TimerWheel, CallbackMayRearmItselfAndIsToldItsDueTime) {
    struct Periodic {
        TimerWheel& wheel;
        std::vector<int64_t> fired{};
        Timer timer{[this](Instant now) {
            fired.push_back((now - start).count());
            if (fired.size() < 4) {
                wheel.schedule(timer, now + Milliseconds{400});
            }
        }};
    };
    TimerWheel wheel(start);
    Periodic periodic{wheel};
    wheel.schedule(periodic.timer, after(400));
    wheel.advance(after(10'000));
    EXPECT_EQ(periodic.fired, (std::vector<int64_t>{400, 800, 1200, 1600}));
}

TEST(TimerWheel, TellsACallbackHowFarBehindItIs) {
    struct Late {
        TimerWheel& wheel;
        std::vector<Instant> targets{};
        Timer timer{[this](Instant) { targets.push_back(wheel.target()); }};
    };
    TimerWheel wheel(start);
    Late late{wheel};
    EXPECT_EQ(wheel.target(), start);
    wheel.schedule(late.timer, after(10));
    wheel.advance(after(700));
    EXPECT_EQ(late.targets, std::vector<Instant>{after(700)});
    EXPECT_EQ(wheel.target(), wheel.now());
}

TEST(TimerWheel, ThatCatchesUpALittleDoesNotEndWhatItBeginsBehindItsTime) {
    struct Request {
        TimerWheel& wheel;
        std::vector<int64_t> fired{};
        Timer timer{[this](Instant now) {
            fired.push_back((now - start).count());
            wheel.schedule(timer, now + Milliseconds{32'000});
        }};
    };
    TimerWheel wheel(start, Milliseconds{10});
    Request request{wheel};
    Recorder slightly_late;
    wheel.schedule(request.timer, after(1000));
    wheel.schedule(slightly_late.timer, after(59'995));
    wheel.advance(after(60'000));
    EXPECT_EQ(request.fired, std::vector<int64_t>{59'990});
    EXPECT_EQ(slightly_late.fired, std::vector<int64_t>{59'995});
    EXPECT_EQ(request.timer.deadline(), after(91'990));
}

TEST(TimerWheel, CallbackThatAsksForNowFiresATickLaterAndDoesNotHang) {
    struct Eager {
        TimerWheel& wheel;
        std::vector<int64_t> fired{};
        Timer timer{[this](Instant now) {
            fired.push_back((now - start).count());
            wheel.schedule(timer, now);
        }};
    };
    TimerWheel wheel(start);
    Eager eager{wheel};
    wheel.schedule(eager.timer, after(3));
    wheel.advance(after(3));
    EXPECT_EQ(eager.fired, std::vector<int64_t>{3});
    wheel.advance(after(6));
    EXPECT_EQ(eager.fired, (std::vector<int64_t>{3, 3, 4, 5, 6}));
}

TEST(TimerWheel, CallbackMayCancelAndDestroyOthersOfTheSameMillisecond) {
    struct Group {
        std::vector<std::unique_ptr<Timer>> timers;
        int fired = 0;
        void on_fire() {
            ++fired;
            timers.clear();  // itself too
        }
    };
    TimerWheel wheel(start);
    Group group;
    for (int i = 0; i < 3; ++i) {
        group.timers.push_back(std::make_unique<Timer>([&group](Instant) { group.on_fire(); }));
        wheel.schedule(*group.timers.back(), after(77));
    }
    wheel.advance(after(100));
    EXPECT_EQ(group.fired, 1);
    EXPECT_EQ(wheel.size(), 0U);
}

TEST(TimerWheel, NextDeadlineIsNeverLateAndNeedsFewSteps) {
    TimerWheel wheel(start);
    Recorder recorder;
    for (const int64_t deadline : {1, 300, 70'000, 1'800'000, 86'400'000}) {
        recorder.fired.clear();
        const Instant due = wheel.now() + Milliseconds{deadline};
        wheel.schedule(recorder.timer, due);
        int steps = 0;
        while (recorder.fired.empty()) {
            const auto next = wheel.next_deadline();
            ASSERT_TRUE(next.has_value());
            ASSERT_LE(*next, due);
            wheel.advance(*next);
            ++steps;
        }
        EXPECT_EQ(wheel.now(), due);
        EXPECT_LE(steps, 4);
    }
}

TEST(TimerWheel, AgreesWithAPlainListUnderRandomUse) {
    constexpr std::size_t count = 64;
    Random random(Random::seed_from(5));
    TimerWheel wheel(start);
    std::vector<std::unique_ptr<Recorder>> recorders(count);
    std::vector<std::optional<Instant>> expected(count);
    for (auto& recorder : recorders) {
        recorder = std::make_unique<Recorder>();
    }
    for (int step = 0; step < 20'000; ++step) {
        const std::size_t i = random.between(0, count - 1);
        const uint64_t action = random.between(0, 9);
        if (action < 5) {
            const auto delay = static_cast<int64_t>(random.next() >> random.between(30, 63));
            expected[i] = wheel.now() + Milliseconds{delay};
            wheel.schedule(recorders[i]->timer, *expected[i]);
        } else if (action < 7) {
            recorders[i]->timer.cancel();
            expected[i].reset();
        } else {
            const auto idle = static_cast<int64_t>(random.next() >> random.between(34, 63));
            wheel.advance(wheel.now() + Milliseconds{idle});
            for (std::size_t k = 0; k < count; ++k) {
                const bool due = expected[k] && *expected[k] <= wheel.now();
                ASSERT_EQ(recorders[k]->fired.size(), due ? 1U : 0U);
                if (due) {
                    ASSERT_EQ(after(recorders[k]->fired.front()), *expected[k]);
                    recorders[k]->fired.clear();
                    expected[k].reset();
                }
            }
        }
    }
}

TEST(TimerWheel, AMonthWithFewTimersCostsWhatFires) {
    struct Refresh {
        TimerWheel& wheel;
        int fired = 0;
        Timer timer{[this](Instant now) {
            ++fired;
            wheel.schedule(timer, now + Milliseconds{1'800'000});
        }};
    };
    TimerWheel wheel(start);
    Refresh refresh{wheel};
    wheel.schedule(refresh.timer, after(1'800'000));
    wheel.advance(start + std::chrono::days{30});
    EXPECT_EQ(refresh.fired, 30 * 48);
}

}  // namespace
}  // namespace trunkline::sipstack
