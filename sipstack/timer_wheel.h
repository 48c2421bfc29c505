// Timers of a shard: a hierarchical wheel of 4 levels x 256 slots with a tick of 1 ms.
//
// SIP starts a timer for every message and cancels almost all of them, so starting and cancelling
// must be O(1); a deadline beyond the wheel (2^32 ms, 49 days) waits in a list of its own until the
// wheel has turned. Nodes are intrusive: the wheel allocates nothing. One shard, one wheel; not
// thread-safe.
#pragma once

#include "sipstack/instant.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <type_traits>

namespace trunkline::sipstack {

class TimerWheel;

/// A timer that is part of its owner. Destruction cancels it. It is neither copied nor moved, as
/// the wheel points to it.
class Timer {
public:
    /// `callback(Instant now)`: a lambda that captures a pointer. It is copied to the
    /// stack for the call, so that it may destroy the timer it belongs to.
    template <typename Callback>
    requires std::invocable<Callback&, Instant> && std::is_trivially_copyable_v<Callback> &&
        (sizeof(Callback) <= sizeof(void*)) &&
        (alignof(Callback) <= alignof(void*)) explicit Timer(Callback callback)
        : call_([](Timer& timer, Instant now) {
              Callback copy = *std::launder(reinterpret_cast<Callback*>(timer.callback_.data()));
              copy(now);
          }) {
        ::new (callback_.data()) Callback(callback);
    }
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    bool is_armed() const { return wheel_ != nullptr; }
    /// When it fires; meaningful while armed.
    Instant deadline() const { return deadline_; }
    void cancel();

private:
    friend class TimerWheel;
    TimerWheel* wheel_ = nullptr;
    Timer* previous_ = nullptr;  ///< in a ring: the first one's previous is the last
    Timer* next_ = nullptr;
    Instant deadline_{};
    void (*call_)(Timer& timer, Instant now);
    alignas(void*) std::array<std::byte, sizeof(void*)> callback_{};
    uint16_t list_ = 0;
};

class TimerWheel {
public:
    static constexpr Milliseconds unlimited = std::chrono::years{100};

    /// `max_catch_up`: how far behind the time of advance() a callback may be told to be. Whose
    /// caller may stall sets it: what a callback begins then is not over before anybody could have
    /// answered.
    explicit TimerWheel(Instant now, Milliseconds max_catch_up = unlimited);
    /// Disarms what is armed.
    ~TimerWheel();
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    /// Arms or re-arms. A deadline in the past counts as now() and fires at the next advance(), or
    /// a tick later when a callback asks for it during one.
    void schedule(Timer& timer, Instant deadline);
    /// Fires all that is due, in order of deadline to the millisecond; callbacks may arm, cancel
    /// and destroy any timer, themselves too. Each is told its own due time, so that a long step
    /// does what many short ones do, up to max_catch_up. `now` never runs backwards; an earlier one
    /// is ignored. Costs what it fires: idle time is skipped.
    void advance(Instant now);
    /// A time by which advance() should be called; never later than the earliest deadline, perhaps
    /// earlier (a cascade, at most three for a timer). nullopt: nothing is armed.
    std::optional<Instant> next_deadline() const;
    std::size_t size() const { return size_; }
    Instant now() const { return instant(now_); }
    /// Inside a callback: the time that advance() was called with, later than now() when the caller
    /// is behind; else now().
    Instant target() const { return std::max(now(), target_); }

private:
    friend class Timer;
    using Tick = uint64_t;  ///< milliseconds since the wheel was made
    static constexpr unsigned levels = 4, slot_bits = 8, slots = 1U << slot_bits;
    // Lists beside the slots: past the wheel's end, due at the next advance, being fired.
    static constexpr uint16_t far = levels * slots, due = far + 1, firing = far + 2;

    Instant instant(Tick tick) const { return origin_ + Milliseconds(static_cast<int64_t>(tick)); }
    Tick tick(Instant at) const;
    void place(Timer& timer);
    void append(Timer& timer, uint16_t list);
    void remove(Timer& timer);
    void relink(uint16_t list);
    void cascade();
    void fire(uint16_t list);
    std::optional<unsigned> occupied_after(unsigned level, unsigned slot) const;
    std::optional<Tick> next_event() const;

    const Milliseconds max_catch_up_;
    Instant origin_;
    Instant target_;
    Tick now_ = 0;
    std::size_t size_ = 0;
    std::array<Timer*, levels * slots + 3> lists_{};
    std::array<uint64_t, levels * slots / 64> occupied_{};
};

}  // namespace trunkline::sipstack
