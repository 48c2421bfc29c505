#include "mgmt/counters_view.h"

#include "mgmt/injected_mark.h"
#include "mgmt/json_fields.h"
#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Rows = std::vector<std::vector<Cell>>;

constexpr std::size_t width = 120;

Cell name_of(const json& row) {
    const std::string name = text_in(row, "name");
    return {name.empty() ? "-" : name, {}};
}

void add_table(std::string& text, const std::vector<Column>& columns, const Rows& rows) {
    if (!rows.empty()) {
        text += (text.empty() ? "" : "\n") + text_table(columns, rows, width, false);
    }
}

Rows port_rows(const json& reply) {
    Rows rows;
    for (const json& row : list_in(reply, "ports")) {
        const std::string driver = text_in(row, "driver");
        const int64_t speed = number_in(row, "speed_mbps");
        rows.push_back({name_of(row),
                        {driver.empty() ? "-" : driver, {}},
                        {flag_in(row, "disabled")  ? "disabled"
                         : flag_in(row, "link_up") ? "up"
                                                   : "down" + std::string(injected_mark(row)),
                         {}},
                        {speed == 0 ? "-" : fmt::format("{} Mbit/s", speed), {}},
                        {fmt::format("{}", number_in(row, "received_packets")), {}},
                        {fmt::format("{}", number_in(row, "sent_packets")), {}},
                        {fmt::format("{}", number_in(row, "device_drops")), {}}});
    }
    return rows;
}

Rows node_rows(const json& reply) {
    Rows rows;
    for (const json& row : list_in(reply, "nodes")) {
        const auto objects = static_cast<double>(number_in(row, "objects"));
        const auto cycles = static_cast<double>(number_in(row, "cycles"));
        rows.push_back({name_of(row),
                        {fmt::format("{}", number_in(row, "calls")), {}},
                        {fmt::format("{:.0f}", objects), {}},
                        {objects == 0 ? "-" : fmt::format("{:.0f}", cycles / objects), {}}});
    }
    return rows;
}

Rows sip_interface_rows(const json& reply) {
    Rows rows;
    for (const json& row : list_in(reply, "sip_interfaces")) {
        rows.push_back({name_of(row),
                        {fmt::format("{}", number_in(row, "received")), {}},
                        {fmt::format("{}", number_in(row, "sent")), {}}});
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
    add_table(text,
              {{"PORT"},
               {"DRIVER"},
               {"LINK"},
               {"SPEED", true},
               {"RECEIVED", true},
               {"SENT", true},
               {"DROPPED", true}},
              port_rows(reply));
    add_table(text, {{"SIP INTERFACE"}, {"RECEIVED", true}, {"SENT", true}},
              sip_interface_rows(reply));
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
