// Registration rows as operators read them: the table of `show registration` and its JSON.
#pragma once

#include "sipstack/registration/status.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>

namespace trunkline::mgmt {

/// Times are seconds with one decimal; what is not known is null. Keys: kind, name, aor, state,
/// registered, last_status, reason, answered_by, transport, requested_expires, granted_expires,
/// expires_in, next_attempt_in, consecutive_failures, attempts, realm, algorithm, call_id, cseq,
/// shard, service_route, associated_uri, subscription.
nlohmann::json to_json(const sipstack::RegistrationStatus& row);

/// Widest line of the table, in characters.
inline constexpr std::size_t registration_table_width = 120;

/// `rows` is the array that the appliance answered. `colour` for a terminal alone. Ends with a line
/// that counts: "6 of 7 registered".
std::string registration_table(const nlohmann::json& rows, bool colour);

/// One row in one line without its times, for output that is not redrawn:
/// "account office: REGISTERED, 200 OK from 192.0.2.1:5060".
std::string registration_line(const nlohmann::json& row, bool colour);

}  // namespace trunkline::mgmt
