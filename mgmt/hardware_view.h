// The box as its model, its hardware and its ports make it, for whoever draws it.
#pragma once

#include "board/config.h"
#include "board/hardware.h"
#include "board/port.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>

namespace trunkline::mgmt {

/// A port that is in use, as it is at the moment.
struct PortSight {
    std::string name;
    std::string driver;
    board::LinkState link;
    bool is_enabled = true;
};

/// {model, title, chassis, slots, modules, fan_trays, power_supplies, temperatures, ports}.
/// ports: [{label, speeds_mbps, in_use, group, driver, link_up, disabled, source (reported,
/// injected), speed_mbps, lights}...], every port that the model has, in the order of its chassis.
/// Of one that is not in use there is no more than the label and what it could do; `group` is ""
/// where it is in none, `speed_mbps` 0 where the device tells none. modules: [{slot, width, name,
/// fitted}...]; what is fitted has, as fan_trays and power_supplies, {number, name, state (ok,
/// faulty, missing), source (modelled, injected), lights:
/// [{name, colour}...]}. temperatures: [{sensor, celsius, critical, source, too_high}...].
nlohmann::json hardware_view(const board::Hardware& hardware, const board::BoardConfig& config,
                             std::span<const PortSight> ports);

}  // namespace trunkline::mgmt
