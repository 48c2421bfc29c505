// Latencies as HDR histograms keep them: log-linear buckets, so that a recording is an increment
// and a percentile is right to 1/128 of its value over the whole range of 64 bits.
#pragma once

#include <cstdint>
#include <vector>

namespace trunkline::blast {

class Histogram {
public:
    Histogram();

    /// Any unit; this program records nanoseconds.
    void record(uint64_t value);

    uint64_t count() const { return count_; }
    uint64_t max() const { return max_; }
    /// 0 while nothing is recorded; so is percentile().
    double mean() const;
    /// The smallest bucket's upper end that at least `share` (0 to 1) of the values do not exceed;
    /// never more than max().
    uint64_t percentile(double share) const;

private:
    std::vector<uint64_t> buckets_;
    uint64_t count_ = 0;
    uint64_t max_ = 0;
    double sum_ = 0;
};

}  // namespace trunkline::blast
