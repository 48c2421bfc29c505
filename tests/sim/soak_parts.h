// What a SoakRun is made of, for its own files alone.
#pragma once

#include "tests/sim/soak_run.h"

#include <chrono>
#include <optional>

namespace trunkline::sim {

inline constexpr Milliseconds timer_f = std::chrono::seconds(32);
inline constexpr Milliseconds slack = std::chrono::seconds(15);

/// The longest that a page lets an attempt wait after a failure.
Milliseconds longest_wait(const sipstack::ProxyAndRegistration& page);

struct SoakRun::Registrar {
    Registrar(dataplane::Endpoint endpoint, const RegistrarPolicy& calm_policy, uint64_t seed,
              FastPaths& fast_paths)
        : calm(calm_policy), policy(calm_policy), server(endpoint, calm_policy, seed, fast_paths) {}

    /// All that makes an answer other than it should be.
    uint64_t oddities() const {
        const RegistrarCounters& counters = server.counters();
        return counters.refusals + counters.odd_challenges + counters.odd_contacts +
               counters.shortened + counters.lengthened + counters.too_brief +
               counters.stale_challenges + counters.denials + counters.refused_subscriptions +
               (policy.gives_next_nonce ? counters.grants : 0);
    }

    const RegistrarPolicy calm;
    RegistrarPolicy policy;
    SimulatedRegistrar server;
    std::optional<Fault> policy_fault;   ///< what its policy stands for now
    std::optional<Fault> manners_fault;  ///< late, twice, silent, provisional, an end of a stream
    bool is_stopped = false;
    bool is_cut_off = false;
    std::optional<Fault> link_fault;
};

struct SoakRun::Happening {
    Instant at;
    PlannedFault fault;
    bool begins = true;
};

}  // namespace trunkline::sim
