// What `trunkline check` says of a right configuration: what would be applied, without secrets.
#pragma once

#include "mgmt/configuration/appliance_config.h"

#include <string>

namespace trunkline::mgmt {

std::string config_summary(const ApplianceConfig& config);

}  // namespace trunkline::mgmt
