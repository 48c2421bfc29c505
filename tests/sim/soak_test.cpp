// The soak with one kind of trouble alone, and much of it: what its invariants prove of the RFCs.
#include "tests/sim/scenario.h"
#include "tests/sim/soak_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace trunkline::sim {
namespace {

using ::testing::Each;
using ::testing::Gt;
using ::testing::IsEmpty;

constexpr uint64_t seeds = 30;

/// Seeds whose faults are all of these kinds, in turn. Each kind has to be met.
SoakResult run_with(const std::vector<Fault>& kinds, uint64_t first_seed,
                    const ScenarioLimits& limits = {}) {
    SoakResult sum;
    for (uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
        Scenario scenario = draw_scenario(seed, limits);
        std::size_t place = seed;
        for (PlannedFault& fault : scenario.faults) {
            set_kind(fault, kinds[place++ % kinds.size()], scenario.fault_time);
        }
        const SoakResult result = SoakRun(std::move(scenario)).run();
        EXPECT_THAT(result.violations, IsEmpty()) << "seed " << seed;
        for (std::size_t fault = 0; fault < fault_count; ++fault) {
            sum.met[fault] += result.met[fault];
        }
        for (std::size_t path = 0; path < fast_path_count; ++path) {
            sum.fast_paths[path] += result.fast_paths[path];
        }
        sum.answers += result.answers;
        sum.retransmissions += result.retransmissions;
        sum.restarts += result.restarts;
        sum.subscriptions += result.subscriptions;
        sum.notifies += result.notifies;
        sum.own_ports += result.own_ports;
        for (std::size_t kind = 0; kind < sum.kinds.size(); ++kind) {
            sum.kinds[kind] += result.kinds[kind];
        }
    }
    for (const Fault kind : kinds) {
        EXPECT_GT(sum.met[std::to_underlying(kind)], 0U) << to_string(kind);
    }
    return sum;
}

// T05, T06, T10, T33, T34
TEST(SoakOfAnswers, ThatComeLateTwiceOutOfOrderOrNeverLeavesOneRegisterOut) {
    const SoakResult sum = run_with({Fault::late, Fault::twice, Fault::reordering,
                                     Fault::duplication, Fault::loss, Fault::silent},
                                    80'000);
    EXPECT_GT(sum.retransmissions, 0U);
}

// T03, T04, T10
TEST(SoakOfRestarts, AtAnyMomentGoesOnWithCallIdAndCseq) {
    const SoakResult sum = run_with(
        {Fault::crash, Fault::stopped, Fault::wall_clock_forward, Fault::loss, Fault::reboot},
        81'000);
    EXPECT_GT(sum.restarts, seeds);
}

// T05, T89, T94: the registrars refuse a count that does not rise, and tell of it.
TEST(SoakOfChallenges, OfAllKindsIsAnsweredWithFreshBranchesAndCounts) {
    run_with({Fault::odd_challenge, Fault::aged_nonce, Fault::aged_nonce_without_stale,
              Fault::next_nonce, Fault::forgetful},
             82'000);
}

// T25, T28, T30: REGISTERED only inside what was granted, and never faster than the least interval,
// rate and window.
TEST(SoakOfGrants, OfAnyLengthIsObeyedWithoutAFlood) {
    run_with({Fault::shortened, Fault::lengthened, Fault::too_brief, Fault::odd_contact,
              Fault::missing_contact},
             83'000);
}

// T49: credentials are for configured servers over their configured transport alone.
TEST(SoakOfRedirections, GivesNoCredentialsAbroad) {
    run_with({Fault::redirection_abroad, Fault::redirection_to_name, Fault::redirection}, 84'000);
}

// T124, T152: each whole one is answered at once, once, with the right status.
TEST(SoakOfRequests, InPiecesInHalvesAndAmongGarbageAnswersTheWholeOnes) {
    const SoakResult sum =
        run_with({Fault::request_by_datagram, Fault::request_by_connection,
                  Fault::request_on_our_connection, Fault::half_request, Fault::garbage},
                 85'000);
    EXPECT_GT(sum.answers, 3 * seeds);
}

ScenarioLimits all_kinds() {
    ScenarioLimits limits;
    limits.all_kinds = true;
    return limits;
}

TEST(SoakOfRegistrants, OfAllKindsComeGoAndChangeTheirModes) {
    const SoakResult sum =
        run_with({Fault::modes_changed, Fault::account_removed, Fault::account_added,
                  Fault::password_changed, Fault::unregistered_by_hand},
                 86'000, all_kinds());
    EXPECT_THAT(sum.kinds, Each(Gt(0U)));
}

// Account_RegByServedIPG
TEST(SoakOfServedIpGroups, ThatGoDownAndComeBackTakeTheirAccountsAlong) {
    run_with({Fault::served_down, Fault::stall, Fault::crash, Fault::served_down, Fault::silent},
             87'000, all_kinds());
}

// Account_UDPPortAssignment
TEST(SoakOfOwnPorts, AreKeptThroughChangesOfTheConfigurationAndRestarts) {
    const SoakResult sum = run_with(
        {Fault::account_removed, Fault::account_added, Fault::crash, Fault::timing_changed}, 88'000,
        all_kinds());
    EXPECT_GT(sum.own_ports, 0U);
}

// A difference would be a violation.
TEST(SoakOfFastPaths, TakesEachOfThemAndComparesItWithTheGeneralWay) {
    const SoakResult sum = run_with({Fault::odd_challenge, Fault::odd_contact, Fault::aged_nonce,
                                     Fault::request_by_datagram, Fault::request_on_our_connection},
                                    90'000);
    EXPECT_THAT(sum.fast_paths, Each(Gt(0U)));
}

// RFC 3680, RFC 6665: what a registrar says of a binding is believed, and nothing that becomes of a
// subscription harms its registration.
TEST(SoakOfSubscriptions, ThatAreRefusedEndedOrLostLeaveRegistrationsAlone) {
    const SoakResult sum =
        run_with({Fault::subscription_refused, Fault::subscription_ended, Fault::binding_ended,
                  Fault::binding_shortened, Fault::reordering},
                 89'000, all_kinds());
    EXPECT_GT(sum.subscriptions, 0U);
    EXPECT_GT(sum.notifies, 0U);
}

}  // namespace
}  // namespace trunkline::sim
