#include "mgmt/capture/live_trace.h"

#include "tests/unit/mgmt/capture/captured.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace trunkline::mgmt {
namespace {

using Outcome = LiveTrace::Outcome;
using namespace std::chrono_literals;

struct TraceBench {
    explicit TraceBench(const CaptureFilter& filter = {}) : trace(filter, dropped) {}
    void take(const std::string& bytes) {
        const auto message = sent_message(bytes);
        trace.take(captured(message));
    }
    Outcome next(std::chrono::milliseconds patience = 0ms) {
        return trace.next(heard, lost, patience);
    }
    std::atomic<uint64_t> dropped{0};
    LiveTrace trace;
    LiveTrace::Heard heard;
    uint64_t lost = 0;
};

TEST(LiveTraceTest, GivesWhatMatchesInItsOrder) {
    CaptureFilter filter;
    filter.method = "REGISTER";
    TraceBench bench(filter);
    bench.take("no SIP");
    bench.take(captured_register);
    EXPECT_EQ(bench.next(), Outcome::message);
    EXPECT_EQ(bench.heard.message.bytes, captured_register);
    EXPECT_EQ(bench.heard.sip_interface, "SIPInterface_0");
    EXPECT_EQ(bench.next(), Outcome::nothing);
    EXPECT_EQ(bench.dropped, 0U);
}

TEST(LiveTraceTest, WakesTheOneWhoWaits) {
    TraceBench bench;
    std::thread other([&] { bench.take("late"); });
    EXPECT_EQ(bench.next(60s), Outcome::message);
    other.join();
    std::thread ending([&] { bench.trace.end(); });
    EXPECT_EQ(bench.next(60s), Outcome::over);
    ending.join();
}

TEST(LiveTraceTest, WhatIsNotTakenInTimeIsDroppedAndTold) {
    TraceBench bench;
    for (std::size_t i = 0; i < LiveTrace::most_waiting + 3; ++i) {
        bench.take("message");
    }
    EXPECT_EQ(bench.next(), Outcome::message);
    bench.take("behind the gap, so it is lost, too");
    for (std::size_t i = 1; i < LiveTrace::most_waiting; ++i) {
        EXPECT_EQ(bench.next(), Outcome::message);
    }
    EXPECT_EQ(bench.next(), Outcome::dropped);
    EXPECT_EQ(bench.lost, 4U);
    EXPECT_EQ(bench.dropped, 4U);
    bench.take("after it");
    EXPECT_EQ(bench.next(), Outcome::message);
    EXPECT_EQ(bench.heard.message.bytes, "after it");
}

TEST(LiveTraceTest, LargeMessagesAreBoundedByTheirBytes) {
    TraceBench bench;
    const std::string large(65'536, 'x');
    for (std::size_t bytes = 0; bytes <= LiveTrace::most_bytes_waiting; bytes += large.size()) {
        bench.take(large);
    }
    EXPECT_EQ(bench.dropped, 1U);
}

}  // namespace
}  // namespace trunkline::mgmt
