// The `show` commands, a file a family. Their shapes are those that parsers of the appliance family
// expect; --json gives what they were made of.
#pragma once

#include "mgmt/cli/command.h"

namespace trunkline::mgmt {

/// show voip register ..., proxy sets status, calls ...
void add_voip_shows(CliCommandTable& table);
/// show system version, uptime, utilization, alarms, status
void add_system_shows(CliCommandTable& table);
/// show system hardware
void add_hardware_shows(CliCommandTable& table);
/// show network interface, physical-port
void add_network_shows(CliCommandTable& table);
/// show running-config, startup-config, configuration ...
void add_configuration_shows(CliCommandTable& table);
/// "differences" of an answer about the configuration, a line each.
bool print_differences(const CliCall& call, const nlohmann::json& answer);
/// show registration, proxy-sets, counters, not-in-effect: as `trunkline show` has them
void add_appliance_shows(CliCommandTable& table);

}  // namespace trunkline::mgmt
