#include "mgmt/alarms/hardware_conditions.h"

#include "mgmt/injected_mark.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace trunkline::mgmt {

namespace {

using board::Temperature;
using board::Unit;
using board::UnitKind;
using board::UnitState;

/// `source` gives the alarm's of a unit's number.
template <typename MakeSource>
AlarmConditions unit_conditions(std::span<const Unit> units, UnitKind kind,
                                AlarmSeverity when_missing, MakeSource source) {
    AlarmConditions found;
    for (const Unit& unit : units) {
        if (unit.kind == kind && unit.state != UnitState::ok) {
            found.push_back({source(unit.number),
                             unit.state == UnitState::missing ? when_missing : AlarmSeverity::major,
                             fmt::format("{} is {}{}", unit.name, to_string(unit.state),
                                         injected_mark(unit.source))});
        }
    }
    return found;
}

}  // namespace

AlarmConditions fan_tray_conditions(std::span<const Unit> units) {
    return unit_conditions(units, UnitKind::fan_tray, AlarmSeverity::critical, [](unsigned number) {
        return fmt::format("Chassis#0/FanTray#{}", number - 1);
    });
}

/// The family counts fan trays from 0 and supplies from 1.
AlarmConditions power_supply_conditions(std::span<const Unit> units) {
    return unit_conditions(
        units, UnitKind::power_supply, AlarmSeverity::major,
        [](unsigned number) { return fmt::format("Chassis#0/PowerSupply#{}", number); });
}

AlarmConditions temperature_conditions(std::span<const Temperature> temperatures) {
    std::vector<std::string> sensors, degrees;
    const Temperature* first = nullptr;
    for (std::size_t i = 0; i < temperatures.size(); ++i) {
        const Temperature& one = temperatures[i];
        if (one.is_too_high) {
            first = first == nullptr ? &one : first;
            sensors.push_back(fmt::format("#{} ({})", i + 1, one.sensor));
            degrees.push_back(fmt::format("{}", one.celsius));
        }
    }
    if (first == nullptr) {
        return {};
    }
    const std::string text =
        temperatures.size() == 1
            ? "Board temperature too high"
            : fmt::format(
                  "Board Temperature Alarm: Sensors {} are {} degrees Celsius. Exceeded "
                  "threshold of {}",
                  fmt::join(sensors, ", "), fmt::join(degrees, ", "), first->critical);
    return {{"System#0", AlarmSeverity::critical, text + injected_mark(first->source)}};
}

}  // namespace trunkline::mgmt
