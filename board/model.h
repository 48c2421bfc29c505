// What the box is: a hardware model, read from a data file (board/models/*.yaml).
#pragma once

#include "board/config.h"
#include "board/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::board {

struct ModelPort {
    std::string label;  ///< "GE_1"
    std::vector<unsigned> speeds_mbps;
};

struct ModelSensor {
    std::string name;
    std::string unit;
    double minor = 0, major = 0, critical = 0;  ///< alarm thresholds, rising
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

    const ModelPort* port(std::string_view label) const;
};

/// Names of the models built into the binary, sorted.
std::vector<std::string> model_names();
/// A built-in model. The error lists those that exist and the nearest name.
Expected<Model> load_model(std::string_view name);
/// Reads and checks the text of a model file; `origin` stands in messages (file:line:column).
Expected<Model> parse_model(std::string_view text, const std::string& origin);
/// Every configured port and group exists in the model and is used once. All faults at once.
std::vector<Error> check_against_model(const BoardConfig& config, const Model& model);

}  // namespace trunkline::board
