// The commands that the appliance answers over its local socket, by name.
#pragma once

#include "mgmt/local_socket.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace trunkline::mgmt {

/// Lives on the control thread.
class CommandTable {
public:
    /// `name` is the request's "command". Each name once.
    void add(std::string name, RequestHandler handler);
    /// Hands the request to its handler; an unknown one is answered {"ok": false, "error"} with the
    /// names that are known.
    void answer(const nlohmann::json& request, Reply reply) const;

private:
    std::map<std::string, RequestHandler> handlers_;
};

/// {"ok": false, "error": `why`}
nlohmann::json refusal(const std::string& why);

}  // namespace trunkline::mgmt
