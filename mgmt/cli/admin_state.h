// `admin state lock`, `admin state unlock`, `show admin state`: whether the appliance serves.
#pragma once

#include "mgmt/cli/command.h"

namespace trunkline::mgmt {

void add_admin_state(CliCommandTable& table);

}  // namespace trunkline::mgmt
