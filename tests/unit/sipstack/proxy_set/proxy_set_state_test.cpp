#include "sipstack/proxy_set/proxy_set_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr Instant now{Milliseconds{1'000'000}};

Target target(const std::string& host, uint16_t priority = 0, uint16_t weight = 0) {
    Target result;
    result.endpoint = {dataplane::IpAddress::v4(0xc0000200 + static_cast<uint8_t>(host.at(0))),
                       5060};
    result.host = host;
    result.priority = priority;
    result.weight = weight;
    return result;
}

const Target a = target("a"), b = target("b"), c = target("c");

class ProxySetStateTest : public ::testing::Test {
protected:
    explicit ProxySetStateTest(KeepAlive keep_alive = KeepAlive::using_options) {
        set.name = "ITSP";
        set.keep_alive = keep_alive;
        list({a, b, c});
    }
    void list(std::vector<Target> targets) { state.set_targets(targets); }

    std::string choose(std::vector<Target> tried = {}, Instant at = now) {
        const auto chosen = state.choose(tried, at);
        return chosen ? chosen->host : "none";
    }
    std::vector<std::string> choose_times(int count) {
        std::vector<std::string> hosts;
        for (int i = 0; i < count; ++i) {
            hosts.push_back(choose());
        }
        return hosts;
    }
    std::map<std::string, int> choose_often(int count) {
        std::map<std::string, int> hosts;
        for (int i = 0; i < count; ++i) {
            ++hosts[choose()];
        }
        return hosts;
    }
    std::string active() const { return state.active() ? state.active()->target.host : "none"; }
    std::vector<uint64_t> requests() const {
        std::vector<uint64_t> counts;
        for (const ProxyServer& server : state.servers()) {
            counts.push_back(server.requests);
        }
        return counts;
    }

    ProxySet set;
    ProxyAndRegistration page;
    Random random{Random::seed_from(3)};
    ProxySetState state{set, page, random};
};

class WithoutKeepAlive : public ProxySetStateTest {
protected:
    WithoutKeepAlive() : ProxySetStateTest(KeepAlive::disable) {}
};

class ByRegister : public ProxySetStateTest {
protected:
    ByRegister() : ProxySetStateTest(KeepAlive::using_register) {}
};

TEST_F(ProxySetStateTest, KnowsNothingBeforeItsNamesAreResolved) {
    list({});
    EXPECT_EQ(state.active(), nullptr);
    EXPECT_FALSE(state.is_online());
    EXPECT_EQ(choose(), "none");
    state.served(a);
    state.did_not_serve(a, now);
    state.set_aside(a, now);
    EXPECT_FALSE(state.set_online(a, false));
    set.load_balancing = LoadBalancing::round_robin;
    EXPECT_EQ(choose(), "none");
    EXPECT_EQ(state.active(), nullptr);
}

TEST_F(ProxySetStateTest, GoesToTheFirstAndFromThereOnInOrder) {
    EXPECT_EQ(active(), "a");
    EXPECT_EQ(choose(), "a");
    EXPECT_EQ(choose({a}), "b");
    EXPECT_EQ(choose({a, b}), "c");
    EXPECT_EQ(choose({a, b, c}), "none");
    EXPECT_THAT(requests(), ElementsAre(1, 1, 1));
}

TEST_F(ProxySetStateTest, ParkingStaysWhereItWorkedEvenWhenTheFirstReturns) {
    EXPECT_TRUE(state.set_online(a, false));
    EXPECT_FALSE(state.set_online(a, false));
    EXPECT_EQ(active(), "b");
    EXPECT_EQ(choose(), "b");
    EXPECT_TRUE(state.set_online(a, true));
    EXPECT_EQ(active(), "b");
    EXPECT_EQ(choose(), "b");
    EXPECT_EQ(choose({b}), "c");
    EXPECT_EQ(choose({b, c}), "a");
    state.served(c);
    EXPECT_EQ(active(), "c");
    EXPECT_EQ(choose(), "c");
}

TEST_F(ProxySetStateTest, ParkingMovesToTheOneThatReturnsFirstWhenAllWereOffline) {
    for (const Target& server : {a, b, c}) {
        state.set_online(server, false);
    }
    EXPECT_FALSE(state.is_online());
    EXPECT_NE(state.active(), nullptr);
    EXPECT_TRUE(state.set_online(b, true));
    EXPECT_EQ(active(), "b");
    EXPECT_TRUE(state.is_online());
}

TEST_F(ProxySetStateTest, HomingReturnsAsSoonAsAPreferredOneIsOnline) {
    page.redundancy_mode = RedundancyMode::homing;
    state.set_online(a, false);
    state.set_online(b, false);
    EXPECT_EQ(choose(), "c");
    state.set_online(b, true);
    EXPECT_EQ(choose(), "b");
    state.served(c);
    EXPECT_EQ(active(), "b");
    state.set_online(a, true);
    EXPECT_EQ(active(), "a");
    EXPECT_EQ(choose(), "a");
    EXPECT_EQ(choose({a}), "b");
}

TEST_F(ProxySetStateTest, ModeOfTheSetOverridesThatOfThePage) {
    page.redundancy_mode = RedundancyMode::homing;
    set.redundancy_mode = RedundancyMode::parking;
    state.set_online(a, false);
    state.set_online(a, true);
    EXPECT_EQ(active(), "b");
    page.redundancy_mode = RedundancyMode::parking;
    set.redundancy_mode = RedundancyMode::homing;
    EXPECT_EQ(active(), "a");
}

TEST_F(ProxySetStateTest, HomingWithoutOptionsToAllServersIsParking) {
    set.redundancy_mode = RedundancyMode::homing;
    for (const KeepAlive keep_alive : {KeepAlive::disable, KeepAlive::using_register,
                                       KeepAlive::using_options_on_active_server}) {
        set.keep_alive = keep_alive;
        state.served(b);
        EXPECT_EQ(active(), "b");
    }
}

TEST_F(ProxySetStateTest, AFailedRequestTakesAServerOfflineUntilKeepAliveFindsIt) {
    state.did_not_serve(a, now);
    EXPECT_FALSE(state.servers()[0].online);
    EXPECT_EQ(active(), "b");
    state.served(a);  // an answer that was on its way
    EXPECT_FALSE(state.servers()[0].online);
    EXPECT_EQ(active(), "b");
    EXPECT_EQ(choose({b, c}), "none");
    EXPECT_TRUE(state.set_online(a, true));
    EXPECT_EQ(choose({b, c}), "a");
}

TEST_F(ProxySetStateTest, AFailureElsewhereLeavesTheActiveOneAlone) {
    state.did_not_serve(b, now);
    EXPECT_EQ(active(), "a");
    EXPECT_EQ(choose({a}), "c");
}

TEST_F(ProxySetStateTest, OptionsKeepAliveSendsNothingToOfflineServers) {
    for (const Target& server : {a, b, c}) {
        state.set_online(server, false);
    }
    EXPECT_EQ(choose(), "none");
    EXPECT_THAT(requests(), Each(0));
}

TEST_F(WithoutKeepAlive, AFailureMovesOnAndTheFirstIsTriedAgainAfterAllHaveFailed) {
    state.did_not_serve(a, now);
    EXPECT_EQ(active(), "b");
    EXPECT_EQ(choose(), "b");
    EXPECT_EQ(choose({b, c}), "a");
    state.did_not_serve(a, now);  // another registration found the same
    EXPECT_EQ(active(), "b");
    state.did_not_serve(b, now);
    EXPECT_EQ(choose(), "c");
    state.did_not_serve(c, now);
    EXPECT_EQ(choose(), "a");
    EXPECT_TRUE(state.is_online());
    EXPECT_FALSE(state.set_online(a, false));
    EXPECT_TRUE(state.servers()[0].online);
}

TEST_F(WithoutKeepAlive, WhatKeepAliveFoundBeforeItWasTurnedOffDoesNotMatter) {
    set.keep_alive = KeepAlive::using_options;
    for (const Target& server : {a, b, c}) {
        state.set_online(server, false);
    }
    set.keep_alive = KeepAlive::disable;
    EXPECT_TRUE(state.is_online());
    EXPECT_NE(choose(), "none");
    EXPECT_TRUE(state.status(now).servers[0].online);
}

TEST_F(ByRegister, OfflineServersAreTriedWhenThereIsNoOtherAndAnAnswerBringsThemBack) {
    state.did_not_serve(a, now);
    EXPECT_EQ(choose({b, c}), "a");
    EXPECT_EQ(choose(), "b");
    state.did_not_serve(b, now);
    state.did_not_serve(c, now);
    EXPECT_FALSE(state.is_online());
    EXPECT_EQ(active(), "a");
    EXPECT_EQ(choose(), "a");
    EXPECT_EQ(choose({a}), "b");
    state.served(b);
    EXPECT_TRUE(state.is_online());
    EXPECT_EQ(active(), "b");
    EXPECT_EQ(choose(), "b");
    EXPECT_EQ(choose({b}), "c");
}

// T42
TEST_F(ProxySetStateTest, NoRequestGoesToAServerThatA503SetAside) {
    state.set_aside(a, now + Milliseconds{5000});
    EXPECT_EQ(active(), "a");
    EXPECT_EQ(choose(), "b");
    EXPECT_EQ(choose({b, c}), "none");
    EXPECT_EQ(choose({}, now + Milliseconds{4999}), "b");
    EXPECT_EQ(choose({}, now + Milliseconds{5000}), "a");
    state.set_aside(b, now);
    EXPECT_EQ(choose({a}, now), "b");
    state.set_aside(c, now + Milliseconds{9000});
    state.set_aside(c, now + Milliseconds{10});
    EXPECT_EQ(choose({a, b}, now + Milliseconds{8999}), "none");
}

TEST_F(ProxySetStateTest, TellsWhenTheFirstServerIsAsideNoMore) {
    EXPECT_EQ(state.aside_ends(now), std::nullopt);
    state.set_aside(a, now + Milliseconds{5000});
    state.set_aside(b, now + Milliseconds{3000});
    state.set_aside(c, now + Milliseconds{1000});
    state.set_online(c, false);
    EXPECT_EQ(state.aside_ends(now), now + Milliseconds{3000});
    EXPECT_EQ(state.aside_ends(now + Milliseconds{3000}), now + Milliseconds{5000});
    EXPECT_EQ(state.aside_ends(now + Milliseconds{5000}), std::nullopt);
}

// T42: whatever keep-alive there is, also where there is no other server.
TEST_F(ByRegister, ServersSetAsideAreNotEvenTheLastResort) {
    for (const KeepAlive method : {KeepAlive::using_register, KeepAlive::disable}) {
        set.keep_alive = method;
        state.set_aside(a, now + Milliseconds{5000});
        state.did_not_serve(b, now);
        state.did_not_serve(c, now);
        EXPECT_EQ(choose({b}), "c");
        EXPECT_EQ(choose({b, c}), "none");
        EXPECT_EQ(choose({b, c}, now + Milliseconds{4999}), "none");
        EXPECT_EQ(choose({b, c}, now + Milliseconds{5000}), "a");
    }
}

TEST_F(ByRegister, TellsWhenAServerBelievedOfflineIsAsideNoMore) {
    list({a});
    state.set_aside(a, now + Milliseconds{5000});
    state.did_not_serve(a, now);
    ASSERT_EQ(choose(), "none");
    EXPECT_EQ(state.aside_ends(now), now + Milliseconds{5000});
}

TEST_F(ProxySetStateTest, KnowsWhoIsAsideAndWhetherThatIsNewToOthers) {
    EXPECT_FALSE(state.is_aside(a, now));
    EXPECT_TRUE(state.set_aside(a, now + Milliseconds{5000}));
    EXPECT_TRUE(state.is_aside(a, now + Milliseconds{4999}));
    EXPECT_FALSE(state.is_aside(a, now + Milliseconds{5000}));
    EXPECT_FALSE(state.is_aside(b, now));
    EXPECT_FALSE(state.set_aside(a, now + Milliseconds{5999})) << "many are told nearly the same";
    EXPECT_TRUE(state.is_aside(a, now + Milliseconds{5998}));
    EXPECT_TRUE(state.set_aside(a, now + Milliseconds{6999}));
    EXPECT_FALSE(state.set_aside(target("stranger"), now + Milliseconds{5000}));
}

TEST_F(ProxySetStateTest, ANewListKeepsWhatIsKnownOfServersThatStay) {
    state.set_online(a, false);
    state.set_aside(b, now + Milliseconds{5000});
    state.served(c);
    list({c, a, target("d"), b});
    EXPECT_EQ(active(), "c");
    EXPECT_TRUE(state.servers()[0].online);
    EXPECT_FALSE(state.servers()[1].online);
    EXPECT_EQ(choose(), "c");
    EXPECT_EQ(choose({c}), "d");
    EXPECT_EQ(choose({c, target("d")}), "none");
    EXPECT_EQ(choose({c, target("d")}, now + Milliseconds{5000}), "b");
}

TEST_F(ProxySetStateTest, WhenTheActiveOneIsGoneTheFirstOnlineOneTakesOver) {
    state.served(c);
    state.set_online(a, false);
    list({a, b});
    EXPECT_EQ(active(), "b");
    list({target("x"), a});
    EXPECT_EQ(active(), "x");
    list({a});
    EXPECT_EQ(active(), "a");
}

TEST_F(ProxySetStateTest, ServersDifferByTransportPortAndNameAndCountOnce) {
    Target tcp = a, port = a, name = a, weight = a;
    tcp.transport = Transport::tcp;
    port.endpoint.port = 5070;
    name.host = "other";
    weight.weight = 9;
    list({a, tcp, port, name, weight});
    ASSERT_EQ(state.servers().size(), 4U);
    state.set_online(a, false);
    EXPECT_TRUE(state.servers()[1].online && state.servers()[2].online &&
                state.servers()[3].online);
    list({weight});
    EXPECT_FALSE(state.servers()[0].online);
    EXPECT_EQ(state.servers()[0].target, weight);
}

TEST_F(ProxySetStateTest, RoundRobinSpreadsOverOnlineServersEvenly) {
    set.load_balancing = LoadBalancing::round_robin;
    EXPECT_THAT(choose_times(7), ElementsAre("a", "b", "c", "a", "b", "c", "a"));
    state.set_online(b, false);
    EXPECT_THAT(choose_times(4), ElementsAre("c", "a", "c", "a"));
    EXPECT_EQ(choose({c}), "a");
    state.served(c);
    EXPECT_THAT(choose_times(2), ElementsAre("c", "a"));
    EXPECT_EQ(active(), "a");
}

TEST_F(ProxySetStateTest, AChangedOrderClearsTheStatisticsOfLoadBalancing) {
    set.load_balancing = LoadBalancing::round_robin;
    choose();
    list({target("a", 0, 7), b, c});
    EXPECT_THAT(requests(), ElementsAre(1, 0, 0));
    EXPECT_EQ(choose(), "b");
    list({a, c, b});
    EXPECT_THAT(requests(), Each(0));
    EXPECT_EQ(choose(), "a");
    list({a, c});
    EXPECT_THAT(requests(), Each(0));
}

// T133
TEST_F(ProxySetStateTest, BalancesWithinTheLowestPriorityThatHasAUsableServer) {
    for (const LoadBalancing method : {LoadBalancing::round_robin, LoadBalancing::random_weights}) {
        set.load_balancing = method;
        list({target("a", 10), target("b", 10), target("c", 20), target("d", 20)});
        EXPECT_EQ(choose_often(200).size(), 2U);
        state.set_online(a, false);
        EXPECT_THAT(choose_times(3), Each("b"));
        state.set_aside(b, now + Milliseconds{1});
        const auto chosen = choose_often(200);
        EXPECT_TRUE(chosen.size() == 2 && chosen.contains("c") && chosen.contains("d"));
        EXPECT_EQ(choose({c, target("d")}), "none");
        list({});
    }
}

// T133
TEST_F(ProxySetStateTest, RandomWeightsFollowTheWeights) {
    set.load_balancing = LoadBalancing::random_weights;
    list({target("a", 0, 60), target("b", 0, 30), target("c", 0, 10)});
    auto chosen = choose_often(10'000);
    EXPECT_NEAR(chosen["a"], 6000, 300);
    EXPECT_NEAR(chosen["b"], 3000, 300);
    EXPECT_NEAR(chosen["c"], 1000, 200);
    state.set_online(a, false);
    chosen = choose_often(10'000);
    EXPECT_NEAR(chosen["b"], 7500, 300);
    EXPECT_NEAR(chosen["c"], 2500, 300);
}

// T133
TEST_F(ProxySetStateTest, WeightZeroIsSeldomChosenAndAllZerosEvenly) {
    set.load_balancing = LoadBalancing::random_weights;
    list({target("a", 0, 0), target("b", 0, 99), target("c", 0, 0)});
    auto chosen = choose_often(20'000);
    EXPECT_NEAR(chosen["a"], 100, 50);
    EXPECT_NEAR(chosen["c"], 100, 50);
    list({a, b, c});
    chosen = choose_often(9000);
    EXPECT_NEAR(chosen["a"], 3000, 300);
    EXPECT_NEAR(chosen["b"], 3000, 300);
    EXPECT_NEAR(chosen["c"], 3000, 300);
}

TEST_F(ProxySetStateTest, LoadBalancingNeedsItsMinimumOfActiveServers) {
    set.min_active_servers = 2;
    state.set_online(a, false);
    state.set_online(b, false);
    EXPECT_TRUE(state.is_online());
    set.load_balancing = LoadBalancing::round_robin;
    EXPECT_FALSE(state.is_online());
    EXPECT_EQ(choose(), "c");
    state.set_online(b, true);
    EXPECT_TRUE(state.is_online());
}

TEST_F(ProxySetStateTest, StatusHasARowForEachServer) {
    page.redundancy_mode = RedundancyMode::homing;
    choose();
    state.served(a);
    state.did_not_serve(a, now);
    state.set_aside(b, now + Milliseconds{700});
    const ProxySetStatus status = state.status(now);
    EXPECT_EQ(status.name, "ITSP");
    EXPECT_EQ(status.redundancy_mode, RedundancyMode::homing);
    EXPECT_EQ(status.keep_alive, KeepAlive::using_options);
    EXPECT_TRUE(status.online);
    ASSERT_EQ(status.servers.size(), 3U);
    const ProxyServerStatus& first = status.servers[0];
    EXPECT_EQ(first.target, a);
    EXPECT_FALSE(first.online);
    EXPECT_FALSE(first.active);
    EXPECT_EQ(first.requests, 1U);
    EXPECT_EQ(first.successes, 1U);
    EXPECT_EQ(first.failures, 1U);
    EXPECT_TRUE(status.servers[1].active);
    EXPECT_EQ(status.servers[1].aside_for, Milliseconds{700});
    EXPECT_EQ(state.status(now + Milliseconds{700}).servers[1].aside_for, std::nullopt);
}

/// The rules once more, over plain maps, under random use.
class ProxySetModel {
public:
    explicit ProxySetModel(uint64_t seed) : random_(Random::seed_from(seed)) {
        set_.keep_alive = static_cast<KeepAlive>(random_.between(0, 3));
        set_.load_balancing = static_cast<LoadBalancing>(random_.between(0, 2));
        set_.redundancy_mode = static_cast<RedundancyMode>(random_.between(0, 1));
        is_by_options_ = set_.keep_alive == KeepAlive::using_options ||
                         set_.keep_alive == KeepAlive::using_options_on_active_server;
    }

    void step() {
        now_ += Milliseconds{random_.between(0, 20)};
        const Target some = target(std::string(1, static_cast<char>('a' + random_.between(0, 7))),
                                   static_cast<uint16_t>(random_.between(0, 2)));
        const bool is_listed = std::ranges::find(order_, some.host) != order_.end();
        switch (random_.between(0, 9)) {
            case 0:
                set_targets();
                break;
            case 1:
                state_.served(some);
                if (is_listed && !is_by_options_) {
                    offline_[some.host] = false;
                }
                break;
            case 2:
                state_.did_not_serve(some, now_);
                if (is_listed && set_.keep_alive != KeepAlive::disable) {
                    offline_[some.host] = true;
                }
                break;
            case 3: {
                const Instant until = now_ + Milliseconds{random_.between(0, 100)};
                state_.set_aside(some, until);
                if (is_listed) {
                    aside_[some.host] = std::max(aside_[some.host], until);
                }
                break;
            }
            case 4:
            case 5:
                set_online(some, is_listed, random_.between(0, 1) == 1);
                break;
            default:
                choose();
        }
        check();
    }

private:
    void set_targets() {
        std::vector<Target> targets;
        std::map<std::string, bool> offline;
        std::map<std::string, Instant> aside;
        order_.clear();
        priority_.clear();
        uint16_t priority = 0;
        for (char name = 'a'; name < 'i'; ++name) {
            const std::string host(1, random_.between(0, 1) == 1 ? name : 'h');
            priority = static_cast<uint16_t>(priority + random_.between(0, 1));
            targets.push_back(target(host, priority, static_cast<uint16_t>(random_.between(0, 3))));
            if (!priority_.contains(host)) {
                order_.push_back(host);
                priority_[host] = priority;
                offline[host] = offline_[host];
                aside[host] = aside_[host];
            }
        }
        if (random_.between(0, 9) == 0) {
            targets.clear();
            order_.clear();
            priority_.clear();
            offline.clear();
            aside.clear();
        }
        offline_ = std::move(offline);
        aside_ = std::move(aside);
        state_.set_targets(targets);
    }

    void set_online(const Target& some, bool is_listed, bool online) {
        const bool is_news =
            is_listed && set_.keep_alive != KeepAlive::disable && offline_[some.host] == online;
        ASSERT_EQ(state_.set_online(some, online), is_news);
        if (is_news) {
            offline_[some.host] = !online;
        }
    }

    std::vector<std::string> candidates(const std::vector<Target>& tried, bool offline_too) {
        std::vector<std::string> result;
        for (const std::string& host : order_) {
            const bool is_tried =
                std::ranges::any_of(tried, [&](const Target& one) { return one.host == host; });
            if (!is_tried && (offline_too || !offline_[host]) && aside_[host] <= now_) {
                result.push_back(host);
            }
        }
        return result;
    }

    void choose() {
        std::vector<Target> tried;
        for (char name = 'a'; name < 'i'; ++name) {
            if (random_.between(0, 3) == 0) {
                tried.push_back(target(std::string(1, name)));
            }
        }
        std::vector<std::string> allowed = candidates(tried, false);
        if (allowed.empty() && !is_by_options_) {
            allowed = candidates(tried, true);
        }
        const std::string active = state_.active() ? state_.active()->target.host : "";
        const auto chosen = state_.choose(tried, now_);
        ASSERT_EQ(chosen.has_value(), !allowed.empty());
        if (!chosen) {
            return;
        }
        ASSERT_NE(std::ranges::find(allowed, chosen->host), allowed.end());
        if (set_.load_balancing == LoadBalancing::disable) {
            // The first allowed one from the active one on.
            auto from = std::ranges::find(order_, active) - order_.begin();
            while (std::ranges::find(allowed, order_[static_cast<std::size_t>(from)]) ==
                   allowed.end()) {
                from = (from + 1) % static_cast<std::ptrdiff_t>(order_.size());
            }
            ASSERT_EQ(chosen->host, order_[static_cast<std::size_t>(from)]);
        } else {
            for (const std::string& host : allowed) {
                ASSERT_LE(priority_[chosen->host], priority_[host]);
            }
        }
    }

    void check() {
        ASSERT_EQ(state_.servers().size(), order_.size());
        std::size_t online = 0;
        std::string first_online;
        for (std::size_t i = 0; i < order_.size(); ++i) {
            ASSERT_EQ(state_.servers()[i].target.host, order_[i]);
            ASSERT_EQ(state_.servers()[i].online, !offline_[order_[i]]);
            online += offline_[order_[i]] ? 0 : 1;
            if (first_online.empty() && !offline_[order_[i]]) {
                first_online = order_[i];
            }
        }
        ASSERT_EQ(state_.is_online(), online > 0);
        ASSERT_EQ(state_.active() == nullptr, order_.empty());
        if (online == 0) {
            return;
        }
        ASSERT_TRUE(state_.active()->online) << "active though others are online";
        if (set_.load_balancing != LoadBalancing::disable ||
            (set_.redundancy_mode == RedundancyMode::homing &&
             set_.keep_alive == KeepAlive::using_options)) {
            ASSERT_EQ(state_.active()->target.host, first_online);
        }
    }

    Random random_;
    ProxySet set_;
    ProxyAndRegistration page_;
    ProxySetState state_{set_, page_, random_};
    Instant now_ = now;
    bool is_by_options_ = false;
    std::vector<std::string> order_;
    std::map<std::string, uint16_t> priority_;
    std::map<std::string, bool> offline_;
    std::map<std::string, Instant> aside_;
};

TEST(ProxySetStateProperties, HoldUnderRandomUse) {
    for (uint64_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE(seed);
        ProxySetModel model(seed);
        for (int step = 0; step < 500 && !::testing::Test::HasFatalFailure(); ++step) {
            model.step();
        }
    }
}

}  // namespace
}  // namespace trunkline::sipstack
