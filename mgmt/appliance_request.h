// One question to the running appliance, and its answer or what stands against it.
#pragma once

#include "board/error.h"
#include "mgmt/command_line.h"

#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

/// Sends `request` to the socket of the command line. A refusal is an error with its text; what
/// else it said is in the reply that `refused` gets.
board::Expected<nlohmann::json> request_appliance(const CommandLine& command_line,
                                                  const nlohmann::json& request,
                                                  nlohmann::json* refused = nullptr);

}  // namespace trunkline::mgmt
