// What the appliance counts, as operators read it: the tables of `show counters`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace trunkline::mgmt {

/// `reply` is what the appliance answered to "show counters": {"ports": [{name, driver, link_up,
/// speed_mbps}], "nodes": [{name, calls, objects, cycles}], "counters": {NAME: VALUE}, "shards":
/// [{NAME: VALUE}], "sip_interfaces": [{name, received, sent}], "durations": {latency, recovery:
/// {ends_ms, counts, sum_ms}}}. A table each, but for the durations; one that is missing is left
/// out.
std::string counters_table(const nlohmann::json& reply);

}  // namespace trunkline::mgmt
