// What the box is: a hardware model, read from a data file (board/models/*.yaml).
#pragma once

#include "board/config.h"
#include "board/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::board {

struct ModelPort {
    std::string label;  ///< "GE_1"
    std::vector<unsigned> speeds_mbps;
};

/// Load and temperatures, whose unit is "celsius".
struct ModelSensor {
    std::string name;
    std::string unit;
    double minor = 0, major = 0, critical = 0;  ///< alarm thresholds, rising
    double nominal = 0;  ///< of a temperature: what is shown where nothing is measured

    bool is_temperature() const { return unit == "celsius"; }
};

/// What stands in the chassis' slots.
struct ModelModule {
    unsigned slot = 0;         ///< the first of its positions, from 1
    unsigned width = 1;        ///< positions that it takes
    std::string name;          ///< "SBC CPU"
    unsigned type_number = 0;  ///< the family's (acSysModuleType); 0: none is known
    bool fitted = true;        ///< false: the positions are empty, and this is what they take
};

enum class LightColour : uint8_t { off, green, yellow, red, blue };
std::string_view to_string(LightColour colour);  // "green"

/// A lamp: its colours while all is well with what it stands on, and with a fault. What is not
/// there has no light.
struct ModelLight {
    std::string name;
    LightColour ok = LightColour::green, fault = LightColour::off;
};

struct ModelLights {
    std::vector<ModelLight> port, module, fan_tray, power_supply;
};

struct EthernetGroupRules {
    unsigned most = 0;  ///< groups of the box
    /// Ports that stand side by side, of which groups of two are made as it is delivered.
    std::vector<std::pair<std::string, std::string>> pairs;
};

struct Capacity {
    unsigned signaling_sessions = 0, media_sessions = 0, srtp_sessions = 0, registered_users = 0;
};

struct Model {
    std::string name;  ///< "mediant-ve"
    std::string title;
    std::string chassis;
    std::vector<ModelPort> ports;
    Capacity capacity;
    std::vector<ModelSensor> sensors;
    /// The family's number of the box (the last of sysObjectID); of one without, its SBC in
    /// software.
    unsigned product_number = software_sbc;
    /// First half of the MACs of the box that it models, "00:90:8f"; empty: those of the machine.
    /// Ports have those of their devices in any case.
    std::string mac_oui;
    unsigned slots = 0;
    std::vector<ModelModule> modules;  ///< by slot; none where slots are 0
    EthernetGroupRules ethernet_groups;
    unsigned fan_trays = 0, power_supplies = 0;
    ModelLights lights;

    static constexpr unsigned software_sbc = 73;

    const ModelPort* port(std::string_view label) const;
};

/// Names of the models built into the binary, sorted.
std::vector<std::string> model_names();
/// A built-in model. The error lists those that exist and the nearest name.
Expected<Model> load_model(std::string_view name);
/// Reads and checks the text of a model file; `origin` stands in messages (file:line:column).
Expected<Model> parse_model(std::string_view text, const std::string& origin);
/// Every configured port and group exists in the model and is used once, and there are no more
/// groups than it takes. All faults at once.
std::vector<Error> check_against_model(const BoardConfig& config, const Model& model);

}  // namespace trunkline::board
