// The commands that change the running appliance, as their user sees them.
#pragma once

#include "mgmt/command_line.h"

#include <ostream>

namespace trunkline::mgmt {

/// `command` is "register" or "unregister". Exit code: 0, or 1 with the reason on `errors`.
int act(const CommandLine& command_line, const char* command, std::ostream& out,
        std::ostream& errors);
/// Exit code likewise; the faults of the file are told one by one.
int apply(const CommandLine& command_line, std::ostream& out, std::ostream& errors);
/// What applying the file would change of the running configuration, or of `against`; nothing is
/// changed. Exit code likewise, 0 whether or not there are differences.
int show_difference(const CommandLine& command_line, std::ostream& out, std::ostream& errors);

}  // namespace trunkline::mgmt
