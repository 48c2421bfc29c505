// Edits of the configuration modes as a request to the appliance.
#pragma once

#include "mgmt/cli/command.h"
#include "mgmt/configuration/edit.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace trunkline::mgmt {

/// {"command": "configuration edit", "edits": [...], "words": "cli"}
nlohmann::json edit_request(std::span<const ConfigEdit> edits);

/// The revision of the configuration that somebody saw when he began to type; nullopt: whatever it
/// is.
using SeenRevision = std::optional<int64_t>;

/// Makes the edits, all or none; true: they act, or there are none. What acts after a restart alone
/// is told, and so are all faults. Where somebody else changed the configuration since `seen`, that
/// is told and `seen` forgotten, so that whoever goes on knows what he does; else it becomes the
/// revision that this made.
bool apply_edits(const CliCall& call, std::span<const ConfigEdit> edits, SeenRevision& seen);
/// The same, whatever the revision is.
bool apply_edits(const CliCall& call, std::span<const ConfigEdit> edits);

}  // namespace trunkline::mgmt
