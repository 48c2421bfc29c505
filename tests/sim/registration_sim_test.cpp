// Registrations over days and through failures of network and registrar.
#include "sipstack/registration/registrants.h"
#include "tests/sim/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <unordered_map>

namespace trunkline::sim {
namespace {

using namespace std::chrono_literals;
using sipstack::RegistrationState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

sipstack::ProxyAndRegistration page(std::chrono::seconds time, std::chrono::seconds retry = 30s) {
    sipstack::ProxyAndRegistration result;
    result.registration_time = time;
    result.registration_retry_time = retry;
    result.challenge_caching_mode = sipstack::ChallengeCachingMode::full;
    return result;
}

LinkConditions rough() {
    return {.loss = 0.05, .duplication = 0.05, .min_delay = 5ms, .max_delay = 120ms};
}

/// Every test ends with it: nothing that must always hold was ever violated.
void expect_sound(Simulation& simulation) {
    EXPECT_THAT(simulation.invariants().violations(), IsEmpty());
    EXPECT_EQ(simulation.misdirected(), 0U);
    const RegistrarCounters& counters = simulation.registrar().counters();
    EXPECT_EQ(counters.cseq_violations, 0U);
    EXPECT_EQ(counters.nonce_replays, 0U);
    EXPECT_EQ(counters.unreadable, 0U);
}

class Registrations : public ::testing::TestWithParam<unsigned> {};

INSTANTIATE_TEST_SUITE_P(Shards, Registrations, ::testing::Values(1U, 3U));

// T03, T04, T05, T06, T10, T33, T91
TEST_P(Registrations, StayUpForThirtyDaysOverARoughNetwork) {
    const unsigned accounts = GetParam() == 1 ? 1000 : 300;
    Simulation simulation({.shards = GetParam(),
                           .seed = 20,
                           .accounts = accounts,
                           .link = rough(),
                           .registrar = {.max_expires = 4h, .nonce_lifetime = 72h},
                           .page = page(4h)});
    simulation.start();
    simulation.run_for(5min);
    ASSERT_EQ(simulation.registered(), accounts);
    for (int day = 0; day < 30; ++day) {
        simulation.run_for(24h);
        ASSERT_EQ(simulation.registered(), accounts) << "day " << day;
        ASSERT_EQ(simulation.registrar().bindings(simulation.now()), accounts) << "day " << day;
    }
    const RegistrarCounters& counters = simulation.registrar().counters();
    EXPECT_GE(counters.grants, accounts * 30U * 12U);
    // A refresh is one round trip: only the first registration and aged nonces are challenged.
    EXPECT_LT(counters.challenges, counters.grants / 20);
    EXPECT_GT(counters.stale_challenges, 0U);
    EXPECT_EQ(counters.wrong_digests, 0U);
    EXPECT_GT(simulation.network().lost(), 0U);
    EXPECT_GT(simulation.network().duplicated(), 0U);
    EXPECT_GT(simulation.invariants().retransmissions(), 0U);
    expect_sound(simulation);
}

// T94: a registrar that replaces its nonces without saying stale.
TEST_P(Registrations, StayUpAtARegistrarThatNeverSaysStale) {
    Simulation simulation({.shards = GetParam(),
                           .seed = 21,
                           .accounts = 50,
                           .registrar = {.nonce_lifetime = 300s, .says_stale = false},
                           .page = page(600s)});
    simulation.start();
    simulation.run_for(24h);
    EXPECT_EQ(simulation.registered(), 50U);
    EXPECT_EQ(simulation.count(RegistrationState::failed), 0U);
    EXPECT_GT(simulation.registrar().counters().stale_challenges, 0U);
    expect_sound(simulation);
}

// A registrar that is dead for longer than a refresh.
TEST_P(Registrations, FailWithAReasonWhileTheRegistrarIsDeadAndComeBack) {
    Simulation simulation({.shards = GetParam(),
                           .seed = 22,
                           .accounts = 100,
                           .link = rough(),
                           .page = page(180s, 30s)});
    simulation.start();
    simulation.run_for(60s);
    ASSERT_EQ(simulation.registered(), 100U);

    simulation.registrar().stop();
    simulation.run_for(400s);
    EXPECT_EQ(simulation.registered(), 0U);
    for (const auto& row : simulation.rows()) {
        EXPECT_THAT(row.reason, HasSubstr("no answer within 32 s from 192.0.2.1:5060"));
        EXPECT_GE(row.consecutive_failures, 3U);
        EXPECT_FALSE(row.expires_in);
    }

    simulation.registrar().start();
    // At worst the retry time, a try whose first transmissions were lost, and the challenge.
    simulation.run_for(30s + 10s);
    EXPECT_EQ(simulation.registered(), 100U);
    EXPECT_EQ(simulation.count(RegistrationState::registered), 100U);
    expect_sound(simulation);
}

// T95, T96: no loop, whatever the time.
TEST_P(Registrations, WithAWrongPasswordTryOnceARetryTime) {
    Simulation simulation({.shards = GetParam(),
                           .seed = 23,
                           .accounts = 10,
                           .password = "guess",
                           .page = page(180s, 30s)});
    simulation.start();
    simulation.run_for(1h);
    EXPECT_EQ(simulation.registered(), 0U);
    EXPECT_EQ(simulation.count(RegistrationState::failed), 10U);
    for (const auto& row : simulation.rows()) {
        EXPECT_EQ(row.last_status, 401);
        EXPECT_THAT(row.reason, HasSubstr("refused"));
        EXPECT_EQ(row.realm, "lab.example");
        // Two requests an attempt, an attempt every 300 to 330 s.
        EXPECT_NEAR(static_cast<double>(row.attempts), 23.0, 3.0);
    }
    expect_sound(simulation);
}

TEST_P(Registrations, SurviveARegistrarThatLostItsBindings) {
    Simulation simulation(
        {.shards = GetParam(), .seed = 24, .accounts = 100, .link = rough(), .page = page(600s)});
    simulation.start();
    simulation.run_for(60s);
    ASSERT_EQ(simulation.registrar().bindings(simulation.now()), 100U);
    simulation.registrar().lose_memory();
    ASSERT_EQ(simulation.registrar().bindings(simulation.now()), 0U);
    // Half of the granted time later all have refreshed, with nonces that nobody knows any more.
    simulation.run_for(310s);
    EXPECT_EQ(simulation.registrar().bindings(simulation.now()), 100U);
    EXPECT_EQ(simulation.count(RegistrationState::registered), 100U);
    expect_sound(simulation);
}

// T40: raised once, remembered.
TEST_P(Registrations, LearnTheLeastTimeThatTheRegistrarTakes) {
    Simulation simulation({.shards = GetParam(),
                           .seed = 25,
                           .accounts = 20,
                           .registrar = {.min_expires = 600s},
                           .page = page(180s)});
    simulation.start();
    simulation.run_for(6h);
    EXPECT_EQ(simulation.registered(), 20U);
    EXPECT_EQ(simulation.registrar().counters().too_brief, 20U);
    expect_sound(simulation);
}

// T17
TEST_P(Registrations, LeaveNoBindingBehind) {
    Simulation simulation(
        {.shards = GetParam(), .seed = 26, .accounts = 200, .link = rough(), .page = page(600s)});
    simulation.start();
    simulation.run_for(2h);
    ASSERT_EQ(simulation.registrar().bindings(simulation.now()), 200U);
    simulation.unregister_all();
    EXPECT_FALSE(simulation.is_quiet());
    simulation.run_for(40s);
    EXPECT_TRUE(simulation.is_quiet());
    EXPECT_EQ(simulation.registrar().bindings(simulation.now()), 0U);
    EXPECT_EQ(simulation.count(RegistrationState::unregistered), 200U);
    const auto requests = simulation.registrar().counters().requests;
    simulation.run_for(24h);
    EXPECT_EQ(simulation.registrar().counters().requests, requests);
    expect_sound(simulation);
}

TEST_P(Registrations, EndAlsoWhileTheirFirstRegisterIsOut) {
    Simulation simulation(
        {.shards = GetParam(), .seed = 27, .accounts = 50, .link = rough(), .page = page(600s)});
    simulation.start();
    simulation.unregister_all();
    simulation.run_for(70s);
    EXPECT_TRUE(simulation.is_quiet());
    EXPECT_EQ(simulation.registrar().bindings(simulation.now()), 0U);
    EXPECT_EQ(simulation.count(RegistrationState::unregistered), 50U);
    expect_sound(simulation);
}

uint64_t trace_of(uint64_t seed, unsigned shards) {
    Simulation simulation({.shards = shards,
                           .seed = seed,
                           .accounts = 30,
                           .link = {.loss = 0.2, .duplication = 0.1, .max_delay = 900ms},
                           .page = page(180s)});
    simulation.start();
    simulation.run_for(1h);
    expect_sound(simulation);
    return simulation.trace();
}

TEST_P(Registrations, RepeatExactlyFromTheSameSeed) {
    EXPECT_EQ(trace_of(1, GetParam()), trace_of(1, GetParam()));
    EXPECT_NE(trace_of(1, GetParam()), trace_of(2, GetParam()));
}

TEST(RegistrationsOfThreeShards, AreDisjointAndComplete) {
    Simulation simulation({.shards = 3, .seed = 28, .accounts = 100, .page = page(600s)});
    simulation.start();
    simulation.run_for(10s);
    std::set<std::string> names;
    for (const auto& row : simulation.rows()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
    }
    EXPECT_EQ(names.size(), 100U);
    for (std::size_t shard = 0; shard < 3; ++shard) {
        EXPECT_GT(simulation.shard(shard).registration_count(), 20U) << shard;
    }
    EXPECT_EQ(simulation.registered(), 100U);
    expect_sound(simulation);
}

// T60, T61
TEST(HundredThousandAccounts, StartRefreshAndComeBackInsideRateAndWindow) {
    constexpr unsigned accounts = 100'000;
    sipstack::ProxyAndRegistration settings = page(3600s);
    settings.max_generated_registers_rate = 300;
    Simulation simulation({.seed = 30, .accounts = accounts, .page = settings});
    simulation.start();
    // Two requests each at 300 a second.
    simulation.run_for(660s);
    EXPECT_LT(simulation.registered(), accounts);
    simulation.run_for(20s);
    ASSERT_EQ(simulation.registered(), accounts);
    // All refresh once, at half of the granted time.
    simulation.run_for(1800s);
    EXPECT_EQ(simulation.registered(), accounts);
    EXPECT_GE(simulation.registrar().counters().grants, 2U * accounts);
    // The registrar is away for a minute: who had to refresh then comes back.
    simulation.registrar().stop();
    simulation.run_for(60s);
    simulation.registrar().start();
    simulation.run_for(600s);
    EXPECT_EQ(simulation.registered(), accounts);
    expect_sound(simulation);
}

/// What was to be done for whom when the appliance crashed.
struct Due {
    sipstack::RegistrationStatus row;
    Instant refresh{};
};

std::unordered_map<std::string, Due> bindings_of(const Simulation& simulation) {
    std::unordered_map<std::string, Due> result;
    for (const auto& row : simulation.rows()) {
        if (row.state == RegistrationState::registered) {
            result[row.name] = {row, simulation.now() + row.next_attempt_in.value()};
        }
    }
    return result;
}

/// Who is not due yet has sent nothing since; returns how many those are.
std::size_t expect_untouched(const Simulation& simulation,
                             const std::unordered_map<std::string, Due>& before) {
    std::size_t untouched = 0;
    for (const auto& row : simulation.rows()) {
        const auto known = before.find(row.name);
        if (known == before.end() || known->second.refresh <= simulation.now()) {
            continue;
        }
        ++untouched;
        EXPECT_EQ(row.state, RegistrationState::registered) << row.name;
        EXPECT_EQ(row.call_id, known->second.row.call_id) << row.name;
        EXPECT_EQ(row.cseq, known->second.row.cseq) << row.name;
        EXPECT_EQ(simulation.now() + row.next_attempt_in.value(), known->second.refresh)
            << row.name;
    }
    return untouched;
}

class CrashOfTenThousandAccounts : public ::testing::TestWithParam<uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Seeds, CrashOfTenThousandAccounts, ::testing::Range<uint64_t>(1, 5));

// T03, T04, T61: at any moment of the start, of the calm after it, and of the refreshes.
TEST_P(CrashOfTenThousandAccounts, IsFollowedByTheRefreshesThatAreDueAndNoOthers) {
    constexpr unsigned accounts = 10'000;
    sipstack::ProxyAndRegistration settings = page(3600s);
    settings.max_generated_registers_rate = 300;
    sipstack::Random moments(sipstack::Random::seed_from(GetParam()));
    const auto moment = [&](uint64_t from, uint64_t to) {
        return Milliseconds(static_cast<int64_t>(moments.between(from, to)));
    };
    Simulation simulation({.shards = 2,
                           .seed = 40 + GetParam(),
                           .accounts = accounts,
                           .page = settings,
                           .has_journal = true});
    simulation.start();
    // The start takes 67 s; the first refreshes are due 1440 s or more behind their grants.
    for (const Milliseconds span :
         {moment(100, 60'000), moment(100'000, 200'000), moment(1'600'000, 1'800'000)}) {
        simulation.run_for(span);
        const auto before = bindings_of(simulation);
        const uint64_t requests = simulation.registrar().counters().requests;
        simulation.crash();
        simulation.run_for(moment(1, 30'000));
        simulation.restart();
        expect_untouched(simulation, before);
        const auto due = [&] {
            return std::ranges::count_if(
                before, [&](const auto& item) { return item.second.refresh <= simulation.now(); });
        };
        simulation.run_for(moment(1, 20'000));
        // Who has no binding yet needs two requests, and one more for what the crash cut off.
        const std::size_t unbound = accounts - before.size();
        EXPECT_EQ(expect_untouched(simulation, before),
                  before.size() - static_cast<std::size_t>(due()));
        EXPECT_LE(simulation.registrar().counters().requests - requests,
                  3 * unbound + static_cast<std::size_t>(due()));
    }
    simulation.run_for(120s);
    EXPECT_EQ(simulation.count(RegistrationState::registered), accounts);
    EXPECT_EQ(simulation.registrar().bindings(simulation.now()), accounts);
    expect_sound(simulation);
}

/// What an appliance holds after that time, in bytes: what its end gives back. Each day its
/// registrar is away for a while, and forgets all.
std::size_t memory_after(std::chrono::days time) {
    Simulation simulation({.seed = 50, .accounts = 40, .link = rough(), .page = page(3600s)});
    simulation.start();
    for (std::chrono::days day{0}; day < time; ++day) {
        simulation.run_for(20h);
        simulation.registrar().stop();
        simulation.run_for(90min);
        simulation.registrar().lose_memory();
        simulation.registrar().start();
        simulation.run_for(150min);
    }
    EXPECT_EQ(simulation.registered(), 40U);
    expect_sound(simulation);
    const auto in_use = [] {
        const auto heap = mallinfo2();
        return heap.uordblks + heap.hblkhd;
    };
    const std::size_t before = in_use();
    simulation.crash();
    return before - in_use();
}

TEST(MemoryOfRegistrations, DoesNotGrowOverWeeks) {
    const std::size_t after_a_week = memory_after(std::chrono::days(7));
    if (after_a_week == 0) {
        GTEST_SKIP() << "this build's allocator tells nothing";
    }
    EXPECT_GT(after_a_week, 40'000U);
    EXPECT_LE(memory_after(std::chrono::days(42)), after_a_week + after_a_week / 50);
}

}  // namespace
}  // namespace trunkline::sim
