// How long a clean stop waits for its un-REGISTERs: as long as they are answered, and no longer
// than an operator would. Pure: it is told how far they are, and says whether to go on.
#pragma once

#include "sipstack/instant.h"

#include <chrono>
#include <cstddef>

namespace trunkline::sipstack {

/// How far the un-registering of everything is, of one shard or of all.
struct UnregisterProgress {
    std::size_t unfinished = 0;  ///< registrations with a request out or waiting for its turn
    std::size_t out = 0;         ///< of them, those with a request out
    std::size_t left = 0;        ///< bindings that stay at their registrar, as far as it stands now

    UnregisterProgress& operator+=(const UnregisterProgress& other) {
        unfinished += other.unfinished;
        out += other.out;
        left += other.left;
        return *this;
    }
};

class UnregisterWatch {
public:
    /// Without any un-REGISTER ending while some are out. A server that is there answers within; to
    /// one that is not, Timer F would wait 32 s.
    static constexpr std::chrono::seconds longest_standstill{5};
    /// In all, however much moves: less than the 90 s after which service managers kill.
    static constexpr std::chrono::seconds longest{60};

    enum class Verdict {
        wait,
        done,      ///< nothing is unfinished
        at_stand,  ///< longest_standstill is over
        too_long,  ///< longest is over
    };

    explicit UnregisterWatch(Instant now) : began_(now), moved_at_(now) {}

    /// To be asked again and again. What waits for its turn alone (pacing) is no standstill.
    Verdict judge(const UnregisterProgress& progress, Instant now);

private:
    Instant began_;
    Instant moved_at_;
    std::size_t unfinished_ = static_cast<std::size_t>(-1);  ///< the least so far
};

}  // namespace trunkline::sipstack
