#include "mgmt/snmp/chassis_mib.h"

#include "mgmt/alarms/alarm_table.h"
#include "mgmt/json_fields.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

const Oid chassis{1, 3, 6, 1, 4, 1, 5003, 9, 10, 10, 4};
constexpr uint32_t module_table = 21, fan_tray_table = 22, power_supply_table = 23;

bool is_there(const json& unit) {
    return text_in(unit, "state") != "missing";
}

int32_t existence_of(const json& unit) {
    constexpr int32_t present = 1, missing = 2;
    return is_there(unit) ? present : missing;
}

/// As the alarm of the unit has it.
AlarmSeverity severity_of(const json& unit, AlarmSeverity when_missing) {
    const std::string state = text_in(unit, "state");
    return state == "ok"       ? AlarmSeverity::cleared
           : state == "faulty" ? AlarmSeverity::major
                               : when_missing;
}

/// Fitted modules; each has the temperature of the box's first sensor.
void add_modules(Mib& mib, const json& hardware, const std::string& version) {
    constexpr int32_t disabled = 1, enabled = 2, stand_alone = 4;
    constexpr int32_t not_there = 1, well = 2, faulty = 6;  // acSysModuleFRUstatus
    const json temperatures = list_in(hardware, "temperatures");
    for (const json& module : list_in(hardware, "modules")) {
        if (!flag_in(module, "fitted")) {
            continue;
        }
        const auto slot = static_cast<uint32_t>(number_in(module, "slot"));
        const bool works = text_in(module, "state") == "ok";
        const auto cell = [&](uint32_t column) -> MibValue& {
            return mib[below(chassis, {module_table, 1, column, slot})];
        };
        cell(2) = Gauge32{slot};
        cell(3) = static_cast<int32_t>(number_in(module, "type_number"));
        cell(4) = existence_of(module);
        cell(7) = version;
        cell(8) = works ? enabled : disabled;
        cell(9) = stand_alone;
        if (!temperatures.empty()) {
            cell(11) =
                static_cast<int32_t>(std::lround(temperatures.front().at("celsius").get<double>()));
        }
        cell(14) = works ? well : is_there(module) ? faulty : not_there;
    }
}

/// Fan trays and power supplies have the same columns, but for the words in the fourth.
void add_units(Mib& mib, const json& units, uint32_t table, AlarmSeverity when_missing,
               int32_t cleared) {
    for (const json& unit : units) {
        const auto number = static_cast<uint32_t>(number_in(unit, "number"));
        const auto cell = [&](uint32_t column) -> MibValue& {
            return mib[below(chassis, {table, 1, column, number})];
        };
        cell(2) = Gauge32{number};
        cell(3) = existence_of(unit);
        cell(4) = text_in(unit, "name");
        cell(6) = cleared + static_cast<int32_t>(severity_of(unit, when_missing));
    }
}

}  // namespace

Oid chassis_subtree() {
    return chassis;
}

/// Severities count from 0 in one of the tables and from 1 in the other.
void add_chassis(Mib& mib, const json& hardware, const std::string& version) {
    if (!flag_in(hardware, "ok")) {
        return;
    }
    add_modules(mib, hardware, version);
    add_units(mib, list_in(hardware, "fan_trays"), fan_tray_table, AlarmSeverity::critical, 0);
    add_units(mib, list_in(hardware, "power_supplies"), power_supply_table, AlarmSeverity::major,
              1);
}

}  // namespace trunkline::mgmt
