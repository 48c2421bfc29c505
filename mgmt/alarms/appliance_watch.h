// Follows what operators want to be told of: registrations, servers of proxy sets, links, the
// configuration. Raises and clears the alarms, and publishes the events. On the control thread.
#pragma once

#include "board/event_loop.h"
#include "board/port.h"
#include "mgmt/alarms/alarm_table.h"
#include "mgmt/alarms/event_hub.h"
#include "mgmt/command_table.h"
#include "sipstack/shard_group.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace trunkline::mgmt {

class ApplianceWatch {
public:
    /// A look at all registrations takes a shard some microseconds each, in slices: there is one a
    /// second for each thousand of them, so that it never costs more than a few tenths of a per
    /// cent.
    static constexpr std::size_t rows_a_second = 1000;
    /// Changes that one look tells one by one; more are told as a number.
    static constexpr std::size_t most_told = 200;

    /// All of it outlives the watch, whose questions may be answered after it has gone.
    ApplianceWatch(board::EventLoop& loop, sipstack::ShardGroup& shards,
                   std::span<const std::unique_ptr<board::Port>> ports, CommandTable& commands);
    ~ApplianceWatch();
    ApplianceWatch(const ApplianceWatch&) = delete;
    ApplianceWatch& operator=(const ApplianceWatch&) = delete;

    /// "alarms active" and "alarms history" with "limit", "after", "before" -> "alarms": [{id,
    /// name, source, description, severity, date}...], "after", "before" (null: no more); "alarm"
    /// with "table" (active, history) and "id" -> "alarm". "registration counts" -> "total",
    /// "registered", "failed", "attempts", as of the last look.
    void add_to(CommandTable& table);

    EventHub& events();

private:
    struct State;
    const std::shared_ptr<State> state_;
};

}  // namespace trunkline::mgmt
