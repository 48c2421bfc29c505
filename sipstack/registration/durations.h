// How long registrations take, and how long they fail: counted in buckets, as monitoring wants it.
#pragma once

#include "sipstack/instant.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace trunkline::sipstack {

class DurationHistogram {
public:
    /// Upper ends of the buckets, rising; they outlive this.
    explicit DurationHistogram(std::span<const Milliseconds> ends)
        : ends_(ends), counts_(ends.size() + 1) {}

    void add(Milliseconds duration);
    void add(const DurationHistogram& other);  ///< with the same ends

    std::span<const Milliseconds> ends() const { return ends_; }
    /// [i]: longer than ends()[i - 1] and at most ends()[i]; the last: longer than all of them.
    std::span<const uint64_t> counts() const { return counts_; }
    Milliseconds sum() const { return sum_; }

private:
    std::span<const Milliseconds> ends_;
    std::vector<uint64_t> counts_;
    Milliseconds sum_{0};
};

/// Of those of a shard.
struct RegistrationDurations {
    static constexpr std::array latency_ends = {
        Milliseconds(1),     Milliseconds(5),    Milliseconds(10),   Milliseconds(25),
        Milliseconds(50),    Milliseconds(100),  Milliseconds(250),  Milliseconds(500),
        Milliseconds(1000),  Milliseconds(2500), Milliseconds(5000), Milliseconds(10'000),
        Milliseconds(32'000)};
    static constexpr std::array recovery_ends = {Milliseconds(1000),      Milliseconds(5000),
                                                 Milliseconds(10'000),    Milliseconds(30'000),
                                                 Milliseconds(60'000),    Milliseconds(120'000),
                                                 Milliseconds(300'000),   Milliseconds(600'000),
                                                 Milliseconds(1'800'000), Milliseconds(3'600'000)};

    /// From the first REGISTER of an attempt to the grant that ended it: challenges, other servers
    /// and retransmissions are within.
    DurationHistogram latency{latency_ends};
    /// From an attempt that failed to the next grant.
    DurationHistogram recovery{recovery_ends};
};

}  // namespace trunkline::sipstack
