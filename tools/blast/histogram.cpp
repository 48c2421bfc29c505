#include "tools/blast/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace trunkline::blast {

namespace {

// 2^8 values are kept exactly; above, each power of two is parted into 2^7 buckets.
constexpr unsigned exact_bits = 8;
constexpr uint64_t buckets_a_power = 1 << (exact_bits - 1);
constexpr std::size_t bucket_count = (64 - exact_bits + 2) * buckets_a_power;

std::size_t bucket_of(uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > exact_bits ? width - exact_bits : 0;
    return shift * buckets_a_power + (value >> shift);
}

uint64_t upper_end(std::size_t bucket) {
    if (bucket < 2 * buckets_a_power) {
        return bucket;
    }
    const std::size_t shift = bucket / buckets_a_power - 1;
    const uint64_t top = bucket - shift * buckets_a_power;
    return (top << shift) + ((uint64_t{1} << shift) - 1);
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_count) {}

void Histogram::record(uint64_t value) {
    ++buckets_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
    sum_ += static_cast<double>(value);
}

double Histogram::mean() const {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

uint64_t Histogram::percentile(double share) const {
    const auto wanted =
        static_cast<uint64_t>(std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_)));
    uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen >= wanted && seen > 0) {
            return std::min(upper_end(bucket), max_);
        }
    }
    return max_;
}

}  // namespace trunkline::blast
