// Which server a registration goes to, and to which it goes on.
#include "sipstack/registration/registration.h"
#include "tests/unit/sipstack/registration/failover_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

using State = RegistrationState;
using Bench = RegistrationBench;

// T134, T42, T43: at once, with a fresh branch and the next CSeq.
TEST(Failover, GoesOnToTheNextServerAfterA503) {
    FailoverBench bench;
    ASSERT_EQ(bench.asked(), first.endpoint);
    bench.answer(503);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), second.endpoint);
    EXPECT_NE(bench.branch_of(0), bench.branch_of(1));
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_EQ(bench.row().answered_by, "192.0.2.2:5060");
}

// T48: a refresh that failed waits, though its servers change meanwhile.
TEST(Failover, LeavesAFailedOneItsRetryTime) {
    FailoverBench bench;
    bench.accept(180);
    bench.pass(90s);
    ASSERT_EQ(bench.sent(), 2U);
    bench.answer(500);
    ASSERT_EQ(bench.row().state, State::failed);
    ASSERT_TRUE(bench.row().registered);
    bench.set_targets({second, third});
    bench.pass(29s);
    EXPECT_EQ(bench.sent(), 2U);
    bench.pass(1s);
    EXPECT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.asked(), second.endpoint);
}

// Another registration's answer may make another server the active one.
TEST(Failover, KeepsAParkedBindingWhereItIs) {
    FailoverBench bench;
    bench.accept(180);
    bench.proxy_sets.did_not_serve(0, first, bench.now);
    bench.proxy_sets.served(0, second);
    bench.pass(10s);
    EXPECT_EQ(bench.sent(), 1U);
}

// T95: a server that was not asked before has refused nothing.
TEST(Failover, AnswersTheChallengeOfTheNextServer) {
    FailoverBench bench;
    bench.challenge("of the first");
    bench.answer(503);
    ASSERT_EQ(bench.asked(), second.endpoint);
    bench.challenge("of the second");
    ASSERT_EQ(bench.sent(), 4U);
    EXPECT_THAT(bench.last(), HasSubstr("nonce=\"of the second\""));
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

// T55
TEST(Failover, TakesA408ForSilence) {
    FailoverBench bench;
    bench.answer(408);
    EXPECT_EQ(bench.asked(), second.endpoint);
}

// T56, T130
TEST(Failover, TakesATransportErrorForA503) {
    Bench bench;
    bench.set_targets({first, second});
    bench.sender.is_broken = true;
    bench.registration.start(bench.now);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_EQ(bench.row().attempts, 2U);
    EXPECT_THAT(bench.row().reason, HasSubstr("cannot send to 192.0.2.2:5060"));
}

TEST(Failover, GivesUpWhenAllHaveFailedAndWaitsOnce) {
    FailoverBench bench;
    for (int server = 0; server < 3; ++server) {
        bench.answer(503);
    }
    EXPECT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_EQ(bench.row().consecutive_failures, 1U);
    bench.pass(30s);
    EXPECT_EQ(bench.sent(), 4U);
}

// T42: not before Retry-After has passed, as long as there is another.
TEST(Failover, LeavesABusyServerAloneForTheTimeItAsks) {
    FailoverBench bench;
    bench.answer(503, "Retry-After: 600\r\n");
    bench.accept(180);
    EXPECT_EQ(bench.asked(), second.endpoint);
    bench.pass(90s);
    bench.answer(503);
    EXPECT_EQ(bench.asked(), third.endpoint);
    bench.accept(180);
}

/// Another account of the set, with no connection to the first but the servers.
struct OtherAccount {
    explicit OtherAccount(Bench& bench)
        : registration(registrants(with_another(bench.config)).at(1), bench.registration_context) {}
    static Config with_another(Config config) {
        config.accounts.push_back(config.accounts[0]);
        config.accounts[1].name = "other";
        config.accounts[1].contact_user = "200";
        return config;
    }
    Registration registration;
};

// T42: to whomever that server said so, and though there is no other.
TEST(Failover, LeavesABusyServerAloneThatAnotherAccountWasSentAwayBy) {
    Bench bench;
    bench.start();
    bench.answer(503, "Retry-After: 600\r\n");
    OtherAccount other(bench);
    other.registration.start(bench.now);
    EXPECT_EQ(other.registration.state(), State::resolving);
    EXPECT_THAT(other.registration.status(bench.now).reason,
                HasSubstr("no server of registrar.example takes requests for 600 s"));
    bench.pass(599s);
    EXPECT_EQ(bench.sent(), 1U);
    // Not together, as all were told the same.
    bench.pass(61s);
    EXPECT_EQ(bench.row().attempts, 2U);
    EXPECT_EQ(other.registration.status(bench.now).attempts, 1U);
}

// T42
TEST(Failover, LeavesABusyServerAloneForWhichItWaitsInLine) {
    FailoverBench bench;
    bench.pacer.set_limits({1, 0});
    OtherAccount other(bench);
    other.registration.start(bench.now);
    ASSERT_EQ(bench.sent(), 1U);
    ASSERT_EQ(other.registration.state(), State::waiting);
    bench.answer(503, "Retry-After: 600\r\n");
    bench.pass(3s);
    EXPECT_EQ(bench.row().attempts, 2U);
    EXPECT_EQ(other.registration.status(bench.now).attempts, 1U);
    for (std::size_t at = 1; at < bench.sent(); ++at) {
        EXPECT_EQ(bench.sender.sent[at].flow.remote, second.endpoint);
    }
}

// T42: neither stickiness nor a search begins with it, nor does a redirection lead there.
TEST(Failover, LeavesABusyServerAloneWhateverLeadsThere) {
    for (const auto mode :
         {RegistrarSearchMode::current_working_server, RegistrarSearchMode::according_to_ims}) {
        Config config = Bench::default_config();
        config.accounts[0].registrar_stickiness = RegistrarStickiness::enable;
        config.accounts[0].registrar_search_mode = mode;
        FailoverBench bench(config);
        bench.accept(180);
        bench.proxy_sets.set_aside(0, first, bench.now + 600s);
        bench.pass(90s);
        EXPECT_EQ(bench.asked(), second.endpoint);
        bench.answer(302, "Contact: <sip:192.0.2.1>, <sip:192.0.2.3>\r\n");
        EXPECT_EQ(bench.asked(), third.endpoint);
    }
}

TEST(Failover, WithoutRetryAfterPutsAServerAsideForFakeRetryAfter) {
    Config config = Bench::default_config();
    config.timers.fake_retry_after = 600s;
    FailoverBench bench(config);
    bench.answer(503);
    ASSERT_EQ(bench.asked(), second.endpoint);
    const auto servers = bench.proxy_sets.state(0).servers();
    ASSERT_TRUE(servers[0].aside_until);
    EXPECT_EQ(*servers[0].aside_until, bench.now + 600s);
}

TEST(Failover, HotSwapLeavesASilentServerAfterItsTransmissions) {
    Config config = config_with([](ProxySet& set) { set.hot_swap = true; });
    config.proxy_and_registration.hot_swap_rtx = 3;
    FailoverBench bench(config);
    // Sent at 0, 0.5 and 1.5 s; the third waits 2 s.
    bench.pass(3499ms);
    EXPECT_EQ(bench.sent(), 3U);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 4U);
    EXPECT_EQ(bench.asked(), second.endpoint);
    EXPECT_THAT(bench.log_text.str(), HasSubstr("goes on to 192.0.2.2:5060"));
    // The last server gets the whole time.
    bench.pass(3500ms);
    EXPECT_EQ(bench.asked(), third.endpoint);
    bench.pass(31s);
    EXPECT_EQ(bench.row().state, State::registering);
}

// The registrar address has no proxy set: the first one stands for its hot swap.
TEST(Failover, HotSwapOfTheFirstSetIsThatOfTheRegistrarAddress) {
    for (const KeepAlive keep_alive : {KeepAlive::disable, KeepAlive::using_options}) {
        Config config = config_with([&](ProxySet& set) {
            set.hot_swap = true;
            set.keep_alive = keep_alive;
        });
        config.accounts.clear();
        config.proxy_and_registration.hot_swap_rtx = 2;
        config.proxy_and_registration.enable_registration = true;
        config.proxy_and_registration.gateway_registration_name = "gw";
        config.proxy_and_registration.registrar = {"registrar.example", {}, Transport::udp};
        FailoverBench bench(config);
        ASSERT_EQ(bench.registration.registrant().proxy_set_index, std::nullopt);
        bench.pass(1500ms);
        EXPECT_EQ(bench.asked(),
                  keep_alive == KeepAlive::disable ? second.endpoint : first.endpoint)
            << "with keep-alive it is not swapped";
    }
}

TEST(Failover, WithoutAnyProxySetThePageHasTheHotSwapOfTheRegistrarAddress) {
    for (const bool is_on : {false, true}) {
        Config config = RegistrationBench::default_config();
        config.accounts.clear();
        config.ip_groups.clear();
        config.proxy_sets.clear();
        auto& page = config.proxy_and_registration;
        page.hot_swap_rtx = 2;
        page.registrar_hot_swap = is_on;
        page.enable_registration = true;
        page.gateway_registration_name = "gw";
        page.registrar = {"registrar.example", {}, Transport::udp};
        FailoverBench bench(config);
        bench.pass(1500ms);
        EXPECT_EQ(bench.asked(), is_on ? second.endpoint : first.endpoint);
    }
}

TEST(Failover, WithoutHotSwapASilentServerHasTheWholeTime) {
    FailoverBench bench;
    bench.pass(31'999ms);
    EXPECT_EQ(bench.asked(), first.endpoint);
    bench.pass(1ms);
    EXPECT_EQ(bench.asked(), second.endpoint);
}

TEST(Failover, ParkingStaysWithTheServerThatServes) {
    FailoverBench bench;
    bench.answer(503);
    bench.accept(180);
    bench.pass(90s);
    EXPECT_EQ(bench.asked(), second.endpoint);
    bench.accept(180);
    bench.pass(90s);
    EXPECT_EQ(bench.asked(), second.endpoint);
}

TEST(Failover, HomingRegistersAtTheFirstServerWhenItIsBack) {
    FailoverBench bench(config_with([](ProxySet& set) {
        set.redundancy_mode = RedundancyMode::homing;
        set.keep_alive = KeepAlive::using_options;
    }));
    bench.answer(503);
    bench.accept(3600);
    ASSERT_EQ(bench.asked(), second.endpoint);
    const std::size_t before = bench.sent();
    bench.proxy_sets.set_online(0, first, true);
    bench.pass(10ms);
    ASSERT_EQ(bench.sent(), before + 1);
    EXPECT_EQ(bench.asked(), first.endpoint);
}

TEST(Failover, MovesWhenKeepAliveFindsItsServerOffline) {
    FailoverBench bench(
        config_with([](ProxySet& set) { set.keep_alive = KeepAlive::using_options; }));
    bench.accept(3600);
    bench.proxy_sets.set_online(0, first, false);
    bench.pass(10ms);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), second.endpoint);
}

TEST(Failover, WaitsWhileNoServerIsOnlineAndSaysSo) {
    FailoverBench bench(
        config_with([](ProxySet& set) { set.keep_alive = KeepAlive::using_options; }));
    bench.accept(60);
    for (const Target& server : {first, second, third}) {
        bench.proxy_sets.set_online(0, server, false);
    }
    bench.pass(70s);
    EXPECT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.row().state, State::resolving);
    EXPECT_THAT(bench.row().reason, HasSubstr("no server of registrar.example is online"));
    bench.proxy_sets.set_online(0, third, true);
    bench.pass(10ms);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), third.endpoint);
}

// T42: what keep-alive finds online does not serve before the time that its 503 asked for is over,
// and nobody else tells when that is.
TEST(Failover, GoesToABusyServerAtTheEndOfItsTimeWhenNoOtherIsOnline) {
    FailoverBench bench(
        config_with([](ProxySet& set) { set.keep_alive = KeepAlive::using_options; }));
    bench.answer(503, "Retry-After: 600\r\n");
    bench.accept(3600);
    ASSERT_EQ(bench.asked(), second.endpoint);
    const std::size_t before = bench.sent();
    bench.proxy_sets.set_online(0, first, true);
    bench.proxy_sets.set_online(0, third, false);
    bench.proxy_sets.set_online(0, second, false);
    bench.pass(590s);
    EXPECT_EQ(bench.sent(), before);
    EXPECT_THAT(bench.row().reason, HasSubstr("no server of registrar.example takes requests for"));
    bench.pass(70s);
    EXPECT_EQ(bench.row().attempts, 3U);
    EXPECT_EQ(bench.asked(), first.endpoint);
}

TEST(Stickiness, KeepsTheServerThatGrantedThoughAnotherIsActive) {
    Config config = account_with(
        [](Account& account) { account.registrar_stickiness = RegistrarStickiness::enable; });
    config.proxy_sets[0].keep_alive = KeepAlive::using_options;
    config.proxy_sets[0].redundancy_mode = RedundancyMode::homing;
    FailoverBench bench(config);
    bench.answer(503);
    bench.accept(180);
    bench.proxy_sets.set_online(0, first, true);
    bench.pass(90s);
    EXPECT_EQ(bench.asked(), second.endpoint);
    bench.accept(180);
    // Until it fails.
    bench.proxy_sets.set_online(0, second, false);
    bench.pass(10ms);
    EXPECT_EQ(bench.asked(), first.endpoint);
}

// What a restart restores before the names of the set are answered.
TEST(Stickiness, KeepsTheServerThatGrantedBeforeARestart) {
    const Config config = account_with(
        [](Account& account) { account.registrar_stickiness = RegistrarStickiness::enable; });
    FailoverBench before(config);
    before.answer(503);
    before.accept(180);
    Bench after(config);
    after.registration.restore(before.journal.records.back(), after.now);
    after.set_targets({first, second, third});
    after.registration.start(after.now);
    after.pass(90s);
    ASSERT_EQ(after.sent(), 1U);
    EXPECT_EQ(after.sender.sent.back().flow.remote, second.endpoint);
}

TEST(Stickiness, ForOtherRequestsAloneLeavesRegisterToTheProxySet) {
    Config config = account_with([](Account& account) {
        account.registrar_stickiness = RegistrarStickiness::enable_for_non_register;
    });
    config.proxy_sets[0].keep_alive = KeepAlive::using_options;
    config.proxy_sets[0].redundancy_mode = RedundancyMode::homing;
    FailoverBench bench(config);
    bench.answer(503);
    bench.accept(180);
    bench.proxy_sets.set_online(0, first, true);
    bench.pass(10ms);
    EXPECT_EQ(bench.asked(), first.endpoint);
}

TEST(ImsSearch, AsksAllAddressesInOrderWithoutDelayAndThenWaits) {
    FailoverBench bench(account_with([](Account& account) {
        account.registrar_search_mode = RegistrarSearchMode::according_to_ims;
    }));
    bench.answer(500);
    EXPECT_EQ(bench.asked(), second.endpoint);
    bench.answer(480);
    EXPECT_EQ(bench.asked(), third.endpoint);
    bench.answer(500);
    EXPECT_EQ(bench.row().state, State::failed);
    bench.pass(30s);
    EXPECT_EQ(bench.asked(), first.endpoint);
}

TEST(ImsSearch, RefreshesAtItsServerAndBeginsAnewWhenThatFails) {
    FailoverBench bench(account_with([](Account& account) {
        account.registrar_search_mode = RegistrarSearchMode::according_to_ims;
    }));
    bench.answer(500);
    bench.accept(180);
    bench.pass(90s);
    ASSERT_EQ(bench.asked(), second.endpoint);
    bench.answer(500);
    EXPECT_EQ(bench.asked(), first.endpoint);
}

// Mediant 2.8: what failed is not where the next search begins, nor is what expired.
TEST(ImsSearch, BeginsAtTheFirstAddressAgainAfterItsServerFailed) {
    FailoverBench bench(account_with([](Account& account) {
        account.registrar_search_mode = RegistrarSearchMode::according_to_ims;
    }));
    bench.answer(500);
    bench.accept(180);
    bench.pass(90s);
    ASSERT_EQ(bench.asked(), second.endpoint);
    for (const Target& server : {second, first, third}) {
        EXPECT_EQ(bench.asked(), server.endpoint);
        bench.answer(500);
    }
    ASSERT_EQ(bench.row().state, State::failed);
    for (int search = 0; search < 3; ++search) {
        bench.pass(30s);
        for (const Target& server : {first, second, third}) {
            EXPECT_EQ(bench.asked(), server.endpoint);
            bench.answer(500);
        }
    }
}

TEST(ImsSearch, BeginsAtTheFirstAddressAgainAfterARefusalAndAfterAnUnregister) {
    FailoverBench bench(account_with([](Account& account) {
        account.registrar_search_mode = RegistrarSearchMode::according_to_ims;
    }));
    bench.answer(500);
    bench.accept(180);
    bench.pass(90s);
    bench.answer(403);
    bench.pass(30s);
    EXPECT_EQ(bench.asked(), first.endpoint);
    bench.answer(500);
    bench.accept(180);
    bench.registration.unregister(bench.now);
    ASSERT_EQ(bench.asked(), second.endpoint);
    bench.answer(200);
    bench.registration.register_now(bench.now);
    EXPECT_EQ(bench.asked(), first.endpoint);
}

TEST(SyncImsAccounts, BeginTheirSearchAtTheServerThatServesAll) {
    Config config = account_with([](Account& account) {
        account.registrar_stickiness = RegistrarStickiness::enable;
        account.registrar_search_mode = RegistrarSearchMode::according_to_ims;
    });
    config.proxy_and_registration.sync_ims_accounts = true;
    FailoverBench bench(config);
    bench.answer(500);
    bench.accept(180);
    ASSERT_EQ(bench.asked(), second.endpoint);
    bench.pass(90s);
    EXPECT_EQ(bench.asked(), second.endpoint);
    bench.accept(180);
    // Another account found that one silent.
    bench.proxy_sets.did_not_serve(0, second, bench.now);
    bench.pass(10ms);
    EXPECT_EQ(bench.asked(), third.endpoint);
    bench.answer(500);
    EXPECT_EQ(bench.asked(), first.endpoint) << "then on in their order";
}

TEST(SyncImsAccounts, FollowTheActiveServerTogether) {
    Config config = account_with(
        [](Account& account) { account.registrar_stickiness = RegistrarStickiness::enable; });
    config.proxy_and_registration.sync_ims_accounts = true;
    FailoverBench bench(config);
    bench.accept(3600);
    // Another account of the set found the first one silent.
    bench.proxy_sets.did_not_serve(0, first, bench.now);
    bench.pass(10ms);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), second.endpoint);
}

TEST(RoundRobin, SpreadsRefreshesOverTheServers) {
    FailoverBench bench(
        config_with([](ProxySet& set) { set.load_balancing = LoadBalancing::round_robin; }));
    std::set<std::string> asked;
    for (int refresh = 0; refresh < 3; ++refresh) {
        asked.insert(bench.asked().to_string());
        bench.accept(180);
        bench.pass(90s);
    }
    EXPECT_EQ(asked.size(), 3U);
}

}  // namespace
}  // namespace trunkline::sipstack
