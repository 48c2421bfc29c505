// DPDK's environment abstraction layer: started once, ended once. EAL is a process-wide singleton
// of DPDK's making; this file fences it.
#pragma once

#include "board/config.h"
#include "board/eal_arguments.h"
#include "board/error.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace trunkline::board {

class Eal {
public:
    /// Starts EAL for this configuration: hugepages where enough are free and normal pages
    /// otherwise; PCI only when a port needs it; in memory, so that any number of instances run
    /// side by side and no file stays behind. EAL's own threads stay on one of the calling thread's
    /// CPUs; the calling thread becomes the main lcore and its affinity is put back. DPDK's log
    /// lines are caught and given back in an Error. DPDK starts once in a process: a second call is
    /// an Error, also after the first Eal has ended.
    static Expected<std::unique_ptr<Eal>> start(const BoardConfig& config);
    /// Close all ports and free all pools before.
    ~Eal();
    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;

    MemoryMode memory_mode() const { return memory_mode_; }
    /// Where DPDK's warnings and errors go from now on; called from any thread.
    void forward_log(std::function<void(std::string_view line)> receiver);

private:
    explicit Eal(MemoryMode mode) : memory_mode_(mode) {}
    MemoryMode memory_mode_;
};

}  // namespace trunkline::board
