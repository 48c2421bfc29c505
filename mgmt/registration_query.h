// What a "show registration" request asks for.
#pragma once

#include "board/error.h"
#include "sipstack/registration_rows.h"

#include <nlohmann/json_fwd.hpp>

namespace trunkline::mgmt {

/// Of "name", "text", "state", "offset" and "limit" what is there; a fault names the one that is no
/// such thing.
board::Expected<sipstack::RegistrationQuery> registration_query(const nlohmann::json& request);

}  // namespace trunkline::mgmt
