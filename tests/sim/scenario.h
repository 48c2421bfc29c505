// What a seed of the soak stands for: a configuration, registrars, links, and what goes wrong when.
#pragma once

#include "sipstack/config.h"
#include "tests/sim/faults.h"
#include "tests/sim/simulated_network.h"
#include "tests/sim/simulated_registrar.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::sim {

/// Who else registers than plain accounts, and how.
struct Kinds {
    bool gateway = false;        ///< the device, trunk groups, endpoints
    bool users = false;          ///< of IP groups, whom the SBC registers
    bool served = false;         ///< accounts that follow the status of the IP group they serve
    bool own_ports = false;      ///< accounts with a UDP port of their own
    bool subscriptions = false;  ///< to what registrars do with their bindings

    bool any() const { return gateway || users || served || own_ports || subscriptions; }
};

/// What the command line fixes; the seed draws the rest.
struct ScenarioLimits {
    std::optional<unsigned> accounts;
    std::optional<double> days;
    bool all_kinds = false;
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
    Kinds kinds{};
    sipstack::Config config;
    std::set<std::string> aors;               ///< of all who are to register
    bool ends_subscribed = false;             ///< waits until all subscriptions run again
    std::vector<RegistrarPolicy> registrars;  ///< when nothing is wrong
    bool foreign_challenges = true;           ///< the one that is not configured
    LinkConditions link{};                    ///< when nothing is wrong
    std::vector<PlannedFault> faults;         ///< by begin
    Milliseconds fault_time{0};               ///< all faults are over
};

/// The longest Retry-After of a 503.
constexpr std::chrono::seconds longest_retry_after{90};

/// Makes the fault one of that kind. Of those of a served IP group some last so long that all have
/// heard of it before they end.
void set_kind(PlannedFault& planned, Fault kind, Milliseconds fault_time);

/// The same seed and limits give the same scenario.
Scenario draw_scenario(uint64_t seed, const ScenarioLimits& limits);

/// The address of a registrar, and of the foreign one, whose number is `registrars`.
dataplane::Endpoint registrar_endpoint(unsigned number, std::size_t registrars);
dataplane::Endpoint appliance_endpoint();

/// Of the IP group whose status accounts follow.
dataplane::Endpoint served_endpoint();

sipstack::Account make_account(unsigned number);
std::string aor_of(const sipstack::Account& account);
/// Some accounts are of some of the scenario's kinds, by `detail`.
void give_kinds(sipstack::Account& account, const Scenario& scenario, uint64_t detail);

/// User names and passwords that registrars know.
std::vector<std::pair<std::string, std::string>> logins(const sipstack::Config& config);

/// Those who register and those who subscribe, each counted.
std::size_t senders(const sipstack::Config& config);

/// How much larger than for a few rates and windows are: else bindings of many expire while their
/// refreshes wait for their turn.
unsigned rate_scale(const sipstack::Config& config);

}  // namespace trunkline::sim
