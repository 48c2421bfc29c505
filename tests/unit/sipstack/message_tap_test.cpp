#include "sipstack/message_tap.h"

#include "sipstack/transport/stun.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;

std::chrono::nanoseconds half_past() {
    return 1800s + 7ns;
}

const Flow flow{Transport::tls,
                3,
                {dataplane::IpAddress::v4(0xc000020a), 5061},
                {*dataplane::IpAddress::parse("2001:db8::5"), 40'000},
                9};

struct TapBench {
    explicit TapBench(std::size_t ring_bytes = 4096) : tap(ring_bytes, half_past) {}
    std::string next() { return tap.next(message) ? message.bytes : "(none)"; }
    MessageTap tap;
    TappedMessage message;
};

TEST(MessageTapTest, ShowsAMessageWithItsTimeAndItsWay) {
    TapBench bench;
    bench.tap.listen(true);
    bench.tap.show(MessageDirection::received, flow, "OPTIONS ...");
    bench.tap.show(MessageDirection::sent, flow, "SIP/2.0 200 OK");
    EXPECT_EQ(bench.next(), "OPTIONS ...");
    EXPECT_EQ(bench.message.at, half_past());
    EXPECT_EQ(bench.message.flow, flow);
    EXPECT_EQ(bench.message.source(), flow.remote);
    EXPECT_EQ(bench.message.destination(), flow.local);
    EXPECT_EQ(bench.next(), "SIP/2.0 200 OK");
    EXPECT_EQ(bench.message.source(), flow.local);
    EXPECT_EQ(bench.message.destination(), flow.remote);
    EXPECT_EQ(bench.next(), "(none)");
    EXPECT_EQ(bench.tap.counters().shown, 2U);
}

TEST(MessageTapTest, WhileNobodyListensNothingIsKeptOrCounted) {
    TapBench bench;
    bench.tap.show(MessageDirection::sent, flow, "a");
    bench.tap.listen(true);
    bench.tap.listen(false);
    bench.tap.show(MessageDirection::sent, flow, "b");
    EXPECT_EQ(bench.next(), "(none)");
    EXPECT_EQ(bench.tap.counters().shown, 0U);
    EXPECT_EQ(bench.tap.counters().dropped, 0U);
}

TEST(MessageTapTest, WhatWasLeftBehindIsNotShownToTheNextOneWhoListens) {
    TapBench bench;
    bench.tap.listen(true);
    bench.tap.show(MessageDirection::sent, flow, "of before");
    bench.tap.listen(false);
    bench.tap.listen(true);
    bench.tap.show(MessageDirection::sent, flow, "of now");
    EXPECT_EQ(bench.next(), "of now");
}

TEST(MessageTapTest, KeepAlivesAreNoMessages) {
    TapBench bench;
    bench.tap.listen(true);
    bench.tap.show(MessageDirection::received, flow, "\r\n\r\n");
    bench.tap.show(MessageDirection::sent, flow, stun_binding_request({}));
    EXPECT_EQ(bench.next(), "(none)");
    EXPECT_EQ(bench.tap.counters().dropped, 0U);
}

TEST(MessageTapTest, WhatFindsNoRoomIsDroppedAndCounted) {
    TapBench bench(1024);
    bench.tap.listen(true);
    for (int i = 0; i < 100; ++i) {
        bench.tap.show(MessageDirection::received, flow, std::string(100, 'x'));
    }
    const auto counters = bench.tap.counters();
    EXPECT_GT(counters.shown, 0U);
    EXPECT_GT(counters.dropped, 0U);
    EXPECT_EQ(counters.shown + counters.dropped, 100U);
    for (uint64_t i = 0; i < counters.shown; ++i) {
        EXPECT_EQ(bench.next(), std::string(100, 'x'));
    }
    EXPECT_EQ(bench.next(), "(none)");
}

/// Listening comes and goes while messages do; each that is seen is whole and of the right time.
TEST(MessageTapTest, TwoThreadsUnderLoad) {
    TapBench bench(8192);
    std::atomic<bool> is_over{false};
    std::thread shard([&] {
        const std::string body(200, 'x');
        while (!is_over.load()) {
            bench.tap.show(MessageDirection::sent, flow, body);
        }
    });
    uint64_t seen = 0;
    for (int round = 0; round < 200; ++round) {
        bench.tap.listen(true);
        while (!bench.tap.next(bench.message)) {
            std::this_thread::yield();
        }
        do {
            EXPECT_EQ(bench.message.bytes.size(), 200U);
            EXPECT_EQ(bench.message.flow, flow);
            ++seen;
        } while (bench.tap.next(bench.message) && seen % 50 != 0);
        bench.tap.listen(false);
    }
    is_over.store(true);
    shard.join();
    EXPECT_GE(seen, 200U);
    EXPECT_LE(seen, bench.tap.counters().shown);
}

}  // namespace
}  // namespace trunkline::sipstack
