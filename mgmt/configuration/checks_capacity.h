// Whether the configuration asks for no more than its hardware model takes, and its license on top.
#pragma once

#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/check_context.h"

namespace trunkline::mgmt {

/// Accounts that register and users of the SBC count. Of an unknown model nothing is told here.
void check_capacity(const ApplianceConfig& config, CheckContext context);

}  // namespace trunkline::mgmt
