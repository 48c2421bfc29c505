// When the next operation begins: open loop at a rate, closed loop with a window, or a rate with a
// window as its cap. Pure: time is handed in, nanoseconds of one clock.
#pragma once

#include <cstdint>

namespace trunkline::blast {

struct Pace {
    double rate = 0;           ///< operations a second; 0: as fast as the window lets
    uint32_t window = 0;       ///< operations under way at once, at most; above 0
    uint64_t total = 0;        ///< operations in all; 0: no end
    uint64_t nanoseconds = 0;  ///< from the first operation on; 0: no end
};

/// With a rate, operation k is meant to begin at start + k / rate, whatever became of those before
/// it; measured from there, a stalled peer cannot hide how late its answers are (no coordinated
/// omission). An operation that finds the window full begins late and keeps its intended time.
class Schedule {
public:
    explicit Schedule(const Pace& pace) : pace_(pace) {}

    /// The first operation is due at `now`.
    void start(uint64_t now);
    /// Nothing begins any more.
    void stop() { stopped_ = true; }

    /// Operations that may begin now, `under_way` being those that have begun and not ended.
    uint32_t due(uint64_t now, uint32_t under_way) const;
    /// Begins one; the time it was meant to begin. Only after due() said so.
    uint64_t take(uint64_t now);

    /// Whether nothing will begin any more.
    bool over(uint64_t now) const;

private:
    /// How many were meant to have begun by `now`.
    uint64_t intended(uint64_t now) const;

    Pace pace_;
    uint64_t start_ = 0;
    uint64_t taken_ = 0;
    bool stopped_ = false;
};

}  // namespace trunkline::blast
