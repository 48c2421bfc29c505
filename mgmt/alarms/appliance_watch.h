// Follows what operators want to be told of: registrations, servers of proxy sets, DNS, links, the
// hardware, overload, certificates, the configuration. Raises and clears the alarms, and publishes
// the events. On the control thread.
#pragma once

#include "board/event_loop.h"
#include "board/hardware.h"
#include "board/port.h"
#include "mgmt/alarms/alarm_table.h"
#include "mgmt/alarms/event_hub.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/node.h"
#include "sipstack/administrative_state.h"
#include "sipstack/shard_group.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace trunkline::mgmt {

class ApplianceWatch {
public:
    /// A whole look at all registrations takes a shard some microseconds each, in slices: there is
    /// one a second for each thousand of them, so that it never costs more than a few tenths of a
    /// per cent.
    static constexpr std::size_t rows_a_second = 1000;
    /// In between the shards glance at their rows, which takes a tenth of that and tells what has
    /// changed and what fails: each second for each so many of them, and for more of them while
    /// somebody listens to the events.
    static constexpr std::size_t glances_a_second = 10'000, glances_a_second_when_heard = 100'000;
    /// Changes that one look of a shard tells one by one; more are told as a number (the event
    /// "registrations"), and whoever wants to know them asks for the registrations anew.
    static constexpr std::size_t most_told = 200;

    /// What acts now.
    using Configuration = std::function<const ApplianceConfig&()>;

    /// All of it outlives the watch, whose questions may be answered after it has gone. `running`
    /// is the running configuration as a tree, for the rows of accounts. `on_alarm` hears of what
    /// is raised, changed or cleared, as those do who listen to events().
    ApplianceWatch(board::EventLoop& loop, sipstack::ShardGroup& shards,
                   std::span<const std::unique_ptr<board::Port>> ports,
                   const board::Hardware& hardware, CommandTable& commands, Configuration config,
                   std::function<ConfigNodePtr()> running, std::string startup_file,
                   AlarmTable::Listener on_alarm);
    ~ApplianceWatch();
    ApplianceWatch(const ApplianceWatch&) = delete;
    ApplianceWatch& operator=(const ApplianceWatch&) = delete;

    /// "alarms active" and "alarms history" with "limit", "after", "before" -> "alarms": [{id,
    /// name, source, description, severity, date}...], "after", "before" (null: no more), "total"
    /// (of the table); "alarm" with "table" (active, history) and "id" -> "alarm". "registration
    /// counts" -> "total", "registered", "failed", "attempts", as of the last look.
    void add_to(CommandTable& table);

    /// At once, and not with the next look.
    void take_administrative_state(sipstack::AdministrativeState state);

    EventHub& events();

private:
    struct State;
    const std::shared_ptr<State> state_;
};

}  // namespace trunkline::mgmt
