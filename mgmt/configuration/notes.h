// What is right in a configuration and still does less than its reader may expect.
#pragma once

#include "mgmt/configuration/appliance_config.h"

#include <string>
#include <vector>

namespace trunkline::mgmt {

/// A line each, for people: "signaling_and_media.proxy_sets[0]: ...". At most 100, then how many
/// more there are.
std::vector<std::string> config_notes(const ApplianceConfig& config);

}  // namespace trunkline::mgmt
