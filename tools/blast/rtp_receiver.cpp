#include "tools/blast/rtp_receiver.h"

#include <algorithm>
#include <cmath>

namespace trunkline::blast {

void RtpReceiver::take(uint16_t sequence, uint32_t timestamp, uint64_t now, uint32_t clock_rate) {
    constexpr uint64_t turn = 65536;
    constexpr uint64_t window = 64;
    if (!started()) {
        lowest_ = highest_ = turn + sequence;  // a turn below it for those that come late
        seen_ = 1;
        received_ = 1;
        last_arrival_ = now;
        last_timestamp_ = timestamp;
        return;
    }
    const auto ahead = static_cast<int16_t>(sequence - static_cast<uint16_t>(highest_));
    if (ahead > 0) {
        const auto steps = static_cast<uint64_t>(ahead);
        highest_ += steps;
        seen_ = (steps < window ? seen_ << steps : 0) | 1;
    } else {
        const auto behind = static_cast<uint64_t>(-int{ahead});
        const uint64_t bit = behind < window ? uint64_t{1} << behind : 0;
        if ((seen_ & bit) != 0) {
            ++duplicates_;
            return;
        }
        seen_ |= bit;
        lowest_ = std::min(lowest_, highest_ - behind);
        ++reordered_;
    }
    ++received_;
    measure_jitter(timestamp, now, clock_rate);
}

void RtpReceiver::measure_jitter(uint32_t timestamp, uint64_t now, uint32_t clock_rate) {
    constexpr double second = 1e9, gain = 1.0 / 16;
    const auto ticks = static_cast<int32_t>(timestamp - last_timestamp_);
    const double apart = static_cast<double>(now - last_arrival_);
    jitter_ += (std::abs(apart - ticks * second / clock_rate) - jitter_) * gain;
    last_arrival_ = now;
    last_timestamp_ = timestamp;
}

}  // namespace trunkline::blast
