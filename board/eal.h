// DPDK's environment abstraction layer: started once, ended once. EAL is a process-wide singleton
// of DPDK's making; this file fences it.
#pragma once

#include "board/config.h"
#include "board/error.h"

#include <memory>
#include <string>

namespace trunkline::board {

/// How the memory for packets was had; told in the boot log.
enum class MemoryMode { hugepages, no_huge };

class Eal {
public:
    /// Starts EAL for this configuration: hugepages where enough are free and normal pages
    /// otherwise; PCI only when a port needs it; in memory, so that any number of instances run
    /// side by side. EAL's own threads stay on the calling thread's CPUs; the calling thread
    /// becomes the main lcore and its affinity is put back. DPDK's log lines are caught and given
    /// back in an Error.
    static Expected<std::unique_ptr<Eal>> start(const BoardConfig& config);
    ~Eal();
    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;

    MemoryMode memory_mode() const { return memory_mode_; }

private:
    explicit Eal(MemoryMode mode) : memory_mode_(mode) {}
    MemoryMode memory_mode_;
};

}  // namespace trunkline::board
