// What the receiver of one RTP stream knows of it: losses, order, duplicates and the interarrival
// jitter of RFC 3550 6.4.1, A.1, A.3 and A.8.
#pragma once

#include <cstdint>

namespace trunkline::blast {

class RtpReceiver {
public:
    /// A packet that arrived at `now`, nanoseconds. `clock_rate`: timestamps a second, the same in
    /// each call.
    void take(uint16_t sequence, uint32_t timestamp, uint64_t now, uint32_t clock_rate);

    bool started() const { return received_ > 0; }
    /// Packets from the lowest sequence number seen to the highest, and those that came, each once.
    uint64_t expected() const { return received_ == 0 ? 0 : highest_ - lowest_ + 1; }
    uint64_t received() const { return received_; }
    uint64_t lost() const { return expected() > received_ ? expected() - received_ : 0; }
    /// After one with a higher number. What comes more than 63 numbers late is taken for late,
    /// never for a duplicate.
    uint64_t reordered() const { return reordered_; }
    uint64_t duplicates() const { return duplicates_; }
    /// Nanoseconds, which is finer than the RFC's timestamp units.
    double jitter() const { return jitter_; }

private:
    void measure_jitter(uint32_t timestamp, uint64_t now, uint32_t clock_rate);

    uint64_t lowest_ = 0, highest_ = 0;  ///< sequence numbers with their turns above 16 bits
    uint64_t seen_ = 0;                  ///< bit i: highest_ - i has come
    uint64_t received_ = 0, reordered_ = 0, duplicates_ = 0;
    uint64_t last_arrival_ = 0;
    uint32_t last_timestamp_ = 0;
    double jitter_ = 0;
};

}  // namespace trunkline::blast
