// A timer sits on the level of the highest byte in which its tick differs from now's, in the slot
// that this byte names. So a slot of level 0 is one millisecond, and a slot above it is dealt out
// anew (cascaded) at the moment when its span begins.
#include "sipstack/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace trunkline::sipstack {

void Timer::cancel() {
    if (wheel_ != nullptr) {
        wheel_->remove(*this);
    }
}

TimerWheel::TimerWheel(Instant now, Milliseconds max_catch_up)
    : max_catch_up_(max_catch_up), origin_(now), target_(now) {}

TimerWheel::~TimerWheel() {
    for (Timer*& first : lists_) {
        while (first != nullptr) {
            remove(*first);
        }
    }
}

TimerWheel::Tick TimerWheel::tick(Instant at) const {
    return at <= origin_ ? 0 : static_cast<Tick>((at - origin_).count());
}

void TimerWheel::schedule(Timer& timer, Instant deadline) {
    timer.cancel();
    timer.deadline_ = std::max(deadline, now());
    place(timer);
}

void TimerWheel::place(Timer& timer) {
    const Tick at = tick(timer.deadline_);
    const Tick difference = at ^ now_;
    if (difference == 0) {
        append(timer, due);
        return;
    }
    const unsigned level = static_cast<unsigned>(std::bit_width(difference) - 1) / slot_bits;
    if (level >= levels) {
        append(timer, far);
        return;
    }
    const auto slot = static_cast<unsigned>(at >> (level * slot_bits)) % slots;
    append(timer, static_cast<uint16_t>(level * slots + slot));
}

void TimerWheel::append(Timer& timer, uint16_t list) {
    Timer*& first = lists_[list];
    if (first == nullptr) {
        timer.next_ = timer.previous_ = &timer;
        first = &timer;
        if (list < far) {
            occupied_[list / 64] |= uint64_t{1} << (list % 64);
        }
    } else {
        timer.next_ = first;
        timer.previous_ = first->previous_;
        first->previous_->next_ = &timer;
        first->previous_ = &timer;
    }
    timer.list_ = list;
    timer.wheel_ = this;
    ++size_;
}

void TimerWheel::remove(Timer& timer) {
    Timer*& first = lists_[timer.list_];
    if (timer.next_ == &timer) {
        first = nullptr;
        if (timer.list_ < far) {
            occupied_[timer.list_ / 64] &= ~(uint64_t{1} << (timer.list_ % 64));
        }
    } else {
        timer.previous_->next_ = timer.next_;
        timer.next_->previous_ = timer.previous_;
        if (first == &timer) {
            first = timer.next_;
        }
    }
    timer.wheel_ = nullptr;
    --size_;
}

void TimerWheel::relink(uint16_t list) {
    // What goes back into the same list was counted before, so this ends.
    Timer* const last = lists_[list] == nullptr ? nullptr : lists_[list]->previous_;
    for (Timer* timer = lists_[list]; timer != nullptr;) {
        Timer* const next = timer == last ? nullptr : timer->next_;
        remove(*timer);
        place(*timer);
        timer = next;
    }
}

void TimerWheel::cascade() {
    if (now_ % (Tick{1} << (levels * slot_bits)) == 0) {
        relink(far);
    }
    for (unsigned level = levels - 1; level > 0; --level) {
        if (now_ % (Tick{1} << (level * slot_bits)) == 0) {
            const auto slot = static_cast<unsigned>(now_ >> (level * slot_bits)) % slots;
            relink(static_cast<uint16_t>(level * slots + slot));
        }
    }
}

void TimerWheel::fire(uint16_t list) {
    // Set aside first: what callbacks make due now belongs to the next round.
    while (Timer* timer = lists_[list]) {
        remove(*timer);
        append(*timer, firing);
    }
    while (Timer* timer = lists_[firing]) {
        remove(*timer);
        timer->call_(*timer, std::max(now(), target() - max_catch_up_));
    }
}

std::optional<unsigned> TimerWheel::occupied_after(unsigned level, unsigned slot) const {
    constexpr unsigned words = slots / 64;
    for (unsigned word = (slot + 1) / 64; word < words; ++word) {
        uint64_t bits = occupied_[level * words + word];
        if (word == (slot + 1) / 64) {
            bits &= ~uint64_t{0} << ((slot + 1) % 64);
        }
        if (bits != 0) {
            return word * 64 + static_cast<unsigned>(std::countr_zero(bits));
        }
    }
    return std::nullopt;
}

std::optional<TimerWheel::Tick> TimerWheel::next_event() const {
    // All of a lower level comes before any of a higher one.
    for (unsigned level = 0; level < levels; ++level) {
        const unsigned shift = level * slot_bits;
        if (const auto slot = occupied_after(level, (now_ >> shift) % slots)) {
            const Tick turn = now_ >> (shift + slot_bits) << (shift + slot_bits);
            return turn + (Tick{*slot} << shift);
        }
    }
    if (lists_[far] != nullptr) {
        return ((now_ >> (levels * slot_bits)) + 1) << (levels * slot_bits);
    }
    return std::nullopt;
}

void TimerWheel::advance(Instant now) {
    if (now < this->now()) {
        return;
    }
    target_ = now;
    const Tick end = tick(now);
    fire(due);
    while (now_ < end) {
        Tick next = next_event().value_or(end);
        if (lists_[due] != nullptr) {
            next = now_ + 1;
        }
        if (next > end) {
            next = end;
        }
        now_ = next;
        cascade();
        fire(due);
        fire(static_cast<uint16_t>(now_ % slots));
    }
}

std::optional<Instant> TimerWheel::next_deadline() const {
    if (lists_[due] != nullptr) {
        return now();
    }
    const std::optional<Tick> event = next_event();
    return event ? std::optional(instant(*event)) : std::nullopt;
}

}  // namespace trunkline::sipstack
