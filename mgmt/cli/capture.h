// `debug capture voip physical ...`: the capture of SIP messages into files.
#pragma once

#include "mgmt/cli/command.h"

namespace trunkline::mgmt {

/// `start [FILTER]`, `stop`, `show`; the filter is that of docs/capture.md.
void add_capture(CliCommandTable& table);

}  // namespace trunkline::mgmt
