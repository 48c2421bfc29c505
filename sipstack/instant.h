// Time as the signaling core knows it: a number that is handed in, never read.
#pragma once

#include <chrono>
#include <cstdint>

namespace trunkline::sipstack {

/// The appliance's monotonic clock. It has no now(): the shard's thread, or a test, says what time
/// it is, so that hours run in a test in seconds.
struct ApplianceClock {
    using rep = int64_t;
    using period = std::milli;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<ApplianceClock, duration>;
    static constexpr bool is_steady = true;
};

using Milliseconds = ApplianceClock::duration;
using Instant = ApplianceClock::time_point;

/// For an operator's eyes.
constexpr double in_seconds(Milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace trunkline::sipstack
