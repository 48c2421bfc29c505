// The clock of programs that measure.
#pragma once

#include <ctime>

namespace trunkline::bench {

/// CPU time that this thread has had.
inline double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace trunkline::bench
