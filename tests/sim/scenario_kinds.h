// Who registers in a scenario beside plain accounts: a gateway with its trunk groups, the users of
// IP groups, accounts that follow the IP group they serve or have a UDP port of their own.
#pragma once

#include "sipstack/random.h"
#include "tests/sim/scenario.h"

namespace trunkline::sim {

/// Which kinds there are; `all`: every one.
Kinds draw_kinds(sipstack::Random& random, bool all);

/// Adds what the scenario's kinds are made of, but for the accounts, to its configuration, and who
/// is to register by it to its AORs. The SIP interface and the first proxy set are there.
void draw_others(sipstack::Random& random, Scenario& scenario);

/// Another registration mode for each trunk group and the users of IP groups, by `detail`.
void change_modes(sipstack::Config& config, uint64_t detail);

}  // namespace trunkline::sim
