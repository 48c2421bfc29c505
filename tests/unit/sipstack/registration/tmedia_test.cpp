// Registration as a Tmedia gateway does it for a SIP NAP: trace D, line by line.
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using State = RegistrationState;

struct TmediaBench : RegistrationBench {
    TmediaBench() : RegistrationBench(with_profile()) { start(); }
    static Config with_profile() {
        Config config = default_config();
        config.proxy_and_registration.retry_profile = RetryProfile::tmedia;
        config.proxy_and_registration.registration_time = 3600s;
        return config;
    }
};

// TD2
TEST(TraceD, ARefusalIsFollowedByTheNextRegisterAfterFiveSecondsForEver) {
    TmediaBench bench;
    for (int round = 0; round < 100; ++round) {
        bench.answer(round % 2 == 0 ? 404 : 403);
        const std::size_t sent = bench.sent();
        bench.pass(4999ms);
        ASSERT_EQ(bench.sent(), sent);
        bench.pass(1ms);
        ASSERT_EQ(bench.sent(), sent + 1);
    }
}

// TD3
TEST(TraceD, SilenceOverUdpIsACycleOfThirtySevenSeconds) {
    TmediaBench bench;
    for (unsigned cycle = 1; cycle <= 5; ++cycle) {
        EXPECT_EQ(bench.header("CSeq"), fmt::format("{} REGISTER", cycle));
        bench.pass(31'999ms);
        EXPECT_EQ(bench.row().state, State::registering);
        EXPECT_EQ(bench.sent(), cycle * 11);
        bench.pass(1ms);
        EXPECT_EQ(bench.row().state, State::failed);
        bench.pass(5s);
    }
}

// TD6
TEST(TraceD, AnHourIsAskedForInTheContact) {
    TmediaBench bench;
    EXPECT_THAT(bench.header("Contact"), HasSubstr(";expires=3600"));
}

// TD7, TD8, TD9
TEST(TraceD, ARefreshComesAtHalfOfWhatWasAgreedOn) {
    const std::vector<std::pair<std::string, Seconds>> cases{
        {"Contact: <sip:100@192.0.2.10>;expires=1000\r\nExpires: 3600\r\n", 1000s},
        {"Contact: <sip:100@192.0.2.10>\r\nExpires: 600\r\n", 600s},
        {"Contact: <sip:100@192.0.2.10>\r\n", 3600s}};
    for (const auto& [rows, granted] : cases) {
        TmediaBench bench;
        bench.answer(200, rows);
        EXPECT_EQ(bench.row().granted_expires, granted);
        bench.pass(granted / 2 - 1ms);
        EXPECT_EQ(bench.sent(), 1U);
        bench.pass(1ms);
        EXPECT_EQ(bench.sent(), 2U);
    }
}

// TD10
TEST(TraceD, AChallengeIsAnsweredByASecondRegister) {
    TmediaBench bench;
    bench.challenge("n1");
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nonce=\"n1\""));
    bench.accept(3600);
    EXPECT_EQ(bench.row().state, State::registered);
}

}  // namespace
}  // namespace trunkline::sipstack
