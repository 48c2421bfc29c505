#include "mgmt/capture/message_capture.h"

#include "tests/unit/mgmt/capture/captured.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <string>

namespace trunkline::mgmt {
namespace {

using sipstack::MessageDirection;
using sipstack::MessageTap;
using testing::ElementsAre;

std::atomic<int64_t> now{0};

std::chrono::nanoseconds counted_clock() {
    return std::chrono::nanoseconds(++now);
}

/// Remembers what it was handed.
class Watcher : public CaptureSink {
public:
    void take(const CapturedMessage& captured) override {
        const std::lock_guard guard(lock_);
        seen_.push_back(captured.message.bytes + " " + std::string(captured.sip_interface));
    }
    void flush() override {
        const std::lock_guard guard(lock_);
        flushed_ = seen_.size();
        wake_.notify_all();
    }
    /// Once there are so many.
    std::vector<std::string> seen(std::size_t count) {
        std::unique_lock guard(lock_);
        EXPECT_TRUE(
            wake_.wait_for(guard, std::chrono::seconds(60), [&] { return flushed_ >= count; }));
        return seen_;
    }

private:
    std::mutex lock_;
    std::condition_variable wake_;
    std::vector<std::string> seen_;
    std::size_t flushed_ = 0;
};

class MessageCaptureTest : public ::testing::Test {
protected:
    MessageCaptureTest() { capture.open({first, second}, {"Voice", "Lan"}); }
    static void show(MessageTap& tap, const std::string& bytes, uint16_t sip_interface = 0) {
        auto flow = sent_message().flow;
        flow.sip_interface_index = sip_interface;
        tap.show(MessageDirection::sent, flow, bytes);
    }

    const std::shared_ptr<MessageTap> first = std::make_shared<MessageTap>(4096, counted_clock);
    const std::shared_ptr<MessageTap> second = std::make_shared<MessageTap>(4096, counted_clock);
    const std::shared_ptr<Watcher> watcher = std::make_shared<Watcher>();
    MessageCapture capture;
};

TEST_F(MessageCaptureTest, TapsAreShutWhileNobodyWatches) {
    EXPECT_FALSE(first->is_listened_to());
    capture.add(watcher);
    EXPECT_TRUE(first->is_listened_to());
    EXPECT_TRUE(second->is_listened_to());
    const auto other = std::make_shared<Watcher>();
    capture.add(other);
    capture.remove(*watcher);
    EXPECT_TRUE(first->is_listened_to());
    capture.remove(*other);
    EXPECT_FALSE(first->is_listened_to());
    capture.remove(*other);
    show(*first, "unseen");
    EXPECT_EQ(capture.counters().shown, 0U);
}

TEST_F(MessageCaptureTest, EverySinkGetsTheMessagesOfAllShards) {
    const auto other = std::make_shared<Watcher>();
    capture.add(watcher);
    capture.add(other);
    show(*first, "a");
    show(*second, "b", 1);
    EXPECT_THAT(watcher->seen(2), testing::UnorderedElementsAre("a Voice", "b Lan"));
    EXPECT_THAT(other->seen(2), testing::UnorderedElementsAre("a Voice", "b Lan"));
    EXPECT_EQ(capture.counters().shown, 2U);
}

TEST_F(MessageCaptureTest, WhatGoesAndComesIsSeenAgain) {
    for (int round = 1; round <= 20; ++round) {
        const auto one = std::make_shared<Watcher>();
        capture.add(one);
        show(*first, "x");
        EXPECT_THAT(one->seen(1), ElementsAre("x Voice"));
        capture.remove(*one);
    }
}

TEST_F(MessageCaptureTest, WhatATapDropsIsCounted) {
    capture.add(watcher);
    const std::string large(5000, 'x');  // more than the tap has room for
    show(*first, large);
    EXPECT_EQ(capture.counters().dropped, 1U);
}

/// While the thread is busy with one message, others come on both taps: it hands them out by their
/// times.
TEST_F(MessageCaptureTest, ShardsAreShownInTheOrderOfTheirTimes) {
    class Busy final : public Watcher {
    public:
        void take(const CapturedMessage& captured) override {
            Watcher::take(captured);
            if (captured.message.bytes == "0") {
                is_busy.release();
                go_on.acquire();
            }
        }
        std::binary_semaphore is_busy{0}, go_on{0};
    };
    const auto busy = std::make_shared<Busy>();
    capture.add(busy);
    show(*first, "0");
    busy->is_busy.acquire();
    show(*second, "1");
    show(*first, "2");
    show(*second, "3");
    show(*first, "4");
    busy->go_on.release();
    EXPECT_THAT(busy->seen(5), ElementsAre("0 Voice", "1 Voice", "2 Voice", "3 Voice", "4 Voice"));
}

}  // namespace
}  // namespace trunkline::mgmt
