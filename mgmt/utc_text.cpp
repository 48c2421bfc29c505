#include "mgmt/utc_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace trunkline::mgmt {

namespace {

template <typename Duration>
std::string text_of(std::chrono::sys_time<Duration> when, int digits) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
    return fmt::format("{:%FT%T}.{:0{}}Z", seconds, (when - seconds).count(), digits);
}

}  // namespace

std::string utc_text(std::chrono::sys_time<std::chrono::milliseconds> when) {
    return text_of(when, 3);
}

std::string utc_text(std::chrono::sys_time<std::chrono::microseconds> when) {
    return text_of(when, 6);
}

}  // namespace trunkline::mgmt
