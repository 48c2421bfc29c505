#include "mgmt/command_table.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

namespace trunkline::mgmt {

using nlohmann::json;

json refusal(const std::string& why) {
    return {{"ok", false}, {"error", why}};
}

json denied(const std::string& what, AccessLevel needed, const Caller& caller) {
    json answer =
        refusal(fmt::format("{} needs the level {}, and {} has {}; ask someone who has it", what,
                            to_text(needed), caller.who, to_text(caller.level)));
    answer["denied"] = true;
    return answer;
}

void CommandTable::add(std::string name, AccessLevel needed, RequestHandler handler) {
    commands_.insert_or_assign(std::move(name), Command{needed, std::move(handler)});
}

void CommandTable::answer(const json& request, const Caller& caller, const Reply& reply) const {
    const std::string name = request.is_object() ? text_in(request, "command") : "";
    const auto found = commands_.find(name);
    if (found == commands_.end()) {
        std::vector<std::string> known;
        for (const auto& [command, unused] : commands_) {
            known.push_back(fmt::format("'{}'", command));
        }
        reply(refusal(
            fmt::format("unknown command '{}'; known are {}", name, fmt::join(known, ", "))));
        return;
    }
    const Command& command = found->second;
    if (caller.level < command.needed) {
        reply(denied(fmt::format("'{}'", name), command.needed, caller));
        return;
    }
    try {
        command.handler(request, caller, reply);
    } catch (const json::exception&) {
        reply(refusal("the request lacks a value, or one has a wrong type"));
    }
}

}  // namespace trunkline::mgmt
