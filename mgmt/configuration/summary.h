// What `trunkline check` says of a right configuration: what would be applied, without secrets.
#pragma once

#include "mgmt/configuration/appliance_config.h"

#include <span>
#include <string>

namespace trunkline::mgmt {

/// `notes` are those of config_notes().
std::string config_summary(const ApplianceConfig& config, std::span<const std::string> notes = {});

}  // namespace trunkline::mgmt
