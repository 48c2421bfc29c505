// The last flows of a registration as a ladder with the full messages, and how the answer to each
// challenge was computed.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/registration/flow_trace.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>

namespace trunkline::mgmt {

/// An array of flows, each an array of events {at, kind, transport, local, remote, text,
/// explanation}. `at` is in milliseconds since 1970 (UTC), made of the two clocks' readings of one
/// moment. Secrets are masked here already; `explanation` has a list of lines for each row of
/// credentials.
nlohmann::json trace_rows(std::span<const sipstack::TraceFlow> flows, int64_t wall_now_ms,
                          sipstack::Instant now);

/// The same for people; `name` is the registration's.
std::string trace_ladder(const std::string& name, const nlohmann::json& flows);

}  // namespace trunkline::mgmt
