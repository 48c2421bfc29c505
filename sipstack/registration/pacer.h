// Paces the REGISTERs of a shard: at most a rate and a window towards each server, and the page's
// rate over all of them. Whoever wants to send takes a ticket and is called when it is his turn.
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
public:
    enum class Urgency : uint8_t {
        normal,  ///< in order of arrival
        urgent,  ///< before all normal ones: the answer to a challenge, an operator's wish
    };

    /// A place in the line, part of its owner, which it calls. Destruction gives it back.
    class Ticket {
    public:
        /// `turn` may call ask() and done() of this ticket.
        explicit Ticket(std::function<void(Instant now)> turn);
        ~Ticket();
        Ticket(const Ticket&) = delete;
        Ticket& operator=(const Ticket&) = delete;

        bool is_waiting() const;
        bool is_held() const;  ///< it had its turn and is not done

    private:
        friend class Pacer;
        struct Place;
        std::unique_ptr<Place> place_;
    };

    /// `limits`: of all servers together (their window is ignored). The wheel outlives the pacer,
    /// the pacer its tickets.
    Pacer(TimerWheel& wheel, const PacerLimits& limits);
    ~Pacer();
    void set_limits(const PacerLimits& limits);

    /// Lines up for a REGISTER to `server`; the turn comes within this call or later. A ticket that
    /// is held already keeps its place in the window of the same server and waits for the rate
    /// alone; one that waits already moves.
    void ask(Ticket& ticket, const dataplane::Endpoint& server, const PacerLimits& of_server,
             Urgency urgency, Instant now);
    /// The attempt has ended or is not wanted any more: leaves the line or frees the window.
    void done(Ticket& ticket, Instant now);

    std::size_t waiting() const;
    std::size_t held() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
