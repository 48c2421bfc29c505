// Nanoseconds since the clock was made, from the processor's time stamp counter: a reading costs a
// few nanoseconds, so that each turn of the loop may have its own.
#pragma once

#include <rte_cycles.h>

#include <cstdint>

namespace trunkline::blast {

class Clock {
public:
    /// After EAL's start, which measures the counter's frequency.
    Clock() : begin_(rte_rdtsc()), scale_((uint64_t{1'000'000'000} << 32) / rte_get_tsc_hz()) {}

    uint64_t now() const {
        const Wide product = static_cast<Wide>(rte_rdtsc() - begin_) * scale_;
        return static_cast<uint64_t>(product >> 32);
    }

private:
    __extension__ using Wide = unsigned __int128;

    uint64_t begin_;
    uint64_t scale_;  ///< nanoseconds a count, in 1/2^32
};

}  // namespace trunkline::blast
