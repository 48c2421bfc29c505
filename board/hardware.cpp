#include "board/hardware.h"

#include "board/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace trunkline::board {

namespace {

/// By their enumerators.
constexpr std::array<std::string_view, 3> kind_names{"module", "fan_tray", "power_supply"};
constexpr std::array<std::string_view, 3> kind_words{"module", "fan tray", "power supply"};
constexpr std::array<std::string_view, 3> state_names{"ok", "faulty", "missing"};

template <typename Enum, std::size_t size>
std::optional<Enum> named(const std::array<std::string_view, size>& names, std::string_view name) {
    const auto* const found = std::ranges::find(names, name);
    return found == names.end() ? std::nullopt
                                : std::optional(static_cast<Enum>(found - names.begin()));
}

std::vector<LightNow> lights_now(std::span<const ModelLight> lights, UnitState state) {
    std::vector<LightNow> now;
    for (const ModelLight& light : lights) {
        now.push_back({light.name, state == UnitState::ok       ? light.ok
                                   : state == UnitState::faulty ? light.fault
                                                                : LightColour::off});
    }
    return now;
}

}  // namespace

std::string_view to_string(UnitKind kind) {
    return kind_names.at(static_cast<std::size_t>(kind));
}

std::optional<UnitKind> unit_kind(std::string_view name) {
    return named<UnitKind>(kind_names, name);
}

std::string_view to_string(UnitState state) {
    return state_names.at(static_cast<std::size_t>(state));
}

std::optional<UnitState> unit_state(std::string_view name) {
    return named<UnitState>(state_names, name);
}

Hardware::Hardware(Model model) : model_(std::move(model)) {
    for (const ModelModule& module : model_.modules) {
        if (module.fitted) {
            units_.push_back(
                {.kind = UnitKind::module, .number = module.slot, .name = module.name});
        }
    }
    const auto add = [this](UnitKind kind, unsigned count, const char* word) {
        for (unsigned number = 1; number <= count; ++number) {
            units_.push_back(
                {.kind = kind, .number = number, .name = fmt::format("{} {}", word, number)});
        }
    };
    add(UnitKind::fan_tray, model_.fan_trays, "Fan tray");
    add(UnitKind::power_supply, model_.power_supplies, "Power supply");
    for (const ModelSensor& sensor : model_.sensors) {
        if (sensor.is_temperature()) {
            temperatures_.push_back(
                {.sensor = sensor.name, .celsius = sensor.nominal, .critical = sensor.critical});
        }
    }
}

Expected<Unit*> Hardware::find(UnitKind kind, unsigned number) {
    const auto found = std::ranges::find_if(
        units_, [&](const Unit& unit) { return unit.kind == kind && unit.number == number; });
    if (found != units_.end()) {
        return &*found;
    }
    std::vector<std::string> numbers;
    for (const Unit& unit : units_) {
        if (unit.kind == kind) {
            numbers.push_back(std::to_string(unit.number));
        }
    }
    const std::string_view word = kind_words.at(static_cast<std::size_t>(kind));
    return std::unexpected(
        Error{fmt::format("{} has no {} {}; {}", model_.name, word, number,
                          numbers.empty() ? "it has none" : "there are " + join_names(numbers))});
}

Expected<void> Hardware::check_sensors() const {
    if (temperatures_.empty()) {
        return std::unexpected(Error{model_.name + " has no temperature sensor"});
    }
    return {};
}

Expected<void> Hardware::inject(UnitKind kind, unsigned number, UnitState state) {
    const auto unit = find(kind, number);
    if (!unit) {
        return std::unexpected(unit.error());
    }
    (*unit)->state = state;
    (*unit)->source = Source::injected;
    return {};
}

Expected<void> Hardware::inject_temperature(double celsius) {
    if (!(celsius >= lowest && celsius <= highest)) {
        return std::unexpected(Error{fmt::format(
            "a temperature of {}..{} degrees is wanted, found {}", lowest, highest, celsius)});
    }
    for (Temperature& one : temperatures_) {
        const double limit = one.is_too_high ? one.critical - hysteresis : one.critical;
        one.celsius = celsius;
        one.source = Source::injected;
        one.is_too_high = celsius >= limit;
    }
    return check_sensors();
}

Expected<void> Hardware::clear(UnitKind kind, unsigned number) {
    const auto unit = find(kind, number);
    if (!unit) {
        return std::unexpected(unit.error());
    }
    (*unit)->state = UnitState::ok;
    (*unit)->source = Source::modelled;
    return {};
}

Expected<void> Hardware::clear_temperature() {
    if (auto checked = check_sensors(); !checked) {
        return checked;
    }
    temperatures_ = Hardware(model_).temperatures_;
    return {};
}

void Hardware::clear_all() {
    *this = Hardware(std::move(model_));
}

std::vector<LightNow> lights_of(const Model& model, const Unit& unit) {
    switch (unit.kind) {
        case UnitKind::module:
            return lights_now(model.lights.module, unit.state);
        case UnitKind::fan_tray:
            return lights_now(model.lights.fan_tray, unit.state);
        case UnitKind::power_supply:
            break;
    }
    return lights_now(model.lights.power_supply, unit.state);
}

std::vector<LightNow> port_lights(const Model& model, bool has_link) {
    return lights_now(model.lights.port, has_link ? UnitState::ok : UnitState::faulty);
}

}  // namespace trunkline::board
