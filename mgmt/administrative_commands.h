// Locks and unlocks the appliance, and knows which of both it is: at power-on it is unlocked.
#pragma once

#include "mgmt/command_table.h"
#include "sipstack/administrative_state.h"

#include <functional>
#include <string>

namespace trunkline::mgmt {

/// Lives on the control thread.
class AdministrativeCommands {
public:
    using State = sipstack::AdministrativeState;
    struct World {
        /// Has all shards go by it, and calls `done` when they do.
        std::function<void(State state, std::function<void()> done)> tell_shards;
        /// A line of the activity log: who did what.
        std::function<void(const std::string& who, const std::string& what)> note;
        /// Told of each change, and never of what is so already.
        std::function<void(State state)> changed;
    };

    explicit AdministrativeCommands(World world) : world_(std::move(world)) {}

    /// "lock" and "unlock" -> {"ok": true, "changed"} (false: it was so already). There are no
    /// calls in this version, so it acts at once, however gracefully it is asked to.
    void add_to(CommandTable& table);
    /// As it was asked for last, whether or not the shards know already.
    bool is_locked() const { return state_ == State::locked; }

private:
    void set(State state, const Caller& caller, const Reply& reply);

    const World world_;
    State state_ = State::unlocked;
};

}  // namespace trunkline::mgmt
