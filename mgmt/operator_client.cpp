#include "mgmt/operator_client.h"

#include "mgmt/appliance_request.h"
#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/configuration/difference.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

/// What was read and does not act as written.
void print_notes(const json& reply, std::ostream& out) {
    for (const json& note : list_in(reply, "notes")) {
        out << (note.is_string() ? note.get<std::string>() : "") << '\n';
    }
}

/// What changes, and what was read and does not act as written.
void print_change(const json& reply, std::ostream& out) {
    const json differences = list_in(reply, "differences");
    for (const json& difference : differences) {
        out << text_in(difference, "text") << '\n';
    }
    const int64_t all = number_in(reply, "all_differences");
    if (const auto listed = static_cast<int64_t>(differences.size()); all > listed) {
        out << fmt::format("and {} more differences\n", all - listed);
    }
    print_notes(reply, out);
}

/// The answer of the appliance to the file; what stands against it is told.
std::optional<json> ask_to_apply(const CommandLine& command_line, bool preview,
                                 std::ostream& errors) {
    // The appliance may run in another folder.
    std::error_code no_folder;
    const auto path = std::filesystem::absolute(command_line.config, no_folder);
    json refused;
    auto reply = request_appliance(
        command_line, {{"command", "apply"}, {"config", path.string()}, {"preview", preview}},
        &refused);
    if (reply) {
        return *std::move(reply);
    }
    for (const json& fault : list_in(refused, "faults")) {
        errors << text_in(fault, "message") << '\n';
    }
    print_notes(refused, errors);
    errors << reply.error().message << '\n';
    return std::nullopt;
}

}  // namespace

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
    const auto reply = ask_to_apply(command_line, false, errors);
    if (!reply) {
        return 1;
    }
    print_change(*reply, out);
    if (const std::string waits = text_in(*reply, "waits"); !waits.empty()) {
        out << waits << '\n';
    } else {
        out << fmt::format("applied: {} new, {} removed, {} kept\n", number_in(*reply, "added"),
                           number_in(*reply, "removed"), number_in(*reply, "kept"));
    }
    if (flag_in(*reply, "reset_needed")) {
        out << "a reset is needed for what is marked so\n";
    }
    return 0;
}

int show_difference(const CommandLine& command_line, std::ostream& out, std::ostream& errors) {
    if (command_line.against.empty()) {
        const auto reply = ask_to_apply(command_line, true, errors);
        if (!reply) {
            return 1;
        }
        print_change(*reply, out);
        out << text_in(*reply, "waits") << (text_in(*reply, "waits").empty() ? "" : "\n");
        return 0;
    }
    const Catalogue catalogue = built_in_catalogue();
    std::array<ConfigNodePtr, 2> trees;
    for (std::size_t at = 0;
         const std::string* path : {&command_line.against, &command_line.config}) {
        const auto loaded = load_configuration(*path, catalogue);
        if (!loaded) {
            for (const ConfigFault& fault : loaded.error().faults) {
                errors << fault.to_string() << '\n';
            }
            return 1;
        }
        trees[at++] = canonical(loaded->root, catalogue);
    }
    for (const ConfigDifference& found : difference(*trees[0], *trees[1], catalogue)) {
        out << found.to_string() << '\n';
    }
    return 0;
}

}  // namespace trunkline::mgmt
