#include "mgmt/appliance_request.h"

#include "mgmt/configuration/appliance_config.h"
#include "mgmt/json_fields.h"
#include "mgmt/local_socket.h"

namespace trunkline::mgmt {

using nlohmann::json;

board::Expected<json> request_appliance(const CommandLine& command_line, const json& request,
                                        json* refused) {
    const std::string socket =
        command_line.socket.empty() ? AdministrationConfig{}.local_socket : command_line.socket;
    auto reply = ask_appliance(socket, request);
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
