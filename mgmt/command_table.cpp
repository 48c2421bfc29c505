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

void CommandTable::add(std::string name, RequestHandler handler) {
    handlers_.insert_or_assign(std::move(name), std::move(handler));
}

void CommandTable::answer(const json& request, Reply reply) const {
    const std::string name = request.is_object() ? text_in(request, "command") : "";
    const auto handler = handlers_.find(name);
    if (handler != handlers_.end()) {
        handler->second(request, std::move(reply));
        return;
    }
    std::vector<std::string> known;
    for (const auto& [command, unused] : handlers_) {
        known.push_back(fmt::format("'{}'", command));
    }
    reply(refusal(fmt::format("unknown command '{}'; known are {}", name, fmt::join(known, ", "))));
}

}  // namespace trunkline::mgmt
