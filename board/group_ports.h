// An Ethernet group as the dataplane has it: its ports, and which of them do what at the moment.
#pragma once

#include "board/port.h"
#include "board/port_group.h"

#include <atomic>
#include <string>
#include <vector>

namespace trunkline::board {

struct GroupPorts {
    std::string name;
    /// In the order of the configuration; all have the same MAC.
    std::vector<PortTraits> members;
    /// The control thread writes it, any may read; outlives who has it. nullptr: the first member
    /// receives and sends.
    const std::atomic<GroupRoles>* roles = nullptr;
};

}  // namespace trunkline::board
