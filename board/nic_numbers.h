// Ports whose NIC is named by its number: the machine's Ethernet NICs on PCI, in the order of their
// addresses, from 1.
//
// All of them count, whoever holds them, so that a NIC that is bound to another driver, or that the
// kernel begins to use, moves no number. One that is plugged in before others does.
#pragma once

#include "board/config.h"
#include "board/error.h"

#include <string>

namespace trunkline::board {

/// With the address of each NIC that `config` names by its number. Errors, which name the port:
/// there is no such NIC; another port has it; the kernel uses it (an interface of it is up), which
/// only an address may take away from it; sysfs cannot be listed. `sysfs` is "/sys".
Expected<BoardConfig> with_nic_addresses(BoardConfig config, const std::string& sysfs);

}  // namespace trunkline::board
