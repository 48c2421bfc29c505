// Nanoseconds of the processor's time stamp counter: a reading costs a few of them, so that each
// turn of the loop may have its own, and processes on one machine read the same, so that one can
// tell how long ago another sent.
#pragma once

#include <rte_cycles.h>

#include <cstdint>

namespace trunkline::blast {

class Clock {
public:
    /// After EAL's start, which measures the counter's frequency.
    Clock() : scale_((uint64_t{1'000'000'000} << 32) / rte_get_tsc_hz()) {}

    uint64_t now() const {
        const Wide product = static_cast<Wide>(rte_rdtsc()) * scale_;
        return static_cast<uint64_t>(product >> 32);
    }

private:
    __extension__ using Wide = unsigned __int128;

    uint64_t scale_;  ///< nanoseconds a count, in 1/2^32
};

}  // namespace trunkline::blast
