// What an operator makes the running appliance do over its local socket: register, un-register,
// apply another configuration.
#pragma once

#include "board/error.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/appliance_config.h"
#include "sipstack/shard_group.h"

#include <functional>

namespace trunkline::mgmt {

class OperatorCommands {
public:
    /// Makes a checked configuration the running one and then tells what it changed; an error says
    /// why it cannot without a restart, and nothing was changed.
    using Apply = std::function<board::Expected<void>(
        ApplianceConfig config, std::function<void(sipstack::ConfigChange)> done)>;

    /// The shards outlive this.
    OperatorCommands(sipstack::ShardGroup& shards, Apply apply);

    /// "register" and "unregister" with "target": "all", "device", "trunk group N" or the name of a
    /// row -> {"ok": true, "count"}; "apply" with "config", the path of a file -> {"ok": true,
    /// "added", "removed", "kept"}, or {"ok": false, "error", "faults": [text...]}.
    void add_to(CommandTable& table);

private:
    enum class Action { register_now, unregister };
    void act(Action action, const nlohmann::json& request, Reply reply);
    void apply(const nlohmann::json& request, const Reply& reply);

    sipstack::ShardGroup& shards_;
    const Apply apply_;
};

/// "all", "device", "trunk group 1", "trunk-group 1", "account office", "office".
sipstack::RegistrantSelector selector_of(const std::string& target);

}  // namespace trunkline::mgmt
