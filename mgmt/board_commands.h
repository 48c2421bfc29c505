// The commands about the machine's NICs: what there is, and handing to DPDK what a configuration
// names. They need no appliance, and run before one does.
#pragma once

#include "board/config.h"

#include <ostream>
#include <string>

namespace trunkline::mgmt {

/// A row a NIC: its number (nic_numbers.h), address, id, driver, the kernel's interfaces, what it
/// would be bound to and why. `sysfs` is "/sys". Exit code 1 where it cannot be listed.
int probe_board(const std::string& sysfs, std::ostream& out, std::ostream& errors);
/// Binds the PCI device of each port, a line each. Exit code 1, after trying all, where one could
/// not be bound, or before trying any where it is not clear which NIC a port means.
int bind_ports(const board::BoardConfig& config, const std::string& sysfs, std::ostream& out,
               std::ostream& errors);

}  // namespace trunkline::mgmt
