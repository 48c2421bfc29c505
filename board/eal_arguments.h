// Decides how EAL starts: the command line that rte_eal_init() gets. Pure; eal.cpp does it.
#pragma once

#include "board/config.h"
#include "board/error.h"
#include "board/pci.h"

#include <cstdint>
#include <string>
#include <vector>

namespace trunkline::board {

/// How the memory for packets was had; told in the boot log.
enum class MemoryMode { hugepages, no_huge };

/// What the machine offers, found out by eal.cpp.
struct EalSurroundings {
    uint64_t free_hugepage_bytes = 0;  ///< of all sizes, without those reserved by others
    unsigned cpu = 0;                  ///< where the calling thread is
    int process = 0;                   ///< its pid
    std::string sysfs = "/sys";
};

struct EalPlan {
    MemoryMode memory_mode = MemoryMode::no_huge;
    std::vector<std::string> arguments;  ///< the program's name first
};

/// Errors: a PCI port whose device is missing, not bound, or without the hugepages that it needs.
Expected<EalPlan> plan_eal(const BoardConfig& config, const EalSurroundings& surroundings);

}  // namespace trunkline::board
