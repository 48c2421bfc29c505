// An operator's Register and Un-Register in every state, a changed configuration, and the served
// IP group's status.
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

using State = RegistrationState;
using Bench = RegistrationBench;

// TA7
TEST(RegisterNow, RefreshesARegistrationThatIsUp) {
    Bench bench;
    bench.start_registered(180);
    bench.registration.register_now(bench.now);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.row().state, State::refreshing);
    bench.accept(180);
    EXPECT_EQ(bench.row().next_attempt_in, 90s);
}

TEST(RegisterNow, DoesNotWaitForTheRetryTime) {
    Bench bench;
    bench.start();
    bench.answer(500);
    bench.registration.register_now(bench.now);
    EXPECT_EQ(bench.sent(), 2U);
    bench.pass(30s);
    EXPECT_GT(bench.sent(), 2U) << "its own retransmissions alone";
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
}

// T10
TEST(RegisterNow, SendsNoSecondRegisterWhileOneIsOut) {
    Bench bench;
    bench.start();
    bench.registration.register_now(bench.now);
    EXPECT_EQ(bench.sent(), 1U);
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
    bench.pass(90s);
    bench.registration.register_now(bench.now);
    EXPECT_EQ(bench.sent(), 2U);
}

TEST(RegisterNow, WaitsForAServerThatIsNotKnownYet) {
    Bench bench;
    bench.registration.start(bench.now);
    bench.registration.register_now(bench.now);
    EXPECT_EQ(bench.row().state, State::resolving);
    bench.set_targets({{bench_registrar, Transport::udp}});
    EXPECT_EQ(bench.sent(), 1U);
}

// TA7
TEST(RegisterNow, BringsBackWhatWasUnregistered) {
    Bench bench;
    bench.start_registered(180);
    const std::string call_id = bench.row().call_id;
    bench.registration.unregister(bench.now);
    bench.answer(200);
    ASSERT_EQ(bench.row().state, State::unregistered);
    bench.registration.register_now(bench.now);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("Expires"), "180");
    EXPECT_EQ(bench.header("Call-ID"), call_id);
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(RegisterNow, FollowsTheUnregisterThatIsOut) {
    Bench bench;
    bench.start_registered(180);
    bench.registration.unregister(bench.now);
    bench.registration.register_now(bench.now);
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.row().state, State::unregistering);
    bench.answer(200);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("Expires"), "180");
}

TEST(Unregister, TheLastWordCounts) {
    Bench bench;
    bench.start_registered(180);
    bench.registration.unregister(bench.now);
    bench.registration.register_now(bench.now);
    bench.registration.unregister(bench.now);
    bench.answer(200);
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.row().state, State::unregistered);
}

TEST(Unregister, EndsTheWaitForARetry) {
    Bench bench;
    bench.start();
    bench.answer(500);
    bench.registration.unregister(bench.now);
    EXPECT_EQ(bench.row().state, State::unregistered);
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), 1U);
}

// T49: the server that holds its binding leaves the configuration while that ends.
TEST(Unregister, GivesNoCredentialsToAServerThatIsNotConfiguredAnyMoreAndEnds) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.accept(180);
    bench.registration.unregister(bench.now);
    ASSERT_EQ(bench.header("Expires"), "0");
    bench.set_targets({{bench_second_registrar, Transport::udp}});
    const std::size_t sent = bench.sent();
    bench.challenge("n2");
    EXPECT_EQ(bench.row().state, State::unregistered);
    EXPECT_THAT(bench.row().reason, HasSubstr("not configured"));
    EXPECT_TRUE(bench.registration.leaves_binding());
    EXPECT_FALSE(bench.row().next_attempt_in);
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), sent);
}

// T159
TEST(Unregister, CancelsNothingThatIsOut) {
    Bench bench;
    bench.start();
    bench.registration.unregister(bench.now);
    bench.pass(40s);
    for (const auto& sent : bench.sender.sent) {
        EXPECT_THAT(sent.bytes, Not(HasSubstr("CANCEL")));
    }
}

/// One REGISTER a second towards the server: the second one waits.
struct LineBench : Bench {
    LineBench()
        : Bench(with_a_slow_server()), other(registrants(config).at(0), registration_context) {}
    static Config with_a_slow_server() {
        Config config = default_config();
        config.proxy_sets[0].registration_rate = 1;
        return config;
    }
    Registration other;
};

TEST(Unregister, LeavesTheLineOfTheServer) {
    LineBench bench;
    bench.start();
    bench.other.start(bench.now);
    ASSERT_EQ(bench.sent(), 1U);
    ASSERT_EQ(bench.other.status(bench.now).state, State::waiting);
    EXPECT_FALSE(bench.other.is_quiet());
    bench.other.unregister(bench.now);
    EXPECT_EQ(bench.other.status(bench.now).state, State::unregistered);
    EXPECT_TRUE(bench.other.is_quiet());
    EXPECT_EQ(bench.pacer.waiting(), 0U);
    bench.accept(180);
    bench.pass(10s);
    EXPECT_EQ(bench.sent(), 1U);
}

TEST(Unregister, WaitsItsTurnAndTheRegisterThatFollowsToo) {
    LineBench bench;
    bench.start();
    bench.accept(180);
    bench.registration.unregister(bench.now);
    EXPECT_EQ(bench.sent(), 1U);
    bench.registration.register_now(bench.now);
    bench.pass(1s);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Expires"), "0");
    bench.answer(200);
    bench.pass(1s);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("Expires"), "180");
}

Registrant registrant_of(Config config, const std::function<void(Config&)>& change) {
    change(config);
    return registrants(config).at(0);
}

TEST(Adopt, SendsNothingAndKeepsTheCallId) {
    Bench bench;
    bench.start_registered(180);
    const std::string call_id = bench.row().call_id;
    bench.registration.adopt(registrants(bench.config).at(0), bench.now);
    EXPECT_EQ(bench.sent(), 1U);
    bench.config.proxy_and_registration.registration_time = 600s;
    bench.pass(90s);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Call-ID"), call_id);
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
    EXPECT_EQ(bench.header("Expires"), "600");
}

TEST(Adopt, ANewPasswordRetriesAFailureAtOnce) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.answer(403);
    ASSERT_EQ(bench.row().state, State::failed);
    const auto better = [](Config& config) { config.accounts[0].password = Secret("better"); };
    bench.registration.adopt(registrant_of(bench.config, better), bench.now);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("CSeq"), "3 REGISTER");
}

TEST(Adopt, ANewPasswordWaitsForTheRefreshOfWhatIsUp) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.accept(180);
    const auto better = [](Config& config) { config.accounts[0].password = Secret("better"); };
    bench.registration.adopt(registrant_of(bench.config, better), bench.now);
    EXPECT_EQ(bench.sent(), 2U);
    bench.pass(90s);
    EXPECT_EQ(bench.header("Authorization"), "") << "the nonce was used with the old one";
}

TEST(Adopt, GinTriesAgainWhatAPeerRefusedOnce) {
    Bench bench;
    bench.start_registered(180);
    const auto gin = [](Config& config) {
        config.accounts[0].register_mode = AccountRegister::gin;
    };
    bench.registration.adopt(registrant_of(bench.config, gin), bench.now);
    bench.pass(90s);
    EXPECT_EQ(bench.header("Require"), "gin");
}

// T40: a longer time that a 423 asked for holds until the configuration asks another one.
TEST(Adopt, ANewRegistrationTimeEndsWhatA423Taught) {
    Bench bench;
    bench.start();
    bench.answer(423, "Min-Expires: 1999999\r\n");
    bench.accept(180);
    bench.pass(90s);
    ASSERT_EQ(bench.header("Expires"), "1999999");
    bench.accept(180);
    bench.config.proxy_and_registration.registration_time = 120s;
    bench.registration.adopt(registrants(bench.config).at(0), bench.now);
    bench.registration.register_now(bench.now);
    EXPECT_EQ(bench.header("Expires"), "120");
}

// T40: nor does it hold for servers that come instead of the one that asked for it.
TEST(Adopt, AnotherServerEndsWhatA423Taught) {
    Bench bench;
    bench.start();
    bench.answer(423, "Min-Expires: 600\r\n");
    bench.accept(600);
    bench.set_targets({{bench_second_registrar, Transport::udp}});
    bench.pass(300s);
    EXPECT_EQ(bench.sender.sent.back().flow.remote, bench_second_registrar);
    EXPECT_EQ(bench.header("Expires"), "180");
}

/// The account registers only while the proxy set of the IP group "PBX" is online.
struct ServedBench : Bench {
    explicit ServedBench(const Config& bench_config = with_served()) : Bench(bench_config) {
        start();
    }
    static Config with_served() {
        Config config = default_config();
        config.proxy_sets.push_back({"PBX", 0, {{"192.0.2.50", {}, Transport::udp}}});
        config.proxy_sets[1].keep_alive = KeepAlive::using_options;
        config.ip_groups.push_back({"PBX", 1, "pbx.example", ""});
        config.accounts[0].served_ip_group_index = 1;
        config.accounts[0].register_only_if_served_is_online = true;
        return config;
    }
    void serve(bool online) {
        proxy_sets.set_targets(1, {{pbx}});
        proxy_sets.set_online(1, pbx, online);
        pass(1ms);
    }
    const Target pbx{{dataplane::IpAddress::v4(0xc0000232), 5060}, Transport::udp};
};

TEST(ServedIpGroup, WaitsUntilItIsOnline) {
    ServedBench bench;
    EXPECT_EQ(bench.sent(), 0U);
    EXPECT_EQ(bench.row().state, State::unregistered);
    EXPECT_THAT(bench.row().reason, HasSubstr("is offline"));
    bench.serve(true);
    ASSERT_EQ(bench.sent(), 1U);
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(ServedIpGroup, UnregistersWhenItGoesOfflineAndComesBack) {
    ServedBench bench;
    bench.serve(true);
    bench.accept(180);
    bench.serve(false);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Expires"), "0");
    bench.answer(200);
    EXPECT_EQ(bench.row().state, State::unregistered);
    EXPECT_THAT(bench.row().reason, HasSubstr("is offline"));
    bench.serve(true);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("Expires"), "180");
}

TEST(ServedIpGroup, ComesBackAfterTheUnregisterThatIsOut) {
    ServedBench bench;
    bench.serve(true);
    bench.accept(180);
    bench.serve(false);
    bench.serve(true);
    EXPECT_EQ(bench.sent(), 2U);
    bench.answer(200);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("Expires"), "180");
}

TEST(ServedIpGroup, DoesNotUndoWhatTheOperatorUnregistered) {
    ServedBench before;
    before.registration.unregister(before.now);
    before.serve(true);
    EXPECT_EQ(before.sent(), 0U);
    ServedBench meanwhile;
    meanwhile.serve(true);
    meanwhile.accept(180);
    meanwhile.registration.unregister(meanwhile.now);
    meanwhile.answer(200);
    meanwhile.serve(false);
    meanwhile.serve(true);
    EXPECT_EQ(meanwhile.sent(), 2U);
}

TEST(ServedIpGroup, IsOfNoConcernOnceTheAccountSaysSo) {
    ServedBench bench;
    const auto always = [](Config& config) {
        config.accounts[0].register_only_if_served_is_online = false;
    };
    bench.registration.adopt(registrant_of(bench.config, always), bench.now);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 1U);
    bench.accept(180);
    bench.registration.adopt(registrants(bench.config).at(0), bench.now);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Expires"), "0");
}

TEST(ServedIpGroup, IsOfNoConcernToARestoredBindingBeforeItIsResolved) {
    Bench bench(ServedBench::with_served());
    RegistrationRecord record;
    record.call_id = "1@x";
    record.granted = 180s;
    record.expires_at = bench.now + 100s;
    record.refresh_at = bench.now + 50s;
    record.target = {bench_registrar, Transport::udp};
    bench.registration.restore(record, bench.now);
    bench.start();
    EXPECT_EQ(bench.sent(), 0U);
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(ServedIpGroup, HoldsUpTheOperatorToo) {
    ServedBench bench;
    bench.registration.register_now(bench.now);
    EXPECT_EQ(bench.sent(), 0U);
    EXPECT_THAT(bench.row().reason, HasSubstr("is offline"));
    bench.serve(true);
    EXPECT_EQ(bench.sent(), 1U);
}

TEST(ServedIpGroup, RegistersNobodyOfALockedAppliance) {
    ServedBench bench;
    bench.set_state(AdministrativeState::locked);
    EXPECT_EQ(bench.row().reason, "the appliance is locked");
    bench.serve(true);
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), 0U);
    bench.set_state(AdministrativeState::unlocked);
    EXPECT_EQ(bench.sent(), 1U);
}

TEST(ServedIpGroup, IsWaitedForOnceTheApplianceIsUnlocked) {
    ServedBench bench;
    bench.set_state(AdministrativeState::locked);
    bench.set_state(AdministrativeState::unlocked);
    EXPECT_EQ(bench.sent(), 0U);
    EXPECT_EQ(bench.row().reason, "the IP group that it serves is offline");
    bench.serve(true);
    EXPECT_EQ(bench.sent(), 1U);
}

TEST(ServedIpGroup, IsOfNoConcernByDefault) {
    Config config = ServedBench::with_served();
    config.accounts[0].register_only_if_served_is_online = false;
    EXPECT_EQ(ServedBench(config).sent(), 1U);
}

// TA7
TEST(OperatorsUnregister, IsAnActionThatARestartForgets) {
    RegistrationBench before;
    before.start_registered(3600);
    before.registration.unregister(before.now);
    before.answer(200);
    ASSERT_EQ(before.row().state, RegistrationState::unregistered);
    RegistrationBench after;
    after.registration.restore(before.journal.records.back(), after.now);
    after.start();
    ASSERT_EQ(after.sent(), 1U);
    EXPECT_EQ(after.header("Call-ID"), before.header("Call-ID"));
    EXPECT_EQ(after.header("CSeq"), "3 REGISTER");
}

}  // namespace
}  // namespace trunkline::sipstack
