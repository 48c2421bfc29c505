// The `show` commands as their user sees them: asks the running appliance over its local socket and
// prints the answer, once or again and again.
#pragma once

#include "mgmt/command_line.h"

#include <ostream>

namespace trunkline::mgmt {

/// With a name that one row, with `trace` its last flows. Exit code: 0, or 1 when no appliance
/// answers or it refuses. With `watch` until SIGINT or SIGTERM (0), or until the appliance goes (0,
/// said on `errors`).
int show_registration(const CommandLine& command_line, std::ostream& out, std::ostream& errors,
                      bool terminal);
int show_proxy_sets(const CommandLine& command_line, std::ostream& out, std::ostream& errors,
                    bool terminal);
int show_not_in_effect(const CommandLine& command_line, std::ostream& out, std::ostream& errors);
int show_counters(const CommandLine& command_line, std::ostream& out, std::ostream& errors);

}  // namespace trunkline::mgmt
