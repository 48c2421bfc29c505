// What a client has under way: slots, the branch that finds a slot again, and Timers E and F of RFC
// 3261 17.1.2.2. Every transaction has the same timetable, so each of its steps is a queue in which
// the oldest comes first, and starting, ending and expiring cost the same for one or a million.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace trunkline::blast {

struct TimerSettings {
    uint64_t t1 = 500'000'000;  ///< nanoseconds
    uint64_t t2 = 4'000'000'000;
};

struct Transaction {
    uint64_t intended = 0;  ///< when the operation was meant to begin
    uint64_t sent = 0;      ///< this request, the first time
    uint32_t serial = 0;    ///< of the request; parts it from earlier ones of the slot
    uint32_t subject = 0;   ///< the role's: which account, which stream
    uint32_t cseq = 0;
    uint8_t step = 0;  ///< the role's: how far the operation is
    bool active = false;
};

class Transactions {
public:
    Transactions(uint32_t slots, const TimerSettings& timers);

    /// A free slot, its request sent at `now`; nullopt: all are taken.
    std::optional<uint32_t> open(uint64_t now, uint64_t intended);
    /// The next request of the same operation; answers to the last one are late from now on.
    void renew(uint32_t slot, uint64_t now);
    void close(uint32_t slot);

    Transaction& at(uint32_t slot) { return slots_[slot]; }
    uint32_t under_way() const { return under_way_; }

    /// "z9hG4bK" and 16 digits: slot and serial.
    using Branch = std::array<char, 23>;
    Branch branch(uint32_t slot) const;
    struct Found {
        uint32_t slot = 0;
        bool late = false;  ///< of a request that has had its answer, or was given up
    };
    /// nullopt: no branch of ours.
    std::optional<Found> find(std::string_view branch) const;

    /// Whose time has come: sent again, or without any answer for 64 T1 (and closed then).
    enum class Due : uint8_t { none, retransmit, timed_out };
    struct Event {
        Due due = Due::none;
        uint32_t slot = 0;
    };
    /// One at a time; `none` when no more are due at `now`.
    Event next_due(uint64_t now);

private:
    struct Wait {
        uint64_t sent;
        uint32_t slot, serial;
    };
    struct Step {
        uint64_t offset;  ///< from the first sending
        std::deque<Wait> waiting;
    };

    std::vector<Transaction> slots_;
    std::vector<uint32_t> free_;
    std::vector<Step> steps_;  ///< the last one is Timer F
    uint32_t under_way_ = 0;
};

}  // namespace trunkline::blast
