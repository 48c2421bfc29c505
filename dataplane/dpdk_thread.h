// Threads that DPDK did not make: registered for a scope, so that per-thread mempool caches and
// the "registered thread" checks of DPDK work for them.
#pragma once

#include "board/error.h"

namespace trunkline::dataplane {

/// Lives on the stack of a worker's or shard's thread. On a thread that DPDK knows already (the
/// main one) it does nothing.
class DpdkThread {
public:
    /// Registers the calling thread (rte_thread_register); at most RTE_MAX_LCORE of them exist.
    static board::Expected<DpdkThread> enter();
    ~DpdkThread();
    DpdkThread(DpdkThread&& other) noexcept;
    DpdkThread(const DpdkThread&) = delete;
    DpdkThread& operator=(const DpdkThread&) = delete;
    DpdkThread& operator=(DpdkThread&&) = delete;

private:
    explicit DpdkThread(bool registered) : registered_(registered) {}
    bool registered_;
};

}  // namespace trunkline::dataplane
