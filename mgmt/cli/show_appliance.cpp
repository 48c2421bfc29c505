// show registration, proxy-sets, counters, not-in-effect: the views that `trunkline show` has.
#include "mgmt/cli/show.h"
#include "mgmt/counters_view.h"
#include "mgmt/json_fields.h"
#include "mgmt/not_in_effect_view.h"
#include "mgmt/proxy_set_view.h"
#include "mgmt/registration_view.h"
#include "mgmt/trace_view.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

bool show_registration(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "show registration"}});
    if (!answer) {
        return false;
    }
    json rows = list_in(*answer, "registrations");
    if (!call.arguments.empty()) {
        json named = json::array();
        for (json& row : rows) {
            if (text_in(row, "name") == call.arguments.front()) {
                named.push_back(std::move(row));
            }
        }
        rows = std::move(named);
        if (rows.empty()) {
            return call.fail(fmt::format("nothing registers as '{}'", call.arguments.front()));
        }
    }
    return call.as_json ? call.print_json(rows) : call.print(registration_table(rows, false));
}

bool show_trace(const CliCall& call) {
    const std::string& name = call.arguments.front();
    const auto answer = call.answer_to({{"command", "show trace"}, {"name", name}});
    if (!answer) {
        return false;
    }
    const json flows = list_in(*answer, "flows");
    return call.as_json ? call.print_json(flows) : call.print(trace_ladder(name, flows));
}

bool show_proxy_sets(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "show proxy-sets"}});
    if (!answer) {
        return false;
    }
    const json rows = list_in(*answer, "proxy_sets");
    return call.as_json ? call.print_json(rows) : call.print(proxy_set_table(rows, false));
}

bool show_counters(const CliCall& call) {
    auto answer = call.answer_to({{"command", "show counters"}});
    if (!answer) {
        return false;
    }
    answer->erase("ok");
    return call.as_json ? call.print_json(*answer) : call.print(counters_table(*answer));
}

bool show_not_in_effect(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "show not-in-effect"}});
    if (!answer) {
        return false;
    }
    const json rows = list_in(*answer, "parameters");
    if (call.as_json) {
        return call.print_json(rows);
    }
    for (const json& row : rows) {
        call.print(not_in_effect_line(row) + "\n");
    }
    return call.print(fmt::format("{} parameter{} set and not yet in effect\n", rows.size(),
                                  rows.size() == 1 ? "" : "s"));
}

}  // namespace

void add_appliance_shows(CliCommandTable& table) {
    table.add(
        {"show registration", "all registrations and how they are", false, show_registration});
    table.add({"show registration <name>", "one of them", false, show_registration});
    table.add(
        {"show registration <name> trace", "its last flows, message by message", true, show_trace});
    table.add({"show proxy-sets", "the servers of the proxy sets", false, show_proxy_sets});
    table.add({"show counters", "ports, packet counters and graph nodes", false, show_counters});
    table.add({"show not-in-effect", "parameters that are set and do not act yet", false,
               show_not_in_effect});
}

}  // namespace trunkline::mgmt
