// Registration rows as operators read them: the table of `show registration` and its JSON.
#pragma once

#include "sipstack/registration/status.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>

namespace trunkline::mgmt {

nlohmann::json to_json(const sipstack::RegistrationStatus& row);
/// `rows` is the array that the appliance answered. `colour` for a terminal alone.
std::string registration_table(const nlohmann::json& rows, bool colour);

}  // namespace trunkline::mgmt
