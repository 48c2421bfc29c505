// Every waiting ticket is in one list of its server's line, every line whose head may go now is in
// one of two rings, and every line that waits for its rate has a timer. So each step is O(1),
// whatever waits.
#include "sipstack/registration/pacer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace trunkline::sipstack {
namespace {

using Nanoseconds = std::chrono::duration<int64_t, std::nano>;
using Moment = std::chrono::time_point<ApplianceClock, Nanoseconds>;

/// The wheel's.
constexpr Nanoseconds tick = Milliseconds{1};

/// Intrusive and first in, first out. A node is in one list at a time at most.
template <typename Node>
class Queue {
public:
    Node* front() const { return first_; }
    void push(Node& node) {
        node.previous = last_;
        node.next = nullptr;
        (last_ == nullptr ? first_ : last_->next) = &node;
        last_ = &node;
    }
    void remove(Node& node) {
        (node.previous == nullptr ? first_ : node.previous->next) = node.next;
        (node.next == nullptr ? last_ : node.next->previous) = node.previous;
    }

private:
    Node* first_ = nullptr;
    Node* last_ = nullptr;
};

/// Even spacing: GCRA without burst. A turn that came within a tick after its moment counts as of
/// its moment, so that the wheel's granularity costs no rate.
class Spacing {
public:
    void set_rate(double rate) {
        interval_ = Nanoseconds(rate > 0 ? static_cast<int64_t>(std::ceil(1e9 / rate)) : 0);
    }
    Moment opens_at() const { return last_ + interval_; }
    bool is_open(Moment now) const { return opens_at() <= now; }
    /// Precondition: is_open(now).
    void pass(Moment now) { last_ = opens_at() > now - tick ? opens_at() : now; }

private:
    Nanoseconds interval_{0};
    Moment last_{std::chrono::hours{-24 * 365}};
};

}  // namespace

/// All that concerns one server.
struct Pacer::Line {
    using Place = Ticket::Place;

    Line(State& state, const dataplane::Endpoint& endpoint) : owner(state), server(endpoint) {}

    Queue<Place>& queue_of(const Place& place) {
        return queues[std::to_underlying(place.urgency)][place.is_held ? 1 : 0];
    }
    /// Who goes next as far as urgency, arrival and window say; nullptr: nobody.
    Place* head() const;
    void on_wake(Instant now);

    State& owner;
    const dataplane::Endpoint server;
    Spacing spacing;
    unsigned window = 0;
    std::size_t waiting = 0;
    std::size_t held = 0;
    /// By urgency; then those that need a place in the window, and those that have one.
    std::array<std::array<Queue<Place>, 2>, 2> queues;
    Queue<Line>* ring = nullptr;  ///< where it takes turns with others
    Line* previous = nullptr;
    Line* next = nullptr;
    Timer wake{[this](Instant now) { on_wake(now); }};
};

struct Pacer::State {
    using Place = Ticket::Place;

    State(TimerWheel& timer_wheel, const PacerLimits& limits)
        : wheel(timer_wheel), clock(timer_wheel.now()) {
        spacing.set_rate(limits.rate);
    }

    void see(Instant now) { clock = std::max(clock, now); }
    /// For timers and what they call: they are told when they were due, which may be long ago.
    void see_due(Instant due) { see(std::max(due, wheel.target() - max_catch_up)); }

    void join(Place& place, Line& line, Urgency urgency);
    void stop_waiting(Place& place);
    void leave(Place& place);
    void settle(Line& line);
    Line* ready_line() const;
    void dispatch();
    void serve(Line& line);

    TimerWheel& wheel;
    Instant clock;  ///< the latest time that was heard of
    Spacing spacing;
    std::unordered_map<dataplane::Endpoint, Line> lines;
    std::array<Queue<Line>, 2> rings;  ///< by urgency: lines that only the page's rate holds up
    std::size_t waiting = 0;
    std::size_t held = 0;
    uint64_t arrivals = 0;
    bool is_dispatching = false;
    Timer wake{[this](Instant due) {
        see_due(due);
        dispatch();
    }};
};

Pacer::Ticket::Place* Pacer::Line::head() const {
    const bool is_window_open = window == 0 || held < window;
    for (const Urgency urgency : {Urgency::urgent, Urgency::normal}) {
        const auto& [needing, having] = queues[std::to_underlying(urgency)];
        Place* const one = is_window_open ? needing.front() : nullptr;
        Place* const other = having.front();
        if (one != nullptr && (other == nullptr || one->arrival < other->arrival)) {
            return one;
        }
        if (other != nullptr) {
            return other;
        }
    }
    return nullptr;
}

void Pacer::Line::on_wake(Instant now) {
    State& state = owner;  // settle() may forget this line
    state.see_due(now);
    state.settle(*this);
    state.dispatch();
}

void Pacer::State::join(Place& place, Line& line, Urgency urgency) {
    place.pacer = this;
    place.line = &line;
    place.urgency = urgency;
    place.arrival = ++arrivals;
    place.is_waiting = true;
    line.queue_of(place).push(place);
    ++line.waiting;
    ++waiting;
}

void Pacer::State::stop_waiting(Place& place) {
    if (place.is_waiting) {
        Line& line = *place.line;
        line.queue_of(place).remove(place);
        place.is_waiting = false;
        --line.waiting;
        --waiting;
    }
}

void Pacer::State::leave(Place& place) {
    Line* const line = place.line;
    if (line == nullptr) {
        return;
    }
    stop_waiting(place);
    if (place.is_held) {
        place.is_held = false;
        --line->held;
        --held;
    }
    place.line = nullptr;
    settle(*line);
}

/// Puts a line where it belongs after anything has changed about it; forgets it when nothing of it
/// matters any more.
void Pacer::State::settle(Line& line) {
    const Place* const head = line.head();
    const bool is_open = line.spacing.is_open(clock);
    Queue<Line>* const ring =
        head != nullptr && is_open ? &rings[std::to_underlying(head->urgency)] : nullptr;
    if (line.ring != ring) {
        if (line.ring != nullptr) {
            line.ring->remove(line);
        }
        if (ring != nullptr) {
            ring->push(line);
        }
        line.ring = ring;
    }
    line.wake.cancel();
    const bool is_idle = line.waiting == 0 && line.held == 0;
    if (!is_open && (head != nullptr || is_idle)) {
        wheel.schedule(line.wake, std::chrono::ceil<Milliseconds>(line.spacing.opens_at()));
    } else if (is_idle) {
        lines.erase(dataplane::Endpoint{line.server});
    }
}

Pacer::Line* Pacer::State::ready_line() const {
    Line* const urgent = rings[std::to_underlying(Urgency::urgent)].front();
    return urgent != nullptr ? urgent : rings[std::to_underlying(Urgency::normal)].front();
}

void Pacer::State::dispatch() {
    if (is_dispatching) {
        return;  // called from a turn: the loop below goes on
    }
    is_dispatching = true;
    wake.cancel();
    Line* line = ready_line();
    for (; line != nullptr && spacing.is_open(clock); line = ready_line()) {
        serve(*line);
    }
    if (line != nullptr) {
        wheel.schedule(wake, std::chrono::ceil<Milliseconds>(spacing.opens_at()));
    }
    is_dispatching = false;
}

void Pacer::State::serve(Line& line) {
    Place& place = *line.head();
    stop_waiting(place);
    if (!place.is_held) {
        place.is_held = true;
        ++line.held;
        ++held;
    }
    line.spacing.pass(clock);
    spacing.pass(clock);
    // To the end of its ring, so that the others have their turn first.
    std::exchange(line.ring, nullptr)->remove(line);
    settle(line);
    // A copy, as the turn may destroy its ticket.
    const std::function<void(Instant)> turn = place.turn;
    turn(clock);
}

Pacer::Ticket::Ticket(std::function<void(Instant now)> turn) : place_{std::move(turn)} {}

Pacer::Ticket::~Ticket() {
    if (place_.line != nullptr) {
        State& pacer = *place_.pacer;
        pacer.leave(place_);
        // Not at once: nobody expects to be called from within a destructor.
        pacer.wheel.schedule(pacer.wake, pacer.wheel.now());
    }
}

Pacer::Pacer(TimerWheel& wheel, const PacerLimits& limits)
    : state_(std::make_unique<State>(wheel, limits)) {}

Pacer::~Pacer() = default;

void Pacer::set_limits(const PacerLimits& limits) {
    state_->spacing.set_rate(limits.rate);
    state_->wheel.schedule(state_->wake, state_->wheel.now());
}

void Pacer::ask(Ticket& ticket, const dataplane::Endpoint& server, const PacerLimits& of_server,
                Urgency urgency, Instant now) {
    State& state = *state_;
    Ticket::Place& place = ticket.place_;
    state.see_due(now);
    Line& line = state.lines.try_emplace(server, state, server).first->second;
    line.spacing.set_rate(of_server.rate);
    line.window = of_server.window;
    if (place.line != &line) {
        state.leave(place);
        state.join(place, line, urgency);
    } else if (!place.is_waiting || place.urgency != urgency) {
        state.stop_waiting(place);
        state.join(place, line, urgency);
    }
    state.settle(line);
    state.dispatch();
}

void Pacer::done(Ticket& ticket, Instant now) {
    state_->see_due(now);
    state_->leave(ticket.place_);
    state_->dispatch();
}

std::size_t Pacer::waiting() const {
    return state_->waiting;
}

std::size_t Pacer::held() const {
    return state_->held;
}

std::size_t Pacer::lines() const {
    return state_->lines.size();
}

}  // namespace trunkline::sipstack
