// show network ...: IP interfaces and ports.
#include "mgmt/cli/config_rows.h"
#include "mgmt/cli/show.h"
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
        cells.push_back({{text_in(port, "name"), {}},
                         {flag_in(port, "link_up") ? "UP" : "DOWN", {}},
                         {speed > 0 ? fmt::format("{}", speed) : "-", {}},
                         {text_in(port, "driver"), {}}});
    }
    return call.print(text_table({{"Port"}, {"Link Status"}, {"Speed (Mbit/s)", true}, {"Driver"}},
                                 cells, widest, false));
}

}  // namespace

void add_network_shows(CliCommandTable& table) {
    table.add({"show network", "the IP network", false, {}});
    table.add({"show network interface", "IP interfaces", false, show_interfaces});
    table.add({"show network physical-port", "ports and their links", false, show_ports});
}

}  // namespace trunkline::mgmt
