// A locked shard: what it un-registers, what it does not send, what it answers, and how it goes on.
#include "sipstack/shard.h"
#include "tests/unit/sipstack/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::StartsWith;

using State = RegistrationState;

/// Three accounts that are registered, then locked; the un-REGISTERs are out.
struct LockedFleet : Fleet {
    explicit LockedFleet(const Config& config = with_accounts(3)) : Fleet(config) {
        start();
        answer_all();
        lock();
    }
    void lock() { set(AdministrativeState::locked); }
    void unlock() { set(AdministrativeState::unlocked); }
    void set(AdministrativeState state) {
        before = sender.sent.size();
        shard.set_administrative_state(state, now);
        pass(10ms);
    }
    /// REGISTERs since the last change of the state with that Expires.
    std::ptrdiff_t sent_with(std::string_view expires) const {
        return std::count_if(sender.sent.begin() + static_cast<std::ptrdiff_t>(before),
                             sender.sent.end(), [&](const auto& sent) {
                                 return sent.bytes.starts_with("REGISTER ") &&
                                        header_of(sent.bytes, "Expires") == expires;
                             });
    }
    std::string options() {
        static int number = 0;
        receive(fmt::format("OPTIONS sip:192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.5;branch="
                            "z9hG4bKo{0}\r\nFrom: <sip:a@b>;tag=f\r\nTo: <sip:c@d>\r\nCall-ID: "
                            "o{0}\r\nCSeq: 5 OPTIONS\r\nContent-Length: 0\r\n\r\n",
                            ++number),
                {Transport::udp, 0, {dataplane::IpAddress::v4(0xc000020a), 5060}, bench_registrar});
        const std::string& answer = sender.sent.back().bytes;
        return answer.substr(0, answer.find("\r\n"));
    }
    std::size_t before = 0;
};

TEST(ShardLock, UnregistersAllAndSendsNoMore) {
    LockedFleet fleet;
    EXPECT_EQ(fleet.sent_with("0"), 3);
    EXPECT_EQ(fleet.row("a0").state, State::unregistering);
    EXPECT_EQ(fleet.row("a0").reason, "the appliance is locked");
    fleet.answer_all();
    EXPECT_TRUE(fleet.shard.is_quiet());
    EXPECT_FALSE(fleet.shard.any_registered());
    EXPECT_EQ(fleet.row("a0").state, State::unregistered);
    EXPECT_EQ(fleet.row("a0").reason, "the appliance is locked");
    const std::size_t sent = fleet.sender.sent.size();
    fleet.pass(24h);
    EXPECT_EQ(fleet.sender.sent.size(), sent);
}

TEST(ShardLock, UnlockedRegistersAgain) {
    LockedFleet fleet;
    fleet.answer_all();
    const std::string call_id = fleet.row("a0").call_id;
    fleet.unlock();
    EXPECT_EQ(fleet.sent_with("180"), 3);
    fleet.answer_all();
    EXPECT_EQ(fleet.row("a0").state, State::registered);
    EXPECT_EQ(fleet.row("a0").call_id, call_id);
}

TEST(ShardLock, TakesItsTurnsBothWays) {
    Config config = with_accounts(50);
    config.proxy_sets[0].registration_window = 7;
    config.proxy_sets[0].registration_rate = 1000;
    Fleet fleet(config);
    fleet.start();
    const auto all_answered = [&](std::size_t total) {
        for (int step = 0; step < 100 && fleet.answered < total; ++step) {
            EXPECT_LE(fleet.sender.sent.size() - fleet.answered, 7U);
            fleet.answer_all();
            fleet.pass(10ms);
        }
        EXPECT_EQ(fleet.sender.sent.size(), total);
    };
    all_answered(50);
    fleet.shard.set_administrative_state(AdministrativeState::locked, fleet.now);
    fleet.pass(100ms);
    all_answered(100);
    fleet.shard.set_administrative_state(AdministrativeState::unlocked, fleet.now);
    fleet.pass(100ms);
    all_answered(150);
    EXPECT_TRUE(fleet.shard.any_registered());
}

TEST(ShardLock, LockedTwiceIsLockedOnce) {
    LockedFleet fleet;
    fleet.answer_all();
    fleet.lock();
    EXPECT_EQ(fleet.sender.sent.size(), fleet.before);
    fleet.unlock();
    EXPECT_EQ(fleet.sent_with("180"), 3);
    fleet.answer_all();
    fleet.unlock();
    EXPECT_EQ(fleet.sender.sent.size(), fleet.before);
}

TEST(ShardLock, WhatAnOperatorUnregisteredStaysSo) {
    Fleet fleet(with_accounts(2));
    fleet.start();
    fleet.answer_all();
    fleet.shard.unregister({RegistrantSelector::Kind::name, 0, "a0"}, fleet.now);
    fleet.answer_all();
    fleet.shard.set_administrative_state(AdministrativeState::locked, fleet.now);
    fleet.answer_all();
    EXPECT_EQ(fleet.row("a0").reason, "un-registered");
    fleet.shard.set_administrative_state(AdministrativeState::unlocked, fleet.now);
    fleet.pass(10ms);
    fleet.answer_all();
    EXPECT_EQ(fleet.row("a0").state, State::unregistered);
    EXPECT_EQ(fleet.row("a1").state, State::registered);
}

TEST(ShardLock, WhatIsUnregisteredMeanwhileStaysSoAndWhatIsToRegisterWaits) {
    LockedFleet fleet;
    fleet.answer_all();
    fleet.shard.unregister({RegistrantSelector::Kind::name, 0, "a0"}, fleet.now);
    fleet.shard.register_now({RegistrantSelector::Kind::name, 0, "a1"}, fleet.now);
    fleet.pass(1h);
    EXPECT_EQ(fleet.sent_with("180"), 0);
    EXPECT_EQ(fleet.row("a1").reason, "the appliance is locked");
    fleet.unlock();
    fleet.answer_all();
    EXPECT_EQ(fleet.row("a0").state, State::unregistered);
    EXPECT_EQ(fleet.row("a1").state, State::registered);
}

TEST(ShardLock, AConfigurationThatIsAppliedMeanwhileRegistersNobodyUntilItIsUnlocked) {
    LockedFleet fleet;
    fleet.answer_all();
    Config config = with_accounts(5);
    config.accounts.erase(config.accounts.begin());
    config.accounts[0].password = Secret("changed");
    const ConfigChange change = fleet.shard.apply(config, fleet.now);
    EXPECT_EQ(change.added, 2U);
    EXPECT_EQ(change.removed, 1U);
    fleet.pass(1h);
    EXPECT_EQ(fleet.sent_with("180"), 0);
    EXPECT_EQ(fleet.row("a4").reason, "the appliance is locked");
    fleet.shard.apply(with_accounts(5), fleet.now);  // brings back the one that it removed
    fleet.pass(1h);
    EXPECT_EQ(fleet.sent_with("180"), 0);
    fleet.unlock();
    EXPECT_EQ(fleet.sent_with("180"), 5);
}

TEST(ShardLock, WhoIsTakenBackWhileHeUnregistersWaitsToo) {
    LockedFleet fleet;
    Config without = with_accounts(3);
    without.accounts.pop_back();
    fleet.shard.apply(without, fleet.now);
    fleet.shard.apply(with_accounts(3), fleet.now);
    fleet.answer_all();
    fleet.pass(1h);
    EXPECT_EQ(fleet.sent_with("180"), 0);
    EXPECT_EQ(fleet.row("a2").reason, "the appliance is locked");
    fleet.unlock();
    EXPECT_EQ(fleet.sent_with("180"), 3);
}

TEST(ShardLock, OtherServersRegisterNobody) {
    LockedFleet fleet;
    fleet.answer_all();
    fleet.shard.set_targets(ProxySetTargets{0, {second}}, fleet.now);
    fleet.pass(1h);
    EXPECT_EQ(fleet.sender.sent.size(), fleet.before + 3);
    fleet.unlock();
    EXPECT_EQ(fleet.sender.sent.back().flow.remote, second.endpoint);
}

TEST(ShardLock, AnswersOptionsWithServiceUnavailable) {
    LockedFleet fleet;
    EXPECT_EQ(fleet.options(), "SIP/2.0 503 Service Unavailable");
    EXPECT_EQ(fleet.header("Retry-After"), "");
    EXPECT_THAT(fleet.header("Server"), StartsWith("Trunkline/"));
    fleet.unlock();
    EXPECT_EQ(fleet.options(), "SIP/2.0 200 OK");
}

TEST(ShardLock, KeepsAskingItsServersWhetherTheyAreThere) {
    Config config = with_accounts(1);
    config.proxy_sets[0].keep_alive = KeepAlive::using_options;
    LockedFleet fleet(config);
    fleet.answer_all();
    fleet.pass(10min);
    EXPECT_THAT(fleet.sender.sent.back().bytes, StartsWith("OPTIONS "));
    EXPECT_EQ(fleet.sent_with("180"), 0);
}

TEST(ShardLock, UnsubscribesFromTheEventsOfItsRegistrations) {
    Config config = with_accounts(1);
    config.accounts[0].reg_event_package_subscription = true;
    Fleet fleet(config);
    fleet.start();
    fleet.answer_all();
    fleet.answer_all();
    fleet.shard.set_administrative_state(AdministrativeState::locked, fleet.now);
    for (int turn = 0; turn < 4; ++turn) {
        fleet.pass(10ms);
        fleet.answer_all();
    }
    EXPECT_TRUE(fleet.shard.is_quiet());
    const std::size_t sent = fleet.sender.sent.size();
    fleet.pass(2h);
    EXPECT_EQ(fleet.sender.sent.size(), sent);
}

}  // namespace
}  // namespace trunkline::sipstack
