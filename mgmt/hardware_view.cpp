#include "mgmt/hardware_view.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

namespace {

using board::UnitKind;
using nlohmann::json;

std::string group_of(const board::BoardConfig& config, const std::string& port) {
    const auto group = std::ranges::find_if(config.ethernet_groups, [&](const auto& candidate) {
        return std::ranges::find(candidate.members, port) != candidate.members.end();
    });
    return group == config.ethernet_groups.end() ? "" : group->name;
}

json lights_view(std::span<const board::LightNow> lights) {
    json rows = json::array();
    for (const board::LightNow& light : lights) {
        rows.push_back({{"name", light.name}, {"colour", to_string(light.colour)}});
    }
    return rows;
}

json ports_view(const board::Model& model, const board::BoardConfig& config,
                std::span<const PortSight> ports) {
    json rows = json::array();
    for (const board::ModelPort& port : model.ports) {
        json row{{"label", port.label}, {"speeds_mbps", port.speeds_mbps}, {"in_use", false}};
        const auto sight = std::ranges::find(ports, port.label, &PortSight::name);
        if (sight != ports.end()) {
            row.update({{"in_use", true},
                        {"group", group_of(config, port.label)},
                        {"driver", sight->driver},
                        {"link_up", sight->link.up},
                        {"disabled", !sight->is_enabled},
                        {"source", to_string(sight->link.source)},
                        {"speed_mbps", sight->link.speed_mbps},
                        {"lights", lights_view(port_lights(model, sight->link.up))}});
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

json unit_view(const board::Model& model, const board::Unit& unit) {
    return {{"number", unit.number},
            {"name", unit.name},
            {"state", to_string(unit.state)},
            {"source", to_string(unit.source)},
            {"lights", lights_view(lights_of(model, unit))}};
}

json units_view(const board::Hardware& hardware, UnitKind kind) {
    json rows = json::array();
    for (const board::Unit& unit : hardware.units()) {
        if (unit.kind == kind) {
            rows.push_back(unit_view(hardware.model(), unit));
        }
    }
    return rows;
}

json modules_view(const board::Hardware& hardware) {
    json rows = json::array();
    for (const board::ModelModule& module : hardware.model().modules) {
        json row{{"slot", module.slot},
                 {"width", module.width},
                 {"name", module.name},
                 {"fitted", module.fitted},
                 {"type_number", module.type_number}};
        const auto unit = std::ranges::find_if(hardware.units(), [&](const board::Unit& candidate) {
            return candidate.kind == UnitKind::module && candidate.number == module.slot;
        });
        if (unit != hardware.units().end()) {
            row.update(unit_view(hardware.model(), *unit));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

json temperatures_view(const board::Hardware& hardware) {
    json rows = json::array();
    for (const board::Temperature& one : hardware.temperatures()) {
        rows.push_back({{"sensor", one.sensor},
                        {"celsius", one.celsius},
                        {"critical", one.critical},
                        {"source", to_string(one.source)},
                        {"too_high", one.is_too_high}});
    }
    return rows;
}

}  // namespace

json hardware_view(const board::Hardware& hardware, const board::BoardConfig& config,
                   std::span<const PortSight> ports) {
    const board::Model& model = hardware.model();
    return {{"model", model.name},
            {"title", model.title},
            {"chassis", model.chassis},
            {"slots", model.slots},
            {"modules", modules_view(hardware)},
            {"fan_trays", units_view(hardware, UnitKind::fan_tray)},
            {"power_supplies", units_view(hardware, UnitKind::power_supply)},
            {"temperatures", temperatures_view(hardware)},
            {"ports", ports_view(model, config, ports)}};
}

}  // namespace trunkline::mgmt
