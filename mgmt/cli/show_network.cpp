// show network ...: IP interfaces, Ethernet groups and ports.
#include "mgmt/cli/config_rows.h"
#include "mgmt/cli/show.h"
#include "mgmt/injected_mark.h"
#include "mgmt/json_fields.h"
#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr std::size_t widest = 10'000;  ///< nothing is cut: parsers read these tables

std::string or_dash(std::string text) {
    return text.empty() ? "-" : text;
}

bool show_interfaces(const CliCall& call) {
    const auto interfaces = config_rows(call, "ip_network.ip_interfaces");
    if (!interfaces) {
        return false;
    }
    json shown = json::array();
    std::vector<std::vector<Cell>> cells;
    for (const auto& [number, row] : *interfaces) {
        std::string types;
        for (const json& type : list_in(row, "application_types")) {
            types += (types.empty() ? "" : "+") + (type.is_string() ? type.get<std::string>() : "");
        }
        shown.push_back(row);
        cells.push_back({{fmt::format("{}", number), {}},
                         {text_in(row, "name"), {}},
                         {or_dash(types), {}},
                         {or_dash(text_in(row, "address")), {}},
                         {or_dash(text_in(row, "gateway")), {}},
                         {or_dash(text_in(row, "device")), {}}});
    }
    return call.as_json ? call.print_json(shown)
                        : call.print(text_table({{"Index", true},
                                                 {"Name"},
                                                 {"Application Types"},
                                                 {"IP Address"},
                                                 {"Gateway"},
                                                 {"Ethernet Device"}},
                                                cells, widest, false));
}

std::string told_link(const json& port) {
    if (flag_in(port, "disabled")) {
        return flag_in(port, "switching_in_effect") ? "DISABLED"
                                                    : "DISABLED (the far side has a link)";
    }
    return flag_in(port, "link_up") ? "UP" : std::string("DOWN") + injected_mark(port);
}

/// "AUTO", "100 FULL".
std::string told_setting(const json& port) {
    const int64_t speed = number_in(port, "set_speed_mbps");
    if (speed == 0) {
        return "AUTO";
    }
    return fmt::format("{} {}{}", speed, flag_in(port, "set_full_duplex") ? "FULL" : "HALF",
                       flag_in(port, "setting_in_effect") ? "" : " (not in effect on this driver)");
}

bool show_ports(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "show counters"}});
    if (!answer) {
        return false;
    }
    const json ports = list_in(*answer, "ports");
    if (call.as_json) {
        return call.print_json(ports);
    }
    std::vector<std::vector<Cell>> cells;
    for (const json& port : ports) {
        const int64_t speed = number_in(port, "speed_mbps");
        const char* duplex = flag_in(port, "full_duplex") ? "FULL" : "HALF";
        const auto count = [&](const char* field) {
            return Cell{fmt::format("{}", number_in(port, field)), {}};
        };
        cells.push_back({{text_in(port, "name"), {}},
                         {text_in(port, "mac"), {}},
                         {told_link(port), {}},
                         {speed > 0 ? fmt::format("{}", speed) : "-", {}},
                         {speed > 0 ? duplex : "-", {}},
                         {told_setting(port), {}},
                         {text_in(port, "driver"), {}},
                         count("received_packets"),
                         count("sent_packets"),
                         count("receive_errors"),
                         count("send_errors"),
                         count("device_drops")});
    }
    return call.print(text_table({{"Port"},
                                  {"MAC Address"},
                                  {"Link Status"},
                                  {"Speed (Mbit/s)", true},
                                  {"Duplex"},
                                  {"Set To"},
                                  {"Driver"},
                                  {"Received", true},
                                  {"Sent", true},
                                  {"Receive Errors", true},
                                  {"Send Errors", true},
                                  {"Drops", true}},
                                 cells, widest, false));
}

/// "GE_1 (up, active), GE_2 (down)"; what only hears is told too: with 2RX that is its part.
std::string told_members(const json& group) {
    std::string text;
    for (const json& member : list_in(group, "members")) {
        const char* part = flag_in(member, "sends")      ? ", active"
                           : flag_in(member, "receives") ? ", receives"
                                                         : ", standby";
        text +=
            fmt::format("{}{} ({}{}{})", text.empty() ? "" : ", ", text_in(member, "port"),
                        flag_in(member, "link_up") ? "up" : "down", injected_mark(member), part);
    }
    return text;
}

bool show_groups(const CliCall& call) {
    const auto answer = call.answer_to({{"command", "show ethernet-groups"}});
    if (!answer) {
        return false;
    }
    const json groups = list_in(*answer, "groups");
    if (call.as_json) {
        return call.print_json(groups);
    }
    std::vector<std::vector<Cell>> cells;
    for (const json& group : groups) {
        cells.push_back({{text_in(group, "name"), {}},
                         {text_in(group, "mode"), {}},
                         {flag_in(group, "up") ? "UP" : "DOWN", {}},
                         {or_dash(told_members(group)), {}},
                         {fmt::format("{}", number_in(group, "switch_overs")), {}}});
    }
    return call.print(
        text_table({{"Group"}, {"Mode"}, {"Status"}, {"Members"}, {"Switch-overs", true}}, cells,
                   widest, false));
}

}  // namespace

void add_network_shows(CliCommandTable& table) {
    table.add({"show network", "the IP network", false, {}});
    table.add({"show network interface", "IP interfaces", false, show_interfaces});
    table.add({"show network ether-group", "Ethernet groups and which member is active", false,
               show_groups});
    table.add({"show network physical-port", "ports and their links", false, show_ports});
}

}  // namespace trunkline::mgmt
