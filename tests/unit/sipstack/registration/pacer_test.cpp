#include "sipstack/registration/pacer.h"

#include "sipstack/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace trunkline::sipstack {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Urgency = Pacer::Urgency;

constexpr Instant start{Milliseconds{1'000'000}};

dataplane::Endpoint server(uint32_t number) {
    return {dataplane::IpAddress::v4(0xc0000200 + number), 5060};
}

const dataplane::Endpoint first_server = server(1);
const dataplane::Endpoint second_server = server(2);

/// A pacer under virtual time that notes who had his turn when.
struct Bench {
    struct Turn {
        int64_t at;  ///< milliseconds since the start
        int id;
        dataplane::Endpoint server;
    };

    explicit Bench(const PacerLimits& limits = {}) : pacer(wheel, limits) {}

    void pass(int64_t milliseconds) {
        const Instant end = wheel.now() + Milliseconds{milliseconds};
        for (auto next = wheel.next_deadline(); next && *next <= end;
             next = wheel.next_deadline()) {
            wheel.advance(*next);
        }
        wheel.advance(end);
    }
    Instant now() const { return wheel.now(); }

    std::vector<int64_t> times() const {
        std::vector<int64_t> result;
        for (const Turn& turn : turns) {
            result.push_back(turn.at);
        }
        return result;
    }
    std::vector<int> ids() const {
        std::vector<int> result;
        for (const Turn& turn : turns) {
            result.push_back(turn.id);
        }
        return result;
    }

    TimerWheel wheel{start};
    Pacer pacer;
    std::vector<Turn> turns;
};

struct Client {
    Client(Bench& of_bench, int number) : bench(of_bench), id(number) {}

    void ask(const dataplane::Endpoint& at, const PacerLimits& limits,
             Urgency urgency = Urgency::normal) {
        asked = at;
        bench.pacer.ask(ticket, at, limits, urgency, bench.now());
    }
    void done() { bench.pacer.done(ticket, bench.now()); }

    Bench& bench;
    const int id;
    dataplane::Endpoint asked;
    std::function<void()> then = [] {};  ///< runs in each turn
    Pacer::Ticket ticket{[this](Instant now) {
        bench.turns.push_back({(now - start).count(), id, asked});
        then();
    }};
};

std::vector<std::unique_ptr<Client>> clients(Bench& bench, int count) {
    std::vector<std::unique_ptr<Client>> result;
    for (int id = 0; id < count; ++id) {
        result.push_back(std::make_unique<Client>(bench, id));
    }
    return result;
}

/// The most turns in any `span` consecutive milliseconds; `times` ascend.
std::size_t most_within(const std::vector<int64_t>& times, int64_t span) {
    std::size_t most = 0, first = 0;
    for (std::size_t last = 0; last < times.size(); ++last) {
        while (times[last] - times[first] >= span) {
            ++first;
        }
        most = std::max(most, last - first + 1);
    }
    return most;
}

void expect_rate_kept(const std::vector<int64_t>& times, double rate) {
    for (const int64_t span : {1, 2, 7, 10, 100, 999, 1000, 1001, 10'000}) {
        const double allowed = std::ceil(rate * static_cast<double>(span) / 1000 - 1e-9);
        EXPECT_LE(static_cast<double>(most_within(times, span)), allowed) << span << " ms";
    }
}

TEST(Pacer, WithoutLimitsTheTurnComesWithinAsk) {
    Bench bench;
    Client client(bench, 1);
    EXPECT_FALSE(client.ticket.is_held());
    client.ask(first_server, {});
    EXPECT_THAT(bench.times(), ElementsAre(0));
    EXPECT_TRUE(client.ticket.is_held());
    EXPECT_FALSE(client.ticket.is_waiting());
    EXPECT_EQ(bench.pacer.held(), 1U);
    client.done();
    EXPECT_FALSE(client.ticket.is_held());
    EXPECT_EQ(bench.pacer.held(), 0U);
    client.done();
    EXPECT_EQ(bench.pacer.held(), 0U);
}

TEST(Pacer, SpacesTheTurnsAtAServerEvenly) {
    Bench bench;
    const auto all = clients(bench, 5);
    for (const auto& client : all) {
        client->ask(first_server, {.rate = 100});
    }
    EXPECT_EQ(bench.pacer.waiting(), 4U);
    EXPECT_TRUE(all[1]->ticket.is_waiting());
    bench.pass(1000);
    EXPECT_THAT(bench.times(), ElementsAre(0, 10, 20, 30, 40));
    EXPECT_EQ(bench.pacer.waiting(), 0U);
}

TEST(Pacer, IdleTimeEarnsNoBurst) {
    Bench bench;
    const auto all = clients(bench, 3);
    all[0]->ask(first_server, {.rate = 100});
    bench.pass(10'000);
    all[1]->ask(first_server, {.rate = 100});
    all[2]->ask(first_server, {.rate = 100});
    bench.pass(1000);
    EXPECT_THAT(bench.times(), ElementsAre(0, 10'000, 10'010));
}

TEST(Pacer, MeetsRatesThatAreNoWholeMillisecondsAndNeverPassesThem) {
    for (const double rate : {0.5, 3.0, 30.0, 150.0, 300.0, 999.0, 1001.0, 1500.0, 5000.0}) {
        SCOPED_TRACE(rate);
        Bench bench;
        const auto count = static_cast<int>(rate * 4) + 1;
        const auto all = clients(bench, count);
        for (const auto& client : all) {
            client->ask(first_server, {.rate = rate});
        }
        bench.pass(4001);
        EXPECT_EQ(bench.turns.size(), static_cast<std::size_t>(count));
        expect_rate_kept(bench.times(), rate);
    }
}

TEST(Pacer, HoldsNoMoreThanTheWindow) {
    Bench bench;
    const PacerLimits limits{.window = 2};
    const auto all = clients(bench, 4);
    for (const auto& client : all) {
        client->ask(first_server, limits);
    }
    bench.pass(60'000);
    EXPECT_THAT(bench.ids(), ElementsAre(0, 1));
    EXPECT_EQ(bench.pacer.held(), 2U);
    all[1]->done();
    EXPECT_THAT(bench.ids(), ElementsAre(0, 1, 2));
    all[3]->done();  // leaves the line
    all[0]->done();
    all[2]->done();
    EXPECT_THAT(bench.ids(), ElementsAre(0, 1, 2));
    EXPECT_EQ(bench.pacer.held(), 0U);
}

TEST(Pacer, AServerWhoseWindowIsFullHoldsUpNobodyElse) {
    Bench bench;
    const auto all = clients(bench, 4);
    all[0]->ask(first_server, {.window = 1});
    all[1]->ask(first_server, {.window = 1});
    all[2]->ask(second_server, {.rate = 1});
    all[3]->ask(server(3), {});
    EXPECT_THAT(bench.ids(), ElementsAre(0, 2, 3));
}

TEST(Pacer, ServersTakeTurnsUnderTheRateOfAll) {
    Bench bench({.rate = 1000});
    const auto all = clients(bench, 9);
    for (int i = 0; i < 6; ++i) {
        all[static_cast<std::size_t>(i)]->ask(first_server, {});
    }
    for (int i = 6; i < 8; ++i) {
        all[static_cast<std::size_t>(i)]->ask(second_server, {});
    }
    all[8]->ask(server(3), {});
    bench.pass(1000);
    EXPECT_THAT(bench.ids(), ElementsAre(0, 1, 6, 8, 2, 7, 3, 4, 5));
    expect_rate_kept(bench.times(), 1000);
}

TEST(Pacer, RateOfAllAndRateOfEachServerHoldTogether) {
    Bench bench({.rate = 150});
    const auto all = clients(bench, 3000);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i]->ask(server(1 + i % 3), {.rate = 60});
    }
    bench.pass(10'000);
    expect_rate_kept(bench.times(), 150);
    EXPECT_GE(bench.turns.size(), 1500U);
    for (uint32_t number = 1; number <= 3; ++number) {
        std::vector<int64_t> times;
        for (const auto& turn : bench.turns) {
            if (turn.server == server(number)) {
                times.push_back(turn.at);
            }
        }
        expect_rate_kept(times, 60);
        EXPECT_NEAR(static_cast<double>(times.size()), 500, 2);
    }
}

TEST(Pacer, UrgentOnesGoFirstAmongAllServers) {
    Bench bench({.rate = 1000});
    const auto all = clients(bench, 6);
    all[0]->ask(first_server, {});
    all[1]->ask(first_server, {});
    all[2]->ask(second_server, {});
    all[3]->ask(first_server, {}, Urgency::urgent);
    all[4]->ask(first_server, {}, Urgency::urgent);
    all[5]->ask(second_server, {}, Urgency::urgent);
    bench.pass(100);
    EXPECT_THAT(bench.ids(), ElementsAre(0, 3, 5, 4, 2, 1));
}

TEST(Pacer, AHeldTicketThatAsksAgainNeedsNoSecondPlaceInTheWindow) {
    Bench bench;
    const PacerLimits limits{.rate = 10, .window = 1};
    const auto all = clients(bench, 2);
    all[0]->ask(first_server, limits);
    all[1]->ask(first_server, limits);
    all[0]->ask(first_server, limits);
    EXPECT_TRUE(all[0]->ticket.is_held());
    EXPECT_TRUE(all[0]->ticket.is_waiting());
    EXPECT_EQ(bench.pacer.held(), 1U);
    EXPECT_EQ(bench.pacer.waiting(), 2U);
    bench.pass(5000);
    EXPECT_THAT(bench.ids(), ElementsAre(0, 0));
    EXPECT_THAT(bench.times(), ElementsAre(0, 100));
    EXPECT_FALSE(all[0]->ticket.is_waiting());
    all[0]->done();
    EXPECT_THAT(bench.ids(), ElementsAre(0, 0, 1));
}

TEST(Pacer, AHeldTicketThatAsksElsewhereFreesItsPlace) {
    Bench bench;
    const auto all = clients(bench, 3);
    all[0]->ask(first_server, {.window = 1});
    all[1]->ask(first_server, {.window = 1});
    all[2]->ask(second_server, {.window = 1});
    all[0]->ask(second_server, {.window = 1});
    EXPECT_THAT(bench.ids(), ElementsAre(0, 2, 1));
    EXPECT_TRUE(all[0]->ticket.is_waiting());
    EXPECT_FALSE(all[0]->ticket.is_held());
}

TEST(Pacer, AskingForTheSameAgainKeepsThePlaceInTheLine) {
    Bench bench;
    const PacerLimits limits{.rate = 100};
    const auto all = clients(bench, 5);
    for (const auto& client : all) {
        client->ask(first_server, limits);
    }
    all[1]->ask(first_server, limits);
    all[3]->ask(first_server, limits, Urgency::urgent);
    all[2]->ask(second_server, limits);
    EXPECT_THAT(bench.ids(), ElementsAre(0, 2));
    bench.pass(1000);
    EXPECT_THAT(bench.ids(), ElementsAre(0, 2, 3, 1, 4));
}

TEST(Pacer, DestructionLeavesTheLineAndFreesTheWindow) {
    Bench bench;
    const PacerLimits limits{.window = 1};
    auto all = clients(bench, 4);
    for (const auto& client : all) {
        client->ask(first_server, limits);
    }
    all[1].reset();
    EXPECT_EQ(bench.pacer.waiting(), 2U);
    all[0].reset();
    EXPECT_EQ(bench.pacer.held(), 0U);
    EXPECT_THAT(bench.ids(), ElementsAre(0));
    bench.pass(0);
    EXPECT_THAT(bench.ids(), ElementsAre(0, 2));
    all.clear();
    EXPECT_EQ(bench.pacer.lines(), 0U);
    EXPECT_EQ(bench.pacer.waiting() + bench.pacer.held(), 0U);
}

TEST(Pacer, ATurnMayAskAgainAndEndItself) {
    Bench bench;
    Client client(bench, 1);
    int left = 3;
    client.then = [&] {
        client.done();
        if (--left > 0) {
            client.ask(first_server, {.rate = 10, .window = 1});
        }
    };
    client.ask(first_server, {.rate = 10, .window = 1});
    bench.pass(1000);
    EXPECT_THAT(bench.times(), ElementsAre(0, 100, 200));
    EXPECT_EQ(bench.pacer.held(), 0U);
}

TEST(Pacer, AskingAgainWithoutLimitsInsideATurnDoesNotNest) {
    Bench bench;
    Client client(bench, 1);
    int left = 200'000;  // would overflow the stack
    client.then = [&] {
        if (--left > 0) {
            client.ask(first_server, {});
        }
    };
    client.ask(first_server, {});
    EXPECT_EQ(bench.turns.size(), 200'000U);
}

TEST(Pacer, ATurnMayDestroyItsTicketAndOthers) {
    Bench bench;
    auto all = clients(bench, 3);
    Client outsider(bench, 7);
    all[0]->then = [&all] { all.clear(); };
    all[0]->ask(first_server, {.rate = 10});
    EXPECT_TRUE(all.empty());
    all = clients(bench, 3);
    all[0]->then = [&all] { all.clear(); };
    for (const auto& client : all) {
        client->ask(first_server, {.rate = 10});
    }
    outsider.ask(first_server, {.rate = 10});
    bench.pass(1000);
    EXPECT_THAT(bench.ids(), ElementsAre(0, 0, 7));
    EXPECT_THAT(bench.times(), ElementsAre(0, 100, 200));
}

TEST(Pacer, LimitsOfAllMayChangeAtAnyTime) {
    Bench bench({.rate = 1});
    const auto all = clients(bench, 5);
    for (const auto& client : all) {
        client->ask(first_server, {});
    }
    bench.pass(500);
    bench.pacer.set_limits({.rate = 10});
    EXPECT_THAT(bench.times(), ElementsAre(0));
    bench.pass(150);
    EXPECT_THAT(bench.times(), ElementsAre(0, 500, 600));
    bench.pacer.set_limits({.rate = 2});
    bench.pass(500);
    EXPECT_THAT(bench.times(), ElementsAre(0, 500, 600, 1100));
    bench.pacer.set_limits({});
    bench.pass(0);
    EXPECT_THAT(bench.times(), ElementsAre(0, 500, 600, 1100, 1150));
}

TEST(Pacer, LimitsOfAServerAreThoseOfTheLastToAsk) {
    Bench bench;
    const auto all = clients(bench, 5);
    for (std::size_t i = 0; i < 3; ++i) {
        all[i]->ask(first_server, {.rate = 1, .window = 2});
    }
    bench.pass(1500);
    EXPECT_THAT(bench.times(), ElementsAre(0, 1000));
    all[3]->ask(first_server, {.rate = 10, .window = 4});
    bench.pass(200);
    EXPECT_THAT(bench.times(), ElementsAre(0, 1000, 1500, 1600));
    all[4]->ask(first_server, {.window = 3});
    bench.pass(1000);
    all[0]->done();
    EXPECT_EQ(bench.turns.size(), 4U);
    all[1]->done();
    EXPECT_EQ(bench.turns.size(), 5U);
}

TEST(Pacer, ForgetsAnIdleServerButNotBeforeItsRateAllowsTheNext) {
    Bench bench;
    const auto all = clients(bench, 2);
    all[0]->ask(first_server, {.rate = 2});
    all[0]->done();
    EXPECT_EQ(bench.pacer.lines(), 1U);
    all[1]->ask(first_server, {.rate = 2});
    EXPECT_THAT(bench.times(), ElementsAre(0));
    bench.pass(500);
    EXPECT_THAT(bench.times(), ElementsAre(0, 500));
    bench.pass(10'000);
    EXPECT_EQ(bench.pacer.lines(), 1U);
    all[1]->done();
    EXPECT_EQ(bench.pacer.lines(), 0U);
    for (uint32_t number = 0; number < 100; ++number) {
        all[0]->ask(server(number), {.rate = 10});
        all[0]->done();
    }
    EXPECT_EQ(bench.pacer.lines(), 100U);
    bench.pass(100);
    EXPECT_EQ(bench.pacer.lines(), 0U);
    EXPECT_EQ(bench.wheel.size(), 0U);
}

TEST(Pacer, MakesUpForAShortDelayOfTheShardAndNotForALongOne) {
    Bench bench;
    const auto all = clients(bench, 1000);
    for (const auto& client : all) {
        client->ask(first_server, {.rate = 1000});
    }
    bench.wheel.advance(start + Milliseconds{9});
    EXPECT_EQ(bench.turns.size(), 10U);
    bench.wheel.advance(start + Milliseconds{500});
    EXPECT_LE(bench.turns.size(), 10U + 11U);
    bench.pass(100);
    EXPECT_LE(bench.turns.size(), 10U + 11U + 100U);
}

// A timer that is told of a time long ago asks: the turn is now, or all that follows is in the
// past.
TEST(Pacer, GivesATurnOfNowToWhoeverIsLate) {
    TimerWheel wheel{start};
    Pacer pacer(wheel, {});
    Instant turn_at{};
    Pacer::Ticket ticket([&](Instant now) { turn_at = now; });
    const auto ask = [&](Instant due) {
        pacer.ask(ticket, first_server, {}, Urgency::normal, due);
    };
    Timer timer{[&ask](Instant due) { ask(due); }};
    wheel.schedule(timer, start + Milliseconds{100});
    wheel.advance(start + Milliseconds{60'000});
    EXPECT_GE(turn_at, start + Milliseconds{60'000} - Pacer::max_catch_up);
}

// T60, T61
TEST(Pacer, AHundredThousandAtOnceNeverPassTheRateAndAllHaveTheirTurn) {
    constexpr int count = 100'000;
    constexpr double rate = 2000;
    Bench bench({.rate = rate});
    const auto all = clients(bench, count);
    std::vector<Client*> in_flight;
    for (const auto& client : all) {
        client->then = [&in_flight, &client] { in_flight.push_back(client.get()); };
        client->ask(server(static_cast<uint32_t>(client->id) % 4), {.rate = 600, .window = 200});
    }
    // Each attempt takes 100 ms.
    std::size_t most_held = 0;
    for (int step = 0; step < 600 && bench.pacer.waiting() > 0; ++step) {
        bench.pass(100);
        most_held = std::max(most_held, bench.pacer.held());
        for (Client* client : std::exchange(in_flight, {})) {
            client->done();
        }
    }
    EXPECT_EQ(bench.turns.size(), static_cast<std::size_t>(count));
    EXPECT_LE(bench.times().back(), static_cast<int64_t>(count / rate * 1000) + 100);
    EXPECT_LE(most_held, 4U * 200U);
    expect_rate_kept(bench.times(), rate);
}

/// Random use, judged turn by turn by plain lists.
class PacerModel {
public:
    static constexpr std::size_t tickets = 40, servers = 4;

    explicit PacerModel(uint64_t seed)
        : random_(Random::seed_from(seed)), bench_({.rate = all_.rate}) {
        for (std::size_t i = 0; i < tickets; ++i) {
            make(i);
        }
    }

    void step() {
        const std::size_t i = random_.between(0, tickets - 1);
        switch (random_.between(0, 9)) {
            case 0:
            case 1:
            case 2:
            case 3:
                ask(i);
                break;
            case 4:
            case 5:
                set_done(i);
                owners_[i]->done();
                break;
            case 6:
                set_done(i);
                make(i);
                bench_.pass(0);
                break;
            default:
                pass_time();
        }
        check();
    }
    std::size_t turns() const { return turns_; }

private:
    struct Known {
        bool is_waiting = false, is_held = false;
        std::size_t server = 0;
        Urgency urgency = Urgency::normal;
        uint64_t arrival = 0;
    };
    /// Spacing in exact arithmetic: a third of a nanosecond is the unit of none of the rates below.
    struct Gate {
        double rate = 0;
        double last = -1e12;
        bool is_open(int64_t at) const {
            return rate == 0 || last + 1000 / rate <= static_cast<double>(at) + 1e-6;
        }
        /// Too clearly closed for a rounding error.
        bool is_shut(int64_t at) const {
            return rate != 0 && last + 1000 / rate > static_cast<double>(at) + 1e-3;
        }
        void pass(int64_t at) {
            const double ideal = rate == 0 ? static_cast<double>(at) : last + 1000 / rate;
            last = ideal > static_cast<double>(at) - 1 ? ideal : static_cast<double>(at);
        }
    };

    void make(std::size_t i) {
        owners_[i] = std::make_unique<Client>(bench_, static_cast<int>(i));
        owners_[i]->then = [this, i] { on_turn(i); };
    }
    void set_done(std::size_t i) { known_[i].is_waiting = known_[i].is_held = false; }

    PacerLimits limits_of(std::size_t server_index) const {
        return {gates_[server_index].rate, windows_[server_index]};
    }

    void ask(std::size_t i) {
        const std::size_t at = random_.between(0, servers - 1);
        const auto urgency = random_.between(0, 3) == 0 ? Urgency::urgent : Urgency::normal;
        Known& known = known_[i];
        if (known.server != at) {
            known = {};
        }
        if (!known.is_waiting || known.urgency != urgency) {
            known.arrival = ++arrivals_;
        }
        known.is_waiting = true;
        known.server = at;
        known.urgency = urgency;
        owners_[i]->ask(server(static_cast<uint32_t>(at)), limits_of(at), urgency);
    }

    void pass_time() {
        const auto span = static_cast<int64_t>(random_.between(0, 60));
        for (int64_t i = 0; i < span; ++i) {
            bench_.pass(1);
            check();
        }
    }

    std::size_t held_at(std::size_t at) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            known_, [&](const Known& one) { return one.is_held && one.server == at; }));
    }
    bool may_go(const Known& one) const {
        return one.is_waiting && gates_[one.server].is_open(clock()) &&
               (one.is_held || windows_[one.server] == 0 ||
                held_at(one.server) < windows_[one.server]);
    }
    int64_t clock() const { return (bench_.now() - start).count(); }

    void on_turn(std::size_t i) {
        ++turns_;
        Known& known = known_[i];
        ASSERT_TRUE(known.is_waiting);
        ASSERT_FALSE(all_.is_shut(clock()));
        ASSERT_FALSE(gates_[known.server].is_shut(clock()));
        ASSERT_TRUE(known.is_held || windows_[known.server] == 0 ||
                    held_at(known.server) < windows_[known.server]);
        for (const Known& other : known_) {
            if (&other != &known && may_go(other)) {
                // Lines whose rate opens in the same tick do not wait for each other.
                ASSERT_FALSE(
                    other.urgency > known.urgency &&
                    (other.server == known.server || gates_[other.server].is_open(clock() - 1)));
                ASSERT_FALSE(other.server == known.server && other.urgency == known.urgency &&
                             other.arrival < known.arrival);
            }
        }
        known.is_waiting = false;
        known.is_held = true;
        all_.pass(clock());
        gates_[known.server].pass(clock());
    }

    void check() {
        std::size_t waiting = 0, held = 0;
        for (std::size_t i = 0; i < tickets; ++i) {
            ASSERT_EQ(owners_[i]->ticket.is_waiting(), known_[i].is_waiting);
            ASSERT_EQ(owners_[i]->ticket.is_held(), known_[i].is_held);
            waiting += known_[i].is_waiting ? 1 : 0;
            held += known_[i].is_held ? 1 : 0;
            ASSERT_FALSE(all_.is_open(clock()) && may_go(known_[i])) << "left waiting without need";
        }
        ASSERT_EQ(bench_.pacer.waiting(), waiting);
        ASSERT_EQ(bench_.pacer.held(), held);
        ASSERT_LE(bench_.pacer.lines(), servers);
    }

    Random random_;
    Gate all_{.rate = 400};
    std::array<Gate, servers> gates_{Gate{.rate = 125}, Gate{.rate = 1600}, Gate{},
                                     Gate{.rate = 10}};
    std::array<unsigned, servers> windows_{3, 0, 5, 0};
    Bench bench_;
    std::array<std::unique_ptr<Client>, tickets> owners_;
    std::array<Known, tickets> known_;
    uint64_t arrivals_ = 0;
    std::size_t turns_ = 0;
};

TEST(Pacer, AgreesWithPlainListsUnderRandomUse) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE(seed);
        PacerModel model(seed);
        for (int step = 0; step < 1000 && !::testing::Test::HasFatalFailure(); ++step) {
            model.step();
        }
        EXPECT_GT(model.turns(), 200U);
    }
}

}  // namespace
}  // namespace trunkline::sipstack
