// What an operator makes the running appliance do: register, un-register.
#pragma once

#include "mgmt/command_table.h"
#include "sipstack/shard_group.h"

#include <string>

namespace trunkline::mgmt {

class OperatorCommands {
public:
    /// The shards outlive this.
    explicit OperatorCommands(sipstack::ShardGroup& shards) : shards_(shards) {}

    /// "register" and "unregister" with "target": "all", "device", "trunk group N" or the name of a
    /// row -> {"ok": true, "count"}. "enable" -> {"ok": true} to whoever may do more than look.
    void add_to(CommandTable& table);

private:
    enum class Action { register_now, unregister };
    void act(Action action, const nlohmann::json& request, Reply reply);

    sipstack::ShardGroup& shards_;
};

/// "all", "device", "trunk group 1", "trunk-group 1", "account office", "office".
sipstack::RegistrantSelector selector_of(const std::string& target);

}  // namespace trunkline::mgmt
