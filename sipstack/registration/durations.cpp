#include "sipstack/registration/durations.h"

#include <algorithm>
#include <cstddef>
#include <functional>

namespace trunkline::sipstack {

void DurationHistogram::add(Milliseconds duration) {
    ++counts_[static_cast<std::size_t>(std::ranges::lower_bound(ends_, duration) - ends_.begin())];
    sum_ += duration;
}

void DurationHistogram::add(const DurationHistogram& other) {
    std::ranges::transform(counts_, other.counts_, counts_.begin(), std::plus<>());
    sum_ += other.sum_;
}

}  // namespace trunkline::sipstack
