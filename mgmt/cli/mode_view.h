// `display`: what stands in the configuration mode where somebody is.
#pragma once

#include "mgmt/cli/command.h"
#include "mgmt/cli/configurator.h"

namespace trunkline::mgmt {

/// A line a parameter, with its default where nothing is set and with what was typed and is not
/// applied yet (marked). Secrets are stars.
bool display_mode(const CliCall& call, const Configurator& mode);

}  // namespace trunkline::mgmt
