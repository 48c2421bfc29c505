// What is wrong with the box itself, by kind of alarm: as conditions.h, of what board/hardware.h
// has. What a lab injected is an alarm like any other, whose text says so.
#pragma once

#include "board/hardware.h"
#include "mgmt/alarms/conditions.h"

#include <span>

namespace trunkline::mgmt {

/// Fan trays that are missing (critical) or faulty (major).
AlarmConditions fan_tray_conditions(std::span<const board::Unit> units);
/// Power supplies that are missing or faulty (major).
AlarmConditions power_supply_conditions(std::span<const board::Unit> units);
/// One for the box as a whole (critical). A box with several sensors tells which of them it is.
AlarmConditions temperature_conditions(std::span<const board::Temperature> temperatures);

}  // namespace trunkline::mgmt
