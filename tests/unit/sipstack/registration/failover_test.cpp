// Which server a registration goes to, and to which it goes on.
#include "sipstack/registration/registration.h"
#include "tests/unit/sipstack/registration/registration_bench.h"

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

const Target first{bench_registrar, Transport::udp};
const Target second{bench_second_registrar, Transport::udp};
const dataplane::Endpoint third_endpoint{dataplane::IpAddress::v4(0xc0000203), 5060};
const Target third{third_endpoint, Transport::udp};

struct FailoverBench : Bench {
    explicit FailoverBench(Config bench_config = default_config())
        : Bench(std::move(bench_config)) {
        set_targets({first, second, third});
        registration.start(now);
    }
    const dataplane::Endpoint& asked() const { return sender.sent.back().flow.remote; }
    std::string branch_of(std::size_t at) const {
        const auto message = Message::parse(sender.sent.at(at).bytes);
        return std::string(message->vias().front().branch);
    }
};

Config config_with(const std::function<void(ProxySet&)>& change) {
    Config config = Bench::default_config();
    change(config.proxy_sets[0]);
    return config;
}

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
    bench.pass(10s);
    ASSERT_EQ(bench.sent(), before + 1);
    EXPECT_EQ(bench.asked(), first.endpoint);
}

Config account_with(const std::function<void(Account&)>& change) {
    Config config = Bench::default_config();
    change(config.accounts[0]);
    return config;
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

// T49
TEST(Redirection, IsFollowedToTheContactWithItAsRequestUri) {
    FailoverBench bench;
    bench.answer(302, "Contact: <sip:192.0.2.2>\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), second.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:192.0.2.2 SIP/2.0\r\n"));
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
    bench.challenge("n");
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("uri=\"sip:192.0.2.2\""));  // T86
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

// T49
TEST(Redirection, GivesNoCredentialsToAServerThatIsNotConfigured) {
    FailoverBench bench;
    bench.challenge("n");
    bench.answer(301, "Contact: <sip:198.51.100.7:5080>\r\n");
    EXPECT_EQ(bench.asked(), (dataplane::Endpoint{dataplane::IpAddress::v4(0xc6336407), 5080}));
    EXPECT_EQ(bench.header("Authorization"), "");
    bench.challenge("m");
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_THAT(bench.row().reason, HasSubstr("198.51.100.7:5080"));
    EXPECT_THAT(bench.row().reason, HasSubstr("not configured"));
}

TEST(Redirection, IsFollowedWithoutCredentialsWhereNoneAreAsked) {
    FailoverBench bench;
    bench.answer(302, "Contact: <sip:198.51.100.7>\r\n");
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_EQ(bench.row().answered_by, "198.51.100.7:5060");
    bench.pass(90s);
    EXPECT_EQ(bench.asked(), first.endpoint) << "a refresh begins where the configuration says";
}

// T49
TEST(Redirection, InACircleEnds) {
    FailoverBench bench;
    bench.answer(302, "Contact: <sip:192.0.2.2>\r\n");
    bench.answer(302, "Contact: <sip:192.0.2.1>, <sip:192.0.2.2>\r\n");
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_THAT(bench.row().reason, HasSubstr("302"));
}

/// With a second between two REGISTERs.
struct SlowBench : FailoverBench {
    SlowBench() { pacer.set_limits({1, 0}); }
};

TEST(Redirection, WaitsForItsTurnWhateverBecomesOfTheSetMeanwhile) {
    SlowBench bench;
    bench.answer(302, "Contact: <sip:198.51.100.7>\r\n");
    ASSERT_EQ(bench.sent(), 1U);
    bench.set_targets({second, third});
    bench.pass(1s);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), (dataplane::Endpoint{dataplane::IpAddress::v4(0xc6336407), 5060}));
}

TEST(Redirection, HasALimit) {
    FailoverBench bench;
    for (unsigned hop = 0; hop < Registration::max_redirections; ++hop) {
        bench.answer(302, fmt::format("Contact: <sip:198.51.100.{}>\r\n", hop + 1));
    }
    EXPECT_EQ(bench.sent(), 1 + Registration::max_redirections);
    bench.answer(302, "Contact: <sip:198.51.100.99>\r\n");
    EXPECT_EQ(bench.row().state, State::failed);
}

struct NameBench : FailoverBench {
    /// Redirected to a name that is being looked up.
    NameBench() { answer(302, "Contact: <sip:Elsewhere.example>\r\n"); }
    void look_up(const std::vector<Target>& targets, Milliseconds time_to_live = 60s) {
        names.answered({asked_names.back(), targets, time_to_live}, now);
    }
    const Target elsewhere{
        {dataplane::IpAddress::v4(0xc6336407), 5060}, Transport::udp, 0, 0, "elsewhere.example"};
    const Target beyond{
        {dataplane::IpAddress::v4(0xc6336408), 5060}, Transport::udp, 0, 0, "elsewhere.example"};
};

// T49
TEST(RedirectionToAName, WaitsForItsAddressAndFollows) {
    NameBench bench;
    ASSERT_EQ(bench.asked_names.size(), 1U);
    EXPECT_EQ(bench.asked_names[0],
              (RedirectionName{"elsewhere.example", std::nullopt, std::nullopt, 0}));
    EXPECT_EQ(bench.row().state, State::resolving);
    EXPECT_THAT(bench.row().reason, HasSubstr("waits for the address of Elsewhere.example"));
    EXPECT_EQ(bench.pacer.held(), 0U) << "others have their turn";
    bench.look_up({bench.elsewhere});
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), bench.elsewhere.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:Elsewhere.example SIP/2.0\r\n"));
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

// T49
TEST(RedirectionToAName, GivesNoCredentialsThere) {
    NameBench bench;
    bench.look_up({bench.elsewhere});
    bench.challenge("n");
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_THAT(bench.row().reason, HasSubstr("not configured"));
}

TEST(RedirectionToAName, AsksOnceWhileTheAnswerLives) {
    NameBench bench;
    bench.look_up({bench.elsewhere});
    bench.accept(40);
    bench.pass(20s);
    bench.answer(302, "Contact: <sip:elsewhere.example>\r\n");
    EXPECT_EQ(bench.asked(), bench.elsewhere.endpoint);
    EXPECT_EQ(bench.asked_names.size(), 1U);
    bench.accept(120);
    bench.pass(60s);
    bench.answer(302, "Contact: <sip:elsewhere.example>\r\n");
    EXPECT_EQ(bench.asked_names.size(), 2U);
    EXPECT_TRUE(bench.row().registered);
}

// T134
TEST(RedirectionToAName, GoesOnToItsNextAddressThenToTheConfiguredServers) {
    NameBench bench;
    bench.look_up({bench.elsewhere, bench.beyond});
    bench.answer(503);
    EXPECT_EQ(bench.asked(), bench.beyond.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:Elsewhere.example SIP/2.0\r\n"));
    bench.answer(503);
    EXPECT_EQ(bench.asked(), second.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:lab.example SIP/2.0\r\n"));
}

TEST(RedirectionToAName, ThatLeadsNowhereTakesTheNextContactOrFails) {
    for (const std::string next : {"", ", <sip:192.0.2.2>"}) {
        FailoverBench bench;
        bench.answer(302, "Contact: <sip:elsewhere.example:5070;transport=tcp>" + next + "\r\n");
        EXPECT_EQ(bench.asked_names.at(0),
                  (RedirectionName{"elsewhere.example", 5070, Transport::tcp, 0}));
        bench.names.answered({bench.asked_names[0], {}, 0s}, bench.now);
        if (next.empty()) {
            EXPECT_EQ(bench.row().state, State::failed);
            EXPECT_THAT(bench.row().reason, HasSubstr("302 Moved Temporarily to nowhere"));
            EXPECT_EQ(bench.row().next_attempt_in, 30s);
        } else {
            EXPECT_EQ(bench.asked(), second.endpoint);
        }
    }
}

TEST(RedirectionToAName, FailsWhenNobodyAnswersTheLookUp) {
    NameBench bench;
    bench.pass(RedirectionNames::longest_look_up);
    EXPECT_EQ(bench.row().state, State::failed);
}

TEST(RedirectionToAName, IsForgottenByWhoIsUnregisteredOrBeginsAnew) {
    NameBench ending;
    ending.registration.unregister(ending.now);
    EXPECT_EQ(ending.row().state, State::unregistered);
    ending.look_up({ending.elsewhere});
    EXPECT_EQ(ending.sent(), 1U);
    NameBench anew;
    anew.registration.register_now(anew.now);
    ASSERT_EQ(anew.sent(), 2U);
    anew.look_up({anew.elsewhere});
    EXPECT_EQ(anew.sent(), 2U);
}

TEST(RedirectionToAName, IsAwaitedAlsoWhenTheServerOfTheBindingIsLost) {
    FailoverBench bench;
    bench.accept(180);
    bench.pass(90s);
    bench.answer(302, "Contact: <sip:other.example>\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    bench.set_targets({second, third});
    bench.pass(1s);
    EXPECT_EQ(bench.sent(), 2U);
}

TEST(RedirectionToAName, IsNotLookedUpBeyondTheLimitOfRedirections) {
    FailoverBench bench;
    for (unsigned hop = 0; hop < Registration::max_redirections; ++hop) {
        bench.answer(302, fmt::format("Contact: <sip:198.51.100.{}>\r\n", hop + 1));
    }
    bench.answer(302, "Contact: <sip:elsewhere.example>\r\n");
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_TRUE(bench.asked_names.empty());
}

// T50
TEST(Redirection, UseProxyKeepsTheRequestUri) {
    FailoverBench bench;
    bench.answer(305, "Contact: <sip:192.0.2.3>\r\n");
    EXPECT_EQ(bench.asked(), third.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:lab.example SIP/2.0\r\n"));
}

// T51
TEST(Redirection, AlternativeServiceIsAFailure) {
    FailoverBench bench;
    bench.answer(380, "Contact: <sip:192.0.2.3>\r\n");
    EXPECT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.row().state, State::failed);
}

}  // namespace
}  // namespace trunkline::sipstack
