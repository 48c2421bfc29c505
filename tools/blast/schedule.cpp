#include "tools/blast/schedule.h"

#include <algorithm>
#include <limits>

namespace trunkline::blast {

namespace {

constexpr double second = 1e9;

}  // namespace

void Schedule::start(uint64_t now) {
    start_ = now;
}

uint64_t Schedule::intended(uint64_t now) const {
    uint64_t number = std::numeric_limits<uint64_t>::max();
    if (pace_.rate > 0) {
        // What was due before the end stays due after it.
        const uint64_t elapsed =
            pace_.nanoseconds > 0 ? std::min(now - start_, pace_.nanoseconds - 1) : now - start_;
        number = static_cast<uint64_t>(static_cast<double>(elapsed) / second * pace_.rate) + 1;
    }
    return pace_.total > 0 ? std::min(number, pace_.total) : number;
}

uint32_t Schedule::due(uint64_t now, uint32_t under_way) const {
    if (over(now) || under_way >= pace_.window) {
        return 0;
    }
    return static_cast<uint32_t>(
        std::min<uint64_t>(intended(now) - taken_, pace_.window - under_way));
}

uint64_t Schedule::take(uint64_t now) {
    const uint64_t number = taken_++;
    if (pace_.rate <= 0) {
        return now;
    }
    const auto offset = static_cast<uint64_t>(static_cast<double>(number) / pace_.rate * second);
    return std::min(start_ + offset, now);
}

bool Schedule::over(uint64_t now) const {
    if (stopped_ || (pace_.total > 0 && taken_ >= pace_.total)) {
        return true;
    }
    if (pace_.nanoseconds == 0 || now - start_ < pace_.nanoseconds) {
        return false;
    }
    return pace_.rate <= 0 || taken_ >= intended(now);
}

}  // namespace trunkline::blast
