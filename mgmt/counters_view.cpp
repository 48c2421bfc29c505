#include "mgmt/counters_view.h"

#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Rows = std::vector<std::vector<Cell>>;

constexpr std::size_t width = 120;

// The reply comes from another process: what is missing or of another type reads as nothing.

std::string text_in(const json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_string() ? found->get<std::string>() : "-";
}

uint64_t number_in(const json& row, const char* key) {
    const auto found = row.find(key);
    return found != row.end() && found->is_number_integer() ? found->get<uint64_t>() : 0;
}

json list_in(const json& reply, const char* key) {
    const auto found = reply.find(key);
    return found != reply.end() && found->is_array() ? *found : json::array();
}

void add_table(std::string& text, const std::vector<Column>& columns, const Rows& rows) {
    if (!rows.empty()) {
        text += (text.empty() ? "" : "\n") + text_table(columns, rows, width, false);
    }
}

Rows port_rows(const json& reply) {
    Rows rows;
    for (const json& row : list_in(reply, "ports")) {
        const auto up = row.find("link_up");
        const bool is_up = up != row.end() && up->is_boolean() && up->get<bool>();
        const uint64_t speed = number_in(row, "speed_mbps");
        rows.push_back({{text_in(row, "name"), {}},
                        {text_in(row, "driver"), {}},
                        {is_up ? "up" : "down", {}},
                        {speed == 0 ? "-" : fmt::format("{} Mbit/s", speed), {}}});
    }
    return rows;
}

Rows node_rows(const json& reply) {
    Rows rows;
    for (const json& row : list_in(reply, "nodes")) {
        const auto objects = static_cast<double>(number_in(row, "objects"));
        const auto cycles = static_cast<double>(number_in(row, "cycles"));
        rows.push_back({{text_in(row, "name"), {}},
                        {fmt::format("{}", number_in(row, "calls")), {}},
                        {fmt::format("{:.0f}", objects), {}},
                        {objects == 0 ? "-" : fmt::format("{:.0f}", cycles / objects), {}}});
    }
    return rows;
}

void add_counters(Rows& rows, const std::string& prefix, const json& counters) {
    if (!counters.is_object()) {
        return;
    }
    for (const auto& [name, value] : counters.items()) {
        if (value.is_number_integer()) {
            rows.push_back({{prefix + name, {}}, {fmt::format("{}", value.get<uint64_t>()), {}}});
        }
    }
}

}  // namespace

std::string counters_table(const json& reply) {
    std::string text;
    add_table(text, {{"PORT"}, {"DRIVER"}, {"LINK"}, {"SPEED", true}}, port_rows(reply));
    add_table(text, {{"NODE"}, {"CALLS", true}, {"PACKETS", true}, {"CYCLES A PACKET", true}},
              node_rows(reply));
    Rows counters;
    add_counters(counters, "", reply.contains("counters") ? reply["counters"] : json());
    std::size_t shard = 0;
    for (const json& row : list_in(reply, "shards")) {
        add_counters(counters, fmt::format("shard {}: ", shard++), row);
    }
    add_table(text, {{"COUNTER"}, {"VALUE", true}}, counters);
    return text;
}

}  // namespace trunkline::mgmt
