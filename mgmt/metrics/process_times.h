// What the kernel counts of this process: the processor time of its threads, its memory, its
// descriptors (proc(5)). Any thread may ask.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace trunkline::mgmt {

struct ProcessTimes {
    /// Seconds of processor time, user and kernel, by the thread's name; threads of one name
    /// together. Threads that have ended are in none of them.
    std::map<std::string, double> thread_cpu_seconds;
    double cpu_seconds = 0;       ///< all threads, ended ones too
    double started_at = 0;        ///< seconds since the epoch
    uint64_t resident_bytes = 0;  ///< memory that is in RAM
    uint64_t open_descriptors = 0;
};

ProcessTimes process_times();

}  // namespace trunkline::mgmt
