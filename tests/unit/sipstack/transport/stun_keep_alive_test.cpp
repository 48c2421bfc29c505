#include "sipstack/transport/stun_keep_alive.h"

#include "sipstack/shard_key.h"
#include "sipstack/transport/stun.h"
#include "tests/unit/sipstack/transport/stun_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const dataplane::Endpoint here{dataplane::IpAddress::v4(0xc000020a), 5060};
const dataplane::Endpoint there{dataplane::IpAddress::v4(0xc0000201), 5060};
const dataplane::Endpoint mapped{dataplane::IpAddress::v4(0xcb007105), 40'000};
const dataplane::Endpoint mapped_anew{dataplane::IpAddress::v4(0xcb007105), 40'001};
const Flow flow{Transport::udp, 0, here, there};
constexpr KeepAliveTime usual{24s, 29s};

class StunKeepAliveTest : public ::testing::Test, private MessageSender {
protected:
    bool send(const Flow& way, std::string_view bytes) override {
        EXPECT_EQ(way, flow);
        EXPECT_TRUE(is_stun(bytes));
        sent.emplace_back(bytes);
        times.push_back(wheel.now());
        return true;
    }
    /// To the next transmission, and how long that took. An hour at most.
    Milliseconds to_next() {
        const Instant begin = wheel.now();
        const std::size_t before = sent.size();
        while (sent.size() == before && wheel.next_deadline() && wheel.now() - begin < 1h) {
            wheel.advance(*wheel.next_deadline());
        }
        return wheel.now() - begin;
    }
    void pass(Milliseconds span) { wheel.advance(wheel.now() + span); }
    void answer(const dataplane::Endpoint& seen = mapped, const Flow& way = flow) {
        keep_alive.receive(way, testing::stun_success(sent.back(), seen), wheel.now());
    }
    StunKeepAlive::Use keep(const KeepAliveTime& time = usual) {
        return keep_alive.keep(flow, time, wheel.now());
    }

    TimerWheel wheel{Instant(1h)};
    Random random{Random::seed_from(5)};
    std::vector<std::string> sent;
    std::vector<Instant> times;
    std::vector<std::string> failed;
    StunKeepAlive keep_alive{9, *this, wheel, random,
                             [this](const Flow& way, std::string_view reason, Instant) {
                                 EXPECT_EQ(way, flow);
                                 failed.emplace_back(reason);
                             }};
};

// T126
TEST_F(StunKeepAliveTest, AsksAtRandomTimesAndStaysQuietWhileItIsAnswered) {
    const auto use = keep();
    std::set<Milliseconds> waits;
    for (int i = 0; i < 50; ++i) {
        const Milliseconds wait = to_next();
        EXPECT_GE(wait, 24s);
        EXPECT_LE(wait, 29s);
        waits.insert(wait);
        answer();
    }
    EXPECT_GT(waits.size(), 40U);
    EXPECT_EQ(keep_alive.counters().sent, 50U);
    EXPECT_EQ(keep_alive.counters().answered, 50U);
    EXPECT_THAT(failed, IsEmpty());
    EXPECT_EQ(std::set(sent.begin(), sent.end()).size(), 50U) << "a transaction id each";
    EXPECT_EQ(owning_shard(sent.back(), 16), 9U);
}

// T126
TEST_F(StunKeepAliveTest, RetransmitsAndFailsTheFlowWithoutAnAnswer) {
    const auto use = keep();
    to_next();
    const Instant begin = wheel.now();
    pass(39'499ms);
    std::vector<Milliseconds> after;
    for (const Instant time : times) {
        after.push_back(time - begin);
    }
    EXPECT_THAT(after, ElementsAre(0ms, 500ms, 1500ms, 3500ms, 7500ms, 15'500ms, 31'500ms));
    EXPECT_EQ(std::set(sent.begin(), sent.end()).size(), 1U) << "the same request";
    EXPECT_THAT(failed, IsEmpty());
    pass(1ms);
    EXPECT_THAT(failed, ElementsAre("no answer to a keep-alive within 39.5 s from 192.0.2.1:5060"));
    EXPECT_EQ(wheel.size(), 0U);
}

TEST_F(StunKeepAliveTest, ALateAnswerSavesTheFlow) {
    const auto use = keep();
    to_next();
    pass(39s);
    answer();
    pass(5min);
    ASSERT_GT(sent.size(), 7U);
    EXPECT_THAT(failed, ElementsAre(::testing::StartsWith("no answer")))
        << "that is the next one's";
}

// T126
TEST_F(StunKeepAliveTest, AnotherMappedAddressFailsTheFlow) {
    const auto use = keep();
    to_next();
    answer();
    to_next();
    answer(mapped_anew);
    EXPECT_THAT(failed, ElementsAre("192.0.2.1:5060 sees us at 203.0.113.5:40001 and no longer at "
                                    "203.0.113.5:40000"));
    EXPECT_EQ(wheel.size(), 0U);
    const auto again = keep();
    to_next();
    answer(mapped_anew);
    to_next();
    answer(mapped_anew);
    EXPECT_EQ(failed.size(), 1U) << "the new registration was made from there";
}

TEST_F(StunKeepAliveTest, AnErrorIsAnAnswerToo) {
    const auto use = keep();
    to_next();
    keep_alive.receive(flow,
                       testing::stun_message(0x0111, sent.back(),
                                             testing::stun_attribute(0x0009, {"\0\0\5\0", 4})),
                       wheel.now());
    EXPECT_EQ(keep_alive.counters().answered, 1U);
    EXPECT_GE(to_next(), 24s);
}

TEST_F(StunKeepAliveTest, WhatAnswersNothingOfOursIsCounted) {
    const auto use = keep();
    to_next();
    answer(mapped, {Transport::udp, 0, here, mapped});
    keep_alive.receive(flow, stun_binding_request({1, 2, 3}), wheel.now());
    keep_alive.receive(flow, testing::stun_success(stun_binding_request({1, 2, 3}), mapped),
                       wheel.now());
    EXPECT_EQ(keep_alive.counters().answered, 0U);
    EXPECT_EQ(keep_alive.counters().not_ours, 3U);
    answer();
    answer();
    EXPECT_EQ(keep_alive.counters().answered, 1U);
    EXPECT_EQ(keep_alive.counters().not_ours, 4U) << "once is enough";
}

TEST_F(StunKeepAliveTest, UsersShareAFlowUntilTheLastOneLetsGo) {
    auto one = keep();
    for (int i = 0; i < 10; ++i) {
        pass(5s);
        one = keep();  // as grants of others come, nothing is put off
    }
    EXPECT_GE(sent.size(), 1U);
    answer();
    auto two = keep();
    EXPECT_EQ(one, two);
    one.reset();
    EXPECT_EQ(wheel.size(), 1U);
    two.reset();
    EXPECT_EQ(wheel.size(), 0U);
}

TEST_F(StunKeepAliveTest, AShorterTimeHoldsAtOnce) {
    const auto use = keep();
    EXPECT_EQ(keep({8s, 10s}), use);
    EXPECT_LE(to_next(), 10s);
}

TEST_F(StunKeepAliveTest, AServerWithoutStunIsLeftAloneForAnHour) {
    for (int round = 0; round < 2; ++round) {
        const auto use = keep();
        ASSERT_TRUE(use);
        pass(2min);
        EXPECT_EQ(failed.size(), 1U + round);
    }
    EXPECT_FALSE(keep());
    pass(59min);
    EXPECT_FALSE(keep());
    pass(2min);
    const auto use = keep();
    ASSERT_TRUE(use);
    to_next();
    answer();
    to_next();
    pass(2min);
    EXPECT_EQ(failed.size(), 3U);
    EXPECT_TRUE(keep()) << "it does speak STUN";
}

}  // namespace
}  // namespace trunkline::sipstack
