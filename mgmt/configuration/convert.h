// `trunkline convert`: the same configuration in another format.
#pragma once

#include "mgmt/configuration/port_devices.h"

#include <ostream>
#include <string>

namespace trunkline::mgmt {

/// Reads and judges `from`, then writes `to`: ini where its name ends so, YAML otherwise; secrets
/// as they stand in `from`. `devices` are those of options. Faults and notes go to `messages`.
/// Returns the exit code; with 1 nothing was written.
int convert_configuration(const std::string& from, const std::string& to, std::ostream& messages,
                          const PortDevices& devices = {});

}  // namespace trunkline::mgmt
