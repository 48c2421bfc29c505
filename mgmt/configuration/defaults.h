// Fills in what a configuration leaves out and what follows from its other values: the catalogue's
// own defaults are fixed and were filled in with the rows.
#pragma once

#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/yaml_reader.h"

namespace trunkline::mgmt {

/// The addresses and ports of SIP interfaces, and the obsolete rows of the Proxy & Registration
/// page as defaults of every proxy set that does not say otherwise. `root` is the tree that
/// `config` was read from, right or wrong: it tells what was left out.
void fill_in_defaults(ApplianceConfig& config, const ConfigNode& root);

}  // namespace trunkline::mgmt
