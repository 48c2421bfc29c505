// The way into the control thread for all others: REST's threads ask here what the local socket's
// clients ask there.
#pragma once

#include "board/event_loop.h"
#include "mgmt/access/caller.h"
#include "mgmt/command_table.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace trunkline::mgmt {

/// Made, stopped and destroyed on the control thread; ask() is for every other thread, any number
/// of them at once. Stop it and join the threads that ask before it is destroyed.
class ControlGate {
public:
    /// Requests that wait for the control thread at once; one more is refused.
    static constexpr std::size_t most_waiting = 256;

    /// Both outlive this.
    ControlGate(const CommandTable& commands, board::EventLoop& loop);
    ~ControlGate();
    ControlGate(const ControlGate&) = delete;
    ControlGate& operator=(const ControlGate&) = delete;

    /// Blocks until the reply is there, for `patience` at most. A refusal says so when nothing came
    /// in time (and whether the request was begun: one that was not never will be), when too many
    /// wait, and when the appliance stops; {"unavailable": true} is in these. On the control thread
    /// it is refused, as nobody could answer.
    nlohmann::json ask(const nlohmann::json& request, const Caller& caller,
                       std::chrono::milliseconds patience) const;

    /// Refuses whoever waits and whoever comes later.
    void stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace trunkline::mgmt
