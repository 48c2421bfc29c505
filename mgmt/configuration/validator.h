// Walks the tree of a configuration file along the catalogue: keys, types, ranges, references,
// rows. What only shows when several values are seen together is in config_checks.h.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/yaml_reader.h"

#include <string>

namespace trunkline::mgmt {

/// The configuration that `root` describes; all faults go to `faults`. With faults, what was right
/// is filled in, every row of a list is there, and the rest has its defaults.
ApplianceConfig read_config(const ConfigNode& root, const Catalogue& catalogue,
                            const std::string& folder, FaultCollector& faults);

}  // namespace trunkline::mgmt
