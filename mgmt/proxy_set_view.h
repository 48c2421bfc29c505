// Proxy sets as operators read them: the table of `show proxy-sets` and its JSON.
#pragma once

#include "sipstack/proxy_set/status.h"
#include "sipstack/transport/proxy_targets.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>

namespace trunkline::mgmt {

/// An array of sets {name, online, redundancy_mode, load_balancing, keep_alive, servers: [{address,
/// transport, host, priority, weight, online, active, aside_for, requests, successes, failures}],
/// names: [{configured, resolved_by, age, time_to_live, failure}]}. `names` tells how the
/// configured addresses were resolved.
nlohmann::json proxy_set_rows(std::span<const sipstack::ProxySetStatus> sets,
                              const sipstack::ProxyTargetsStatus& names);

std::string proxy_set_table(const nlohmann::json& rows, bool colour);

}  // namespace trunkline::mgmt
