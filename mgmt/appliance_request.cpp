#include "mgmt/appliance_request.h"

#include "mgmt/configuration/appliance_config.h"
#include "mgmt/json_fields.h"
#include "mgmt/local_socket.h"

#include <cstdlib>

namespace trunkline::mgmt {

using nlohmann::json;

std::string local_socket_of(const CommandLine& command_line) {
    const char* const given = std::getenv("TRUNKLINE_SOCKET");
    if (!command_line.socket.empty() || given == nullptr) {
        return command_line.socket.empty() ? AdministrationConfig{}.local_socket
                                           : command_line.socket;
    }
    return given;
}

board::Expected<json> request_appliance(const CommandLine& command_line, const json& request,
                                        json* refused) {
    auto reply = ask_appliance(local_socket_of(command_line), request);
    if (!reply || flag_in(*reply, "ok")) {
        return reply;
    }
    const std::string error = text_in(*reply, "error");
    if (refused != nullptr) {
        *refused = *reply;
    }
    return std::unexpected(board::Error{error.empty() ? "the appliance gave no reason" : error});
}

}  // namespace trunkline::mgmt
