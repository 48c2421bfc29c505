// Whether a thread of packets or signaling still turns: it counts its turns, and who watches it
// rings for one and looks later whether it came.
#pragma once

#include "dataplane/doorbell.h"

#include <atomic>
#include <cstdint>
#include <string>

namespace trunkline::sipstack {

class ThreadPulse {
public:
    /// `bell` ends the thread's sleep, and outlives this.
    ThreadPulse(std::string name, dataplane::Doorbell& bell)
        : name_(std::move(name)), bell_(bell) {}

    const std::string& name() const { return name_; }

    /// On the thread itself, in each turn.
    void beat() {
        turns_.store(turns_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    /// Whether a turn came since the last call, and rings for the next one. The first call only
    /// rings, and is true. On the watching thread.
    bool beats();

private:
    const std::string name_;
    dataplane::Doorbell& bell_;
    alignas(64) std::atomic<uint64_t> turns_{0};  ///< a cache line of its own
    bool has_rung_ = false;
    uint64_t turns_at_ring_ = 0;
};

}  // namespace trunkline::sipstack
