#include "mgmt/operator_client.h"

#include "mgmt/appliance_request.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>

#include <filesystem>

namespace trunkline::mgmt {

using nlohmann::json;

int act(const CommandLine& command_line, const char* command, std::ostream& out,
        std::ostream& errors) {
    const auto reply =
        request_appliance(command_line, {{"command", command}, {"target", command_line.target}});
    if (!reply) {
        errors << reply.error().message << '\n';
        return 1;
    }
    const int64_t count = number_in(*reply, "count");
    out << fmt::format("{}: {} registration{}\n", command, count, count == 1 ? "" : "s");
    return 0;
}

int apply(const CommandLine& command_line, std::ostream& out, std::ostream& errors) {
    // The appliance may run in another folder.
    std::error_code no_folder;
    const auto path = std::filesystem::absolute(command_line.config, no_folder);
    json refused;
    const auto reply = request_appliance(
        command_line, {{"command", "apply"}, {"config", path.string()}}, &refused);
    if (!reply) {
        for (const json& fault : list_in(refused, "faults")) {
            errors << (fault.is_string() ? fault.get<std::string>() : "") << '\n';
        }
        errors << reply.error().message << '\n';
        return 1;
    }
    out << fmt::format("applied: {} new, {} removed, {} kept\n", number_in(*reply, "added"),
                       number_in(*reply, "removed"), number_in(*reply, "kept"));
    return 0;
}

}  // namespace trunkline::mgmt
