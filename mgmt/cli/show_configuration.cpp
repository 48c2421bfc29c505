// show running-config and what became of the configuration.
#include "mgmt/cli/config_rows.h"
#include "mgmt/cli/full_configuration.h"
#include "mgmt/cli/readable_secrets.h"
#include "mgmt/cli/script.h"
#include "mgmt/cli/show.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/json_tree.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

bool show_text(const CliCall& call, const char* from, const std::string& area) {
    if (call.as_json) {
        const auto answer = with_readable_secrets(
            call, {{"command", "configuration get"}, {"from", from}, {"path", ""}});
        return answer && call.print_json(answer->at("configuration"));
    }
    const auto answer = with_readable_secrets(
        call,
        {{"command", "configuration text"}, {"format", "cli"}, {"from", from}, {"area", area}});
    return answer && call.print(text_in(*answer, "text"));
}

/// With the parameters that have their defaults.
bool show_full(const CliCall& call, const std::string& area) {
    const auto answer = with_readable_secrets(
        call, {{"command", "configuration get"}, {"from", "running"}, {"path", ""}});
    if (!answer) {
        return false;
    }
    const auto root = from_json(answer->at("configuration"));
    if (!root) {
        return call.fail(root.error().to_string());
    }
    return call.print(write_script(full_configuration(*root, call.catalogue), call.catalogue, area,
                                   secret_in_clear));
}

bool show_running(const CliCall& call) {
    const bool is_full = !call.arguments.empty() && call.arguments.back() == "full";
    const std::string area =
        call.arguments.empty() || call.arguments.front() == "full" ? "" : call.arguments.front();
    return is_full && !call.as_json ? show_full(call, area) : show_text(call, "running", area);
}

bool show_startup(const CliCall& call) {
    return show_text(call, "startup", "");
}

bool show_status(const CliCall& call) {
    auto answer = call.answer_to({{"command", "configuration status"}});
    if (!answer) {
        return false;
    }
    answer->erase("ok");
    if (call.as_json) {
        return call.print_json(*answer);
    }
    return call.print(fmt::format(
        "Revision: {}\nSave needed: {}\nReset needed: {}\n"
        "Startup file: {}\n",
        number_in(*answer, "revision"), flag_in(*answer, "save_needed") ? "yes" : "no",
        flag_in(*answer, "reset_needed") ? "yes" : "no", text_in(*answer, "startup_file")));
}

std::string when_of(const json& row) {
    const std::string when = plain_value(row, "when");
    return when.empty() ? "-" : when;
}

bool show_versions(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "configuration status"}});
    if (!answer) {
        return false;
    }
    const json versions = list_in(*answer, "versions");
    if (call.as_json) {
        return call.print_json(versions);
    }
    for (const json& version : versions) {
        call.print(fmt::format("{:>3}  {}\n", number_in(version, "number"), when_of(version)));
    }
    return call.print(
        fmt::format("{} version{}\n", versions.size(), versions.size() == 1 ? "" : "s"));
}

bool show_changes(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "configuration status"}});
    if (!answer) {
        return false;
    }
    const json changes = list_in(*answer, "last_changes");
    if (call.as_json) {
        return call.print_json(changes);
    }
    for (const json& change : changes) {
        call.print(fmt::format("{}  {}  {}\n", number_in(change, "revision"), when_of(change),
                               text_in(change, "who")));
        for (const json& line : list_in(change, "differences")) {
            call.print(
                fmt::format("    {}\n", line.is_string() ? line.get<std::string>() : line.dump()));
        }
    }
    return true;
}

bool show_difference(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "configuration unsaved"}});
    if (!answer) {
        return false;
    }
    if (call.as_json) {
        return call.print_json(list_in(*answer, "differences"));
    }
    return number_in(*answer, "all_differences") == 0
               ? call.print("The running configuration is the saved one\n")
               : print_differences(call, *answer);
}

}  // namespace

bool print_differences(const CliCall& call, const json& answer) {
    const json differences = list_in(answer, "differences");
    for (const json& difference : differences) {
        call.print(text_in(difference, "text") + "\n");
    }
    const auto left_out =
        number_in(answer, "all_differences") - static_cast<int64_t>(differences.size());
    return left_out > 0 ? call.print(fmt::format("and {} more\n", left_out)) : true;
}

void add_configuration_shows(CliCommandTable& table) {
    constexpr const char* areas = "voip|network|system|troubleshoot";
    table.add({"show running-config", "the configuration as a script", true, show_running});
    table.add({"show running-config full", "with defaults", true, [](const CliCall& call) {
                   CliCall full = call;
                   full.arguments = {"full"};
                   return show_running(full);
               }});
    table.add({fmt::format("show running-config {}", areas), "of one area", true, show_running});
    table.add({fmt::format("show running-config {} full", areas), "with defaults", true,
               [](const CliCall& call) {
                   CliCall full = call;
                   full.arguments.emplace_back("full");
                   return show_running(full);
               }});
    table.add({"show startup-config", "what the appliance starts with", true, show_startup});
    table.add({"show configuration", "how the configuration is", true, {}});
    table.add(
        {"show configuration status", "whether a save or a reload is needed", true, show_status});
    table.add({"show configuration diff", "what 'write' would keep, and a reload loses", true,
               show_difference});
    table.add({"show configuration versions", "what 'rollback' goes back to", true, show_versions});
    table.add({"show configuration changes", "who changed what and when", true, show_changes});
}

}  // namespace trunkline::mgmt
