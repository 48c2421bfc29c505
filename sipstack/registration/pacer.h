// Paces the REGISTERs of a shard: at most a rate and a window towards each server, and the page's
// rate over all of them. Whoever wants to send takes a ticket and is called when it is his turn.
//
// Each server has a line of its own, so that one whose rate or window is used up holds up nobody
// else; servers whose line may move take turns. The wheel ticks in milliseconds, the spacing is
// counted in nanoseconds: a turn comes at most a tick late, the next one does not suffer from it,
// and no n consecutive milliseconds see more than rate * n / 1000 turns, rounded up. When the
// shard itself was late, what it missed beyond max_catch_up is lost and not made up for.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/timer_wheel.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace trunkline::sipstack {

struct PacerLimits {
    double rate = 0;      ///< REGISTERs a second, evenly spaced (GCRA without burst); 0 = no limit
    unsigned window = 0;  ///< tickets that are held at a time; 0 = no limit
};

class Pacer {
    struct Line;
    struct State;

public:
    /// How much of its own lateness the pacer makes up for.
    static constexpr Milliseconds max_catch_up{10};

    enum class Urgency : uint8_t {
        normal,  ///< in order of arrival
        /// Before all normal ones: the answer to a challenge, an operator's wish. (Two servers
        /// whose rate opens in the same tick do not wait for each other.)
        urgent,
    };

    /// A place in the line, part of its owner, which it calls. Destruction gives it back; who goes
    /// next then is called at the wheel's next advance().
    class Ticket {
    public:
        /// `turn` may do anything with this ticket and others: ask(), done(), destroy it. What it
        /// asks for comes after it has returned.
        explicit Ticket(std::function<void(Instant now)> turn);
        ~Ticket();
        Ticket(const Ticket&) = delete;
        Ticket& operator=(const Ticket&) = delete;

        bool is_waiting() const { return place_.is_waiting; }
        bool is_held() const { return place_.is_held; }  ///< it had its turn and is not done

    private:
        friend class Pacer;
        struct Place {
            std::function<void(Instant now)> turn;
            State* pacer = nullptr;  ///< set by the first ask()
            Line* line = nullptr;    ///< where it waits or is held; nullptr: neither
            Place* previous = nullptr;
            Place* next = nullptr;
            uint64_t arrival = 0;
            Urgency urgency = Urgency::normal;
            bool is_waiting = false;
            bool is_held = false;
        };
        Place place_;
    };

    /// `limits`: of all servers together (their window is ignored). The wheel outlives the pacer,
    /// the pacer its tickets.
    Pacer(TimerWheel& wheel, const PacerLimits& limits);
    ~Pacer();
    /// Holds from the next turn on; turns that it permits come at the wheel's next advance().
    void set_limits(const PacerLimits& limits);

    /// Lines up for a REGISTER to `server`; the turn comes within this call or later. A ticket that
    /// is held already keeps its place in the window of the same server and waits for the rate
    /// alone; one that waits already moves, or keeps its place when it asks for the same again.
    /// `of_server` replaces what was said of that server before.
    void ask(Ticket& ticket, const dataplane::Endpoint& server, const PacerLimits& of_server,
             Urgency urgency, Instant now);
    /// The attempt has ended or is not wanted any more: leaves the line or frees the window. Others
    /// may have their turn within this call.
    void done(Ticket& ticket, Instant now);

    std::size_t waiting() const;
    std::size_t held() const;
    /// Servers that something is known of; idle ones are forgotten.
    std::size_t lines() const;

private:
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
