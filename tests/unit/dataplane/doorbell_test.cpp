#include "dataplane/doorbell.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <thread>

namespace trunkline::dataplane {
namespace {

bool readable(const Doorbell& bell, int timeout_ms) {
    pollfd watched{bell.fd(), POLLIN, 0};
    return poll(&watched, 1, timeout_ms) == 1;
}

TEST(Doorbell, ARingBeforeTheSleepKeepsTheSleeperAwake) {
    Doorbell bell;
    bell.ring();
    EXPECT_FALSE(bell.prepare_to_sleep());
    EXPECT_TRUE(bell.prepare_to_sleep()) << "one ring keeps awake once";
}

TEST(Doorbell, ARingWakesTheSleeperAndIsConsumed) {
    Doorbell bell;
    ASSERT_TRUE(bell.prepare_to_sleep());
    EXPECT_FALSE(readable(bell, 0));
    bell.ring();
    EXPECT_TRUE(readable(bell, 0));
    bell.awake();
    EXPECT_FALSE(readable(bell, 0));
    EXPECT_TRUE(bell.prepare_to_sleep());
}

TEST(Doorbell, NoRingIsEverSleptThrough) {
    constexpr int elements = 200'000;
    Doorbell to, back;
    std::atomic<int> produced{0}, consumed{0};
    std::thread producer([&] {
        for (int i = 0; i < elements; ++i) {
            produced.store(i + 1, std::memory_order_release);
            to.ring();
            while (i % 64 == 63 && consumed.load(std::memory_order_acquire) <= i) {
                if (back.prepare_to_sleep()) {
                    ASSERT_TRUE(readable(back, 10'000)) << "slept through a ring";
                    back.awake();
                }
            }
        }
    });
    while (consumed.load() < elements) {
        const int seen = produced.load(std::memory_order_acquire);
        if (seen != consumed.load()) {
            consumed.store(seen, std::memory_order_release);
            back.ring();
        } else if (to.prepare_to_sleep()) {
            EXPECT_TRUE(readable(to, 10'000)) << "slept through a ring";
            to.awake();
        }
    }
    producer.join();
}

}  // namespace
}  // namespace trunkline::dataplane
