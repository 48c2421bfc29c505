// Moments as text with parts of a second (RFC 3339), which fmt 9 leaves out for a clock's own
// ticks.
#pragma once

#include <chrono>
#include <string>

namespace trunkline::mgmt {

/// "2026-01-02T03:04:05.678Z"
std::string utc_text(std::chrono::sys_time<std::chrono::milliseconds> when);
/// "2026-01-02T03:04:05.678901Z"
std::string utc_text(std::chrono::sys_time<std::chrono::microseconds> when);

}  // namespace trunkline::mgmt
