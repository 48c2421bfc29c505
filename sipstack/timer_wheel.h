// Timers of a shard: a hierarchical wheel of 4 levels x 256 slots with a tick of 1 ms.
//
// SIP starts a timer for every message and cancels almost all of them, so starting and cancelling
// must be O(1); a deadline beyond the wheel (2^32 ms, 49 days) is clamped and re-armed. Nodes are
// intrusive: the wheel allocates nothing. One shard, one wheel; not thread-safe.
#pragma once

#include "sipstack/instant.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace trunkline::sipstack {

class TimerWheel;

/// A timer that is part of its owner. Destruction cancels it. It is neither copied nor moved while
/// armed, as the wheel points to it.
class Timer {
public:
    using Callback = std::function<void(Instant now)>;
    explicit Timer(Callback callback) : callback_(std::move(callback)) {}
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    bool is_armed() const { return wheel_ != nullptr; }
    /// When it fires; meaningful while armed.
    Instant deadline() const { return deadline_; }
    void cancel();

private:
    friend class TimerWheel;
    Timer* previous_ = nullptr;
    Timer* next_ = nullptr;
    TimerWheel* wheel_ = nullptr;
    Instant deadline_{};
    uint16_t level_ = 0, slot_ = 0;
    Callback callback_;
};

class TimerWheel {
public:
    explicit TimerWheel(Instant now);
    ~TimerWheel();
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    /// Arms or re-arms. A deadline in the past fires at the next advance().
    void schedule(Timer& timer, Instant deadline);
    /// Fires all that is due, in order of deadline to the millisecond; callbacks may arm, cancel
    /// and destroy any timer, themselves too. `now` never runs backwards; an earlier one is
    /// ignored.
    void advance(Instant now);
    /// A time by which advance() should be called; never later than the earliest deadline, perhaps
    /// earlier (a cascade). nullopt: nothing is armed.
    std::optional<Instant> next_deadline() const;
    std::size_t size() const { return size_; }
    Instant now() const { return now_; }

private:
    friend class Timer;
    static constexpr unsigned levels = 4, slot_bits = 8, slots = 1U << slot_bits;
    void unlink(Timer& timer);
    void link(Timer& timer);
    void cascade(unsigned level);

    Instant now_;
    std::size_t size_ = 0;
    std::array<std::array<Timer*, slots>, levels> heads_{};
    std::array<std::array<uint64_t, slots / 64>, levels> occupied_{};
};

}  // namespace trunkline::sipstack
