// The commands that the appliance answers, by name, and the level that each needs.
#pragma once

#include "mgmt/access/caller.h"
#include "mgmt/request_handler.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace trunkline::mgmt {

/// Lives on the control thread.
class CommandTable {
public:
    /// `name` is the request's "command". Each name once. A handler may ask for more than `needed`
    /// where it depends on what is asked.
    void add(std::string name, AccessLevel needed, RequestHandler handler);
    /// Hands the request to its handler. Answered here: {"ok": false, "error"} to an unknown
    /// command, with the names that are known, and to a request that lacks a value or has one of a
    /// wrong type; denied() to a caller below the command's level.
    void answer(const nlohmann::json& request, const Caller& caller, const Reply& reply) const;

private:
    struct Command {
        AccessLevel needed;
        RequestHandler handler;
    };
    std::map<std::string, Command> commands_;
};

/// {"ok": false, "error": `why`}
nlohmann::json refusal(const std::string& why);
/// {"ok": false, "error", "denied": true}; `what` is what was asked for: "'register'".
nlohmann::json denied(const std::string& what, AccessLevel needed, const Caller& caller);

}  // namespace trunkline::mgmt
