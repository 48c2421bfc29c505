// "ping": one ICMP echo request from the appliance's own network, for operators who look for a
// fault (RFC 792, RFC 4443 4).
#pragma once

#include "board/event_loop.h"
#include "mgmt/command_table.h"

#include <chrono>
#include <cstddef>
#include <memory>

namespace trunkline::mgmt {

/// Lives on the control thread, whose network namespace is the one that is asked from. Needs
/// CAP_NET_RAW; without it each request is refused.
class PingCommand {
public:
    /// Requests that wait for their answer; one more is refused.
    static constexpr std::size_t most_waiting = 32;

    /// The loop outlives it. An echo that takes longer than `patience` is lost.
    explicit PingCommand(board::EventLoop& loop,
                         std::chrono::milliseconds patience = std::chrono::seconds(1));
    ~PingCommand();

    /// "ping" with "host", an address -> {"ok": true, "from", "round_trip_ms"}, or {"ok": true,
    /// "reason"} where no echo came.
    void add_to(CommandTable& table);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace trunkline::mgmt
