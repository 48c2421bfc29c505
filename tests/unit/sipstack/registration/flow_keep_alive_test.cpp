// Outbound (RFC 5626): keep-alive of the flow that was registered over, and what its failure does.
#include "sipstack/registration/grant.h"
#include "sipstack/transport/stun.h"
#include "tests/unit/sipstack/registration/registration_bench.h"
#include "tests/unit/sipstack/transport/stun_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using State = RegistrationState;

const std::string flow_timer = "Flow-Timer: 20\r\n";
const dataplane::Endpoint mapped{dataplane::IpAddress::v4(0xcb007105), 40'000};
const dataplane::Endpoint mapped_anew{dataplane::IpAddress::v4(0xcb007105), 40'001};

struct FlowBench : RegistrationBench {
    static Config config_with(bool outbound) {
        Config config = default_config();
        config.accounts[0].outbound = outbound;
        return config;
    }
    explicit FlowBench(bool outbound = true) : RegistrationBench(config_with(outbound)) {}

    void grant(const std::string& rows) {
        answer(200, fmt::format("Contact: {}\r\n{}", header("Contact"), rows));
        ASSERT_EQ(row().state, State::registered);
    }
    /// Retransmissions are the same again and do not count.
    std::size_t count(bool of_stun) const {
        std::set<std::string> requests;
        for (const auto& one : sender.sent) {
            if (is_stun(one.bytes) == of_stun) {
                requests.insert(one.bytes);
            }
        }
        return requests.size();
    }
    std::size_t registers() const { return count(false); }
    std::size_t pings() const { return count(true); }
    /// The last ping's.
    void answer_ping(const dataplane::Endpoint& seen = mapped) {
        stun.receive(sender.sent.back().flow, testing::stun_success(last(), seen), now);
    }
};

// T126
TEST(FlowKeepAlive, FollowsTheFlowTimer) {
    FlowBench bench;
    bench.start();
    bench.grant(flow_timer);
    bench.pass(15'999ms);
    EXPECT_EQ(bench.pings(), 0U);
    bench.pass(4001ms);
    ASSERT_EQ(bench.pings(), 1U);
    EXPECT_EQ(bench.sender.sent.back().flow, bench.sender.sent.front().flow);
    bench.answer_ping();
    bench.pass(20s);
    EXPECT_EQ(bench.pings(), 2U);
    EXPECT_EQ(bench.registers(), 1U);
}

// T126
TEST(FlowKeepAlive, HasTheTimesOfTheRfcWhereTheRegistrarDoesOutbound) {
    FlowBench bench;
    bench.start();
    bench.grant("Require: outbound\r\n");
    bench.pass(24s - 1ms);
    EXPECT_EQ(bench.pings(), 0U);
    bench.pass(5s + 1ms);
    EXPECT_EQ(bench.pings(), 1U);
}

// T126
TEST(FlowKeepAlive, IsLeftOutWhereNobodyAskedForIt) {
    for (const auto& [outbound, rows] :
         {std::pair(true, ""), std::pair(true, "Flow-Timer: 0\r\n"),
          std::pair(true, "Flow-Timer: soon\r\n"), std::pair(false, "Flow-Timer: 20\r\n")}) {
        FlowBench bench(outbound);
        bench.start();
        bench.grant(rows);
        bench.pass(80s);
        EXPECT_EQ(bench.pings(), 0U) << rows;
    }
}

// T126, T130
TEST(FlowKeepAlive, SilenceRegistersAgainAndKeepsTheNewFlow) {
    FlowBench bench;
    bench.start();
    bench.grant("Flow-Timer: 20\r\nExpires: 3600\r\n");
    bench.pass(20s);
    bench.answer_ping();
    bench.pass(60s);
    EXPECT_EQ(bench.registers(), 2U);
    EXPECT_EQ(bench.row().state, State::refreshing);
    EXPECT_TRUE(bench.row().registered);
    const std::size_t before = bench.pings();
    bench.grant(flow_timer);
    bench.pass(20s);
    EXPECT_EQ(bench.pings(), before + 1);
}

// T126
TEST(FlowKeepAlive, AnotherMappedAddressRegistersAgain) {
    FlowBench bench;
    bench.start();
    bench.grant(flow_timer);
    bench.pass(20s);
    bench.answer_ping();
    bench.pass(20s);
    ASSERT_EQ(bench.pings(), 2U);
    bench.answer_ping(mapped_anew);
    bench.pass(1ms);
    EXPECT_EQ(bench.registers(), 2U);
}

// T126
TEST(FlowKeepAlive, GoesOnAtOnceAfterARestart) {
    FlowBench before;
    before.start();
    before.grant("Flow-Timer: 20\r\nExpires: 3600\r\n");
    FlowBench after;
    after.registration.restore(before.journal.records.back(), after.now);
    after.start();
    after.pass(24s - 1ms);
    EXPECT_EQ(after.pings(), 0U);
    after.pass(5s + 1ms);
    ASSERT_EQ(after.pings(), 1U);
    EXPECT_EQ(after.sender.sent.back().flow, before.sender.sent.front().flow);
    after.answer_ping();
    after.pass(70s);
    EXPECT_EQ(after.registers(), 1U) << "that flow is dead: it is registered again";
}

TEST(FlowKeepAlive, OfAnAccountWithoutOutboundDoesNotBeginWithARestart) {
    FlowBench before(false), after(false);
    before.start();
    before.grant("Expires: 3600\r\n");
    after.registration.restore(before.journal.records.back(), after.now);
    after.start();
    after.pass(2min);
    EXPECT_EQ(after.pings(), 0U);
}

TEST(FlowKeepAlive, EndsWithTheBinding) {
    FlowBench bench;
    bench.start();
    bench.grant(flow_timer);
    bench.registration.unregister(bench.now);
    bench.answer(200);
    ASSERT_EQ(bench.row().state, State::unregistered);
    bench.pass(1min);
    EXPECT_EQ(bench.pings(), 0U);
    EXPECT_EQ(bench.wheel.size(), 0U);
}

TEST(FlowKeepAlive, EndsWhereTheRegistrarDoesNotAskForItAnyMore) {
    FlowBench bench;
    bench.start();
    bench.grant(flow_timer);
    bench.registration.register_now(bench.now);
    bench.grant("");
    bench.pass(80s);
    EXPECT_EQ(bench.pings(), 0U);
}

}  // namespace
}  // namespace trunkline::sipstack
