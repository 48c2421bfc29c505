// The part of config_checks.h that is about signaling: ports, transports, proxy sets, credentials.
#pragma once

#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/check_context.h"

namespace trunkline::mgmt {

void check_signaling(const ApplianceConfig& config, const CheckContext& context);

}  // namespace trunkline::mgmt
