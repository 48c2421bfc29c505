// A request to the appliance and the way its answer goes back, whoever carries them.
#pragma once

#include "mgmt/access/caller.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>

namespace trunkline::mgmt {

/// Answers later or at once, on the control thread; safe to call after the client has gone.
using Reply = std::function<void(const nlohmann::json& reply)>;
using RequestHandler =
    std::function<void(const nlohmann::json& request, const Caller& caller, Reply reply)>;

}  // namespace trunkline::mgmt
