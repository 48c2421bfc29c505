// show system hardware: the box with its ports, modules, fans, supplies and temperatures.
#include "mgmt/cli/show.h"
#include "mgmt/injected_mark.h"
#include "mgmt/json_fields.h"
#include "mgmt/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr std::size_t widest = 10'000;  ///< nothing is cut: programs read these tables
using Rows = std::vector<std::vector<Cell>>;

std::string or_dash(std::string text) {
    return text.empty() ? "-" : text;
}

/// "link green", "in service off, out of service red"
std::string lights_of(const json& row) {
    std::string text;
    for (const json& light : list_in(row, "lights")) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", text_in(light, "name"),
                            text_in(light, "colour"));
    }
    return or_dash(text);
}

std::string ports_table(const json& hardware) {
    Rows rows;
    for (const json& port : list_in(hardware, "ports")) {
        const int64_t speed = number_in(port, "speed_mbps");
        rows.push_back({{text_in(port, "label"), {}},
                        {!flag_in(port, "in_use")    ? "not in use"
                         : flag_in(port, "disabled") ? "disabled"
                         : flag_in(port, "link_up")  ? "up"
                                                     : "down" + std::string(injected_mark(port)),
                         {}},
                        {speed == 0 ? "-" : fmt::format("{} Mbit/s", speed), {}},
                        {or_dash(text_in(port, "group")), {}},
                        {or_dash(text_in(port, "driver")), {}},
                        {lights_of(port), {}}});
    }
    return text_table({{"Port"}, {"Link"}, {"Speed"}, {"Ethernet Group"}, {"Driver"}, {"Lights"}},
                      rows, widest, false);
}

std::string slots_of(const json& module) {
    const int64_t slot = number_in(module, "slot"), width = number_in(module, "width");
    return width > 1 ? fmt::format("Slot {}-{}", slot, slot + width - 1)
                     : fmt::format("Slot {}", slot);
}

std::string units_table(const json& hardware) {
    Rows rows;
    const auto add = [&](const std::string& place, const json& unit) {
        rows.push_back({{place, {}},
                        {text_in(unit, "name"), {}},
                        {or_dash(text_in(unit, "state")), {}},
                        {or_dash(text_in(unit, "source")), {}},
                        {lights_of(unit), {}}});
    };
    for (const json& module : list_in(hardware, "modules")) {
        if (flag_in(module, "fitted")) {
            add(slots_of(module), module);
        } else {
            rows.push_back({{slots_of(module), {}},
                            {text_in(module, "name"), {}},
                            {"empty", {}},
                            {"modelled", {}},
                            {"-", {}}});
        }
    }
    for (const char* const units : {"fan_trays", "power_supplies"}) {
        for (const json& unit : list_in(hardware, units)) {
            add("Chassis", unit);
        }
    }
    return rows.empty()
               ? ""
               : "\n" + text_table({{"Place"}, {"Unit"}, {"State"}, {"Source"}, {"Lights"}}, rows,
                                   widest, false);
}

std::string temperatures_table(const json& hardware) {
    Rows rows;
    for (const json& one : list_in(hardware, "temperatures")) {
        rows.push_back({{text_in(one, "sensor"), {}},
                        {fmt::format("{}", one.at("celsius").get<double>()), {}},
                        {fmt::format("{}", one.at("critical").get<double>()), {}},
                        {flag_in(one, "too_high") ? "too high" : "ok", {}},
                        {text_in(one, "source"), {}}});
    }
    return rows.empty()
               ? ""
               : "\n" +
                     text_table(
                         {{"Sensor"}, {"Celsius", true}, {"Alarm at", true}, {"State"}, {"Source"}},
                         rows, widest, false);
}

bool show_hardware(const CliCall& call) {
    auto answer = call.answer_to({{"command", "show hardware"}});
    if (!answer) {
        return false;
    }
    answer->erase("ok");
    if (call.as_json) {
        return call.print_json(*answer);
    }
    return call.print(fmt::format("{} ({}): {}\n\n", text_in(*answer, "title"),
                                  text_in(*answer, "model"), text_in(*answer, "chassis")) +
                      ports_table(*answer) + units_table(*answer) + temperatures_table(*answer));
}

}  // namespace

void add_hardware_shows(CliCommandTable& table) {
    table.add({"show system hardware", "ports, modules, fans, power supplies, temperatures", false,
               show_hardware});
}

}  // namespace trunkline::mgmt
