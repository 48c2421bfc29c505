// What a seed of the soak stands for: a configuration, registrars, links, and what goes wrong when.
#pragma once

#include "sipstack/config.h"
#include "tests/sim/faults.h"
#include "tests/sim/simulated_network.h"
#include "tests/sim/simulated_registrar.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace trunkline::sim {

/// What the command line fixes; the seed draws the rest.
struct ScenarioLimits {
    std::optional<unsigned> accounts;
    std::optional<double> days;
};

struct PlannedFault {
    Milliseconds begin{0};  ///< since the start
    Milliseconds duration{0};
    Fault fault = Fault::loss;
    unsigned registrar = 0;
    uint64_t detail = 0;  ///< any number: what the fault still has to choose
};

struct Scenario {
    uint64_t seed = 0;
    sipstack::Config config;
    std::vector<RegistrarPolicy> registrars;  ///< when nothing is wrong
    bool foreign_challenges = true;           ///< the one that is not configured
    LinkConditions link{};                    ///< when nothing is wrong
    std::vector<PlannedFault> faults;         ///< by begin
    Milliseconds fault_time{0};               ///< all faults are over
};

/// The longest Retry-After of a 503.
constexpr std::chrono::seconds longest_retry_after{90};

/// The same seed and limits give the same scenario.
Scenario draw_scenario(uint64_t seed, const ScenarioLimits& limits);

/// The address of a registrar, and of the foreign one, whose number is `registrars`.
dataplane::Endpoint registrar_endpoint(unsigned number, std::size_t registrars);
dataplane::Endpoint appliance_endpoint();

sipstack::Account make_account(unsigned number);

/// How much larger than for a few accounts rates and windows are: else bindings of many expire
/// while their refreshes wait for their turn. `accounts` > 0.
unsigned rate_scale(std::size_t accounts);

}  // namespace trunkline::sim
