// What a "show registration" request asks for.
#pragma once

#include "board/error.h"
#include "sipstack/registration_rows.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string_view>

namespace trunkline::mgmt {

/// The fields of a row that rows can be put in order by, in the order of RegistrationOrder, whose
/// first one is not a field's.
std::span<const std::string_view> registration_orders();

/// Of "name", "text", "state", "sort" (one of registration_orders()), "order" ("asc", "desc"),
/// "offset" and "limit" what is there; a fault names the one that is no such thing.
board::Expected<sipstack::RegistrationQuery> registration_query(const nlohmann::json& request);

}  // namespace trunkline::mgmt
