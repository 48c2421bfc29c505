// What is left of client transactions over UDP that had their final answer (RFC 3261 17.1.2.2,
// Completed): a number each, so that a repeated answer is known until Timer K. At thousands of
// registrations a second there are a hundred thousand of them, so each takes some thirty bytes.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/timer_wheel.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace trunkline::sipstack {

class CompletedTransactions {
public:
    /// The wheel outlives it.
    explicit CompletedTransactions(TimerWheel& wheel) : wheel_(wheel) {}

    /// Remembers a transaction by a hash of its key until Timer K, which is as long for all: one
    /// that is over sooner than another added before it is forgotten with that one.
    void add(uint64_t key, Instant until);
    bool knows(uint64_t key) const;
    std::size_t size() const { return order_.size(); }

private:
    struct Entry {
        uint64_t key;
        Instant until;
    };
    /// Where the search for a key begins; it ends at the first empty slot.
    std::size_t home(uint64_t key) const { return key & (slots_.size() - 1); }
    std::size_t after(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }
    void put(uint64_t key);
    void take_out(uint64_t key);
    void grow();
    void forget(Instant now);

    TimerWheel& wheel_;
    std::deque<Entry> order_;      ///< as they were added
    std::vector<uint64_t> slots_;  ///< a power of two of them, half empty at least; 0: empty
    Timer timer_{[this](Instant now) { forget(now); }};
};

}  // namespace trunkline::sipstack
