// debug board fault ...: what labs break of the box, and how they mend it.
#pragma once

#include "mgmt/cli/command.h"

namespace trunkline::mgmt {

void add_board_faults(CliCommandTable& table);

}  // namespace trunkline::mgmt
