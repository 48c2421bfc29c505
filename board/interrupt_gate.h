// Keeps DPDK's interrupt thread waiting while this thread uses a port, and lets it work in between.
// The memif driver needs that (PortTraits::interrupts_end_bursts): when the far side leaves, its
// handler there unmaps the memory that a burst on this thread may be reading.
//
// While it is closed nobody may wait for the interrupt thread, e.g. to close a port; so it is made
// when bursts begin and ended with them.
#pragma once

#include "board/file_descriptor.h"

#include <semaphore>

struct rte_intr_handle;

namespace trunkline::board {

class InterruptGate {
public:
    /// After EAL's start. Returns when the thread waits; where it cannot be made to, everything
    /// here does nothing.
    InterruptGate();
    /// Opens for good: before ports are closed.
    ~InterruptGate();
    InterruptGate(const InterruptGate&) = delete;
    InterruptGate& operator=(const InterruptGate&) = delete;

    /// The thread handles one batch of events; returns when it waits again. Some microseconds.
    void let_through();

private:
    static void wait_here(void* gate);
    static void left(rte_intr_handle* handle, void* gate);

    FileDescriptor always_readable_;     ///< so that the thread comes here in each batch
    rte_intr_handle* handle_ = nullptr;  ///< nullptr: the thread does not wait
    std::binary_semaphore arrived_{0}, may_go_{0}, gone_{0};
};

}  // namespace trunkline::board
