// The JSON Schema of the configuration file, made from the catalogue; editors and other programs
// check files with it. `check` sees more: references, secrets, what only shows together.
#pragma once

#include "mgmt/catalogue/catalogue.h"

#include <nlohmann/json_fwd.hpp>

namespace trunkline::mgmt {

/// JSON Schema 2020-12. Beside the standard's keywords every parameter has x-ini, x-cli, x-unit,
/// x-reset and x-waits-for where the catalogue has them.
nlohmann::json config_schema(const Catalogue& catalogue);
/// Of one value.
nlohmann::json parameter_schema(const Parameter& parameter);

}  // namespace trunkline::mgmt
