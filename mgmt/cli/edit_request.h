// Edits of the configuration modes as a request to the appliance.
#pragma once

#include "mgmt/cli/command.h"
#include "mgmt/configuration/edit.h"

#include <nlohmann/json_fwd.hpp>

#include <span>

namespace trunkline::mgmt {

/// {"command": "configuration edit", "edits": [...]}
nlohmann::json edit_request(std::span<const ConfigEdit> edits);

/// Makes the edits, all or none; true: they act, or there are none. What acts after a restart alone
/// is told, and so are all faults.
bool apply_edits(const CliCall& call, std::span<const ConfigEdit> edits);

}  // namespace trunkline::mgmt
