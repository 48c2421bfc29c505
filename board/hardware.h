// How the box is: what of its modules, fans and power supplies is there and works, and how warm it
// is.
//
// A value, kept by the control thread. Nothing in a machine tells Trunkline of the fans and
// supplies of the model that it plays, so they are well as modelled, and temperatures what is
// normal for the model, unless a lab injects a fault. Each says which of these it is: what is made
// up is never told as measured. Injected faults do not outlive the process.
#pragma once

#include "board/error.h"
#include "board/model.h"
#include "board/source.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::board {

enum class UnitKind : uint8_t { module, fan_tray, power_supply };
std::string_view to_string(UnitKind kind);  // "fan_tray"
std::optional<UnitKind> unit_kind(std::string_view name);

enum class UnitState : uint8_t { ok, faulty, missing };
std::string_view to_string(UnitState state);  // "faulty"
std::optional<UnitState> unit_state(std::string_view name);

struct Unit {
    UnitKind kind = UnitKind::module;
    unsigned number = 0;  ///< of a module its slot, else from 1
    std::string name;     ///< "SBC CPU", "Fan tray 1"
    UnitState state = UnitState::ok;
    Source source = Source::modelled;
};

struct Temperature {
    std::string sensor;
    double celsius = 0;
    double critical = 0;  ///< the alarm's threshold
    Source source = Source::modelled;
    /// It has reached the threshold, and has not fallen by `hysteresis` since.
    bool is_too_high = false;
};

class Hardware {
public:
    /// Degrees below the threshold at which a temperature is right again.
    static constexpr double hysteresis = 5;

    explicit Hardware(Model model);

    const Model& model() const { return model_; }
    /// Modules that are fitted, by slot; fan trays; power supplies.
    const std::vector<Unit>& units() const { return units_; }
    const std::vector<Temperature>& temperatures() const { return temperatures_; }

    /// The error names what the model has instead.
    Expected<void> inject(UnitKind kind, unsigned number, UnitState state);
    /// Degrees that a sensor may be told to read.
    static constexpr double lowest = -100, highest = 300;
    /// All sensors of the box read it.
    Expected<void> inject_temperature(double celsius);
    /// Back to what is modelled, also where nothing was injected. Errors as those of inject().
    Expected<void> clear(UnitKind kind, unsigned number);
    Expected<void> clear_temperature();
    void clear_all();

private:
    Expected<Unit*> find(UnitKind kind, unsigned number);
    Expected<void> check_sensors() const;

    Model model_;
    std::vector<Unit> units_;
    std::vector<Temperature> temperatures_;
};

/// The lights of a unit, in the order of the model, with the colours that they have.
struct LightNow {
    std::string_view name;
    LightColour colour = LightColour::off;
};
std::vector<LightNow> lights_of(const Model& model, const Unit& unit);
/// Of a port, whose fault is that it has no link.
std::vector<LightNow> port_lights(const Model& model, bool has_link);

}  // namespace trunkline::board
