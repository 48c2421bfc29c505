// What is wrong with a configuration only when several of its values are seen together.
#pragma once

#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/yaml_reader.h"

namespace trunkline::mgmt {

/// Appends the faults. A check whose values were refused already is left out, so that no fault is
/// told twice. `root` is the tree that `config` was read from: it gives the places.
void check_config(const ApplianceConfig& config, const ConfigNode& root, FaultCollector& faults);

}  // namespace trunkline::mgmt
