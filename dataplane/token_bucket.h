// Limits a rate with room for bursts: tokens come with time, each passage takes one.
#pragma once

#include <algorithm>
#include <cstdint>

namespace trunkline::dataplane {

class TokenBucket {
public:
    /// `rate` passages a second; the bucket holds a second's worth and starts full. 0 lets nothing
    /// pass.
    explicit TokenBucket(uint32_t rate)
        : cost_(rate == 0 ? 0 : std::max<uint64_t>(1, second / rate)),
          credit_(rate == 0 ? 0 : second) {}

    /// `now` in monotonic nanoseconds.
    bool take(uint64_t now) {
        credit_ = std::min(second, credit_ + (now - last_));
        last_ = now;
        if (cost_ == 0 || credit_ < cost_) {
            return false;
        }
        credit_ -= cost_;
        return true;
    }

private:
    static constexpr uint64_t second = 1'000'000'000;
    uint64_t cost_;    ///< nanoseconds a passage
    uint64_t credit_;  ///< nanoseconds saved up
    uint64_t last_ = 0;
};

}  // namespace trunkline::dataplane
