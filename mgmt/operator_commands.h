// What an operator makes the running appliance do: register, un-register.
#pragma once

#include "mgmt/command_table.h"
#include "sipstack/shard_group.h"

#include <functional>
#include <string>

namespace trunkline::mgmt {

class OperatorCommands {
public:
    /// A line of the activity log: who did what.
    using Note = std::function<void(const std::string& who, const std::string& what)>;

    /// What it refers to outlives this.
    OperatorCommands(sipstack::ShardGroup& shards, Note note, std::function<bool()> is_locked);

    /// "register" and "unregister" with "target": "all", "device", "trunk group N" or the name of a
    /// row -> {"ok": true, "count"}. A locked appliance registers nothing:
    /// {"ok": false, "conflict": true, "error"}. "enable" -> {"ok": true} to whoever may do more
    /// than look.
    void add_to(CommandTable& table);

private:
    enum class Action { register_now, unregister };
    void act(Action action, const nlohmann::json& request, const Caller& caller, Reply reply);

    sipstack::ShardGroup& shards_;
    const Note note_;
    const std::function<bool()> is_locked_;
};

/// "all", "device", "trunk group 1", "trunk-group 1", "account office", "office".
sipstack::RegistrantSelector selector_of(const std::string& target);

}  // namespace trunkline::mgmt
