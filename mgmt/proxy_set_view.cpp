#include "mgmt/proxy_set_view.h"

#include "mgmt/json_fields.h"
#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

constexpr std::size_t table_width = 120;

std::string_view name_of(sipstack::KeepAlive method) {
    switch (method) {
        case sipstack::KeepAlive::using_options:
            return "using_options";
        case sipstack::KeepAlive::using_register:
            return "using_register";
        case sipstack::KeepAlive::using_options_on_active_server:
            return "using_options_on_active_server";
        case sipstack::KeepAlive::disable:
            break;
    }
    return "disable";
}

std::string_view name_of(sipstack::LoadBalancing method) {
    switch (method) {
        case sipstack::LoadBalancing::round_robin:
            return "round_robin";
        case sipstack::LoadBalancing::random_weights:
            return "random_weights";
        case sipstack::LoadBalancing::disable:
            break;
    }
    return "disable";
}

template <typename Duration>
json seconds_of(const std::optional<Duration>& time) {
    return time ? json(std::chrono::duration_cast<sipstack::Seconds>(*time).count())
                : json(nullptr);
}

json server_row(const sipstack::ProxyServerStatus& server) {
    return {{"address", server.target.endpoint.to_string()},
            {"transport", to_string(server.target.transport)},
            {"host", server.target.host},
            {"priority", server.target.priority},
            {"weight", server.target.weight},
            {"online", server.online},
            {"active", server.active},
            {"aside_for", seconds_of(server.aside_for)},
            {"requests", server.requests},
            {"successes", server.successes},
            {"failures", server.failures}};
}

json name_row(const sipstack::ProxyTargetsStatus::Row& row) {
    return {{"configured", row.configured},
            {"resolved_by", row.resolved_by},
            {"kept", row.kept},
            {"age", seconds_of(row.age)},
            {"time_to_live", seconds_of(row.time_to_live)},
            {"failure", row.failure},
            {"dns_failed", row.dns_failed}};
}

std::string state_of(const json& server) {
    if (!flag_in(server, "online")) {
        return "OFFLINE";
    }
    return flag_in(server, "active") ? "ONLINE, active" : "ONLINE";
}

/// What an operator must know of the set's names beside its servers.
std::string trouble_of(const json& set) {
    std::string lines;
    for (const json& name : list_in(set, "names")) {
        const std::string failure = text_in(name, "failure");
        if (!failure.empty()) {
            lines += fmt::format("{}: {}: {}{}\n", text_in(set, "name"),
                                 printable(text_in(name, "configured")), printable(failure),
                                 flag_in(name, "kept") ? "; the last answer is kept" : "");
        }
    }
    return lines;
}

}  // namespace

json proxy_set_rows(std::span<const sipstack::ProxySetStatus> sets,
                    const sipstack::ProxyTargetsStatus& names) {
    json rows = json::array();
    for (std::size_t index = 0; index < sets.size(); ++index) {
        const sipstack::ProxySetStatus& set = sets[index];
        const bool is_homing = set.redundancy_mode == sipstack::RedundancyMode::homing;
        json row{{"name", set.name},
                 {"online", set.online},
                 {"redundancy_mode", is_homing ? "homing" : "parking"},
                 {"load_balancing", name_of(set.load_balancing)},
                 {"keep_alive", name_of(set.keep_alive)},
                 {"servers", json::array()},
                 {"names", json::array()}};
        for (const auto& server : set.servers) {
            row["servers"].push_back(server_row(server));
        }
        for (const auto& name : names.rows) {
            if (name.proxy_set_index == index) {
                row["names"].push_back(name_row(name));
            }
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string proxy_set_table(const json& rows, bool colour) {
    const std::vector<Column> columns{
        {"PROXY SET", false, 12}, {"MODE", false, 0},      {"KEEP-ALIVE", false, 8},
        {"ADDRESS", false, 16},   {"TRANSPORT", false, 0}, {"PRIORITY", true, 0},
        {"WEIGHT", true, 0},      {"STATE", false, 0},     {"SUCCESSES", true, 0},
        {"FAILURES", true, 0},
    };
    std::vector<std::vector<Cell>> cells;
    std::string trouble;
    for (const json& set : rows) {
        const json servers = list_in(set, "servers");
        for (const json& server : servers) {
            const bool online = flag_in(server, "online");
            cells.push_back({{text_in(set, "name"), {}},
                             {text_in(set, "redundancy_mode"), {}},
                             {text_in(set, "keep_alive"), {}},
                             {text_in(server, "address"), {}},
                             {text_in(server, "transport"), {}},
                             {fmt::format("{}", number_in(server, "priority")), {}},
                             {fmt::format("{}", number_in(server, "weight")), {}},
                             {state_of(server), online ? green : red},
                             {fmt::format("{}", number_in(server, "successes")), {}},
                             {fmt::format("{}", number_in(server, "failures")), {}}});
        }
        if (servers.empty()) {
            cells.push_back({{text_in(set, "name"), {}},
                             {text_in(set, "redundancy_mode"), {}},
                             {text_in(set, "keep_alive"), {}},
                             {"-", {}},
                             {"-", {}},
                             {"-", {}},
                             {"-", {}},
                             {"NOT RESOLVED", red},
                             {"-", {}},
                             {"-", {}}});
        }
        trouble += trouble_of(set);
    }
    return text_table(columns, cells, table_width, colour) + trouble;
}

}  // namespace trunkline::mgmt
