// One question to the running appliance, and its answer or what stands against it.
#pragma once

#include "board/error.h"
#include "mgmt/command_line.h"

#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

/// The socket of the command line, else that of the environment (TRUNKLINE_SOCKET), which sshd
/// gives a login shell, else the usual one.
std::string local_socket_of(const CommandLine& command_line);

/// Sends `request` to the socket of the command line. A refusal is an error with its text; what
/// else it said is in the reply that `refused` gets.
board::Expected<nlohmann::json> request_appliance(const CommandLine& command_line,
                                                  const nlohmann::json& request,
                                                  nlohmann::json* refused = nullptr);

}  // namespace trunkline::mgmt
