#include "board/model.h"

#include "board/embedded_file.h"
#include "board/nearest_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace trunkline::board {

namespace {

/// By LightColour.
constexpr std::array<std::string_view, 5> colour_names{"off", "green", "yellow", "red", "blue"};

/// Reads a model file and keeps every fault that it meets on the way.
class ModelReader {
public:
    explicit ModelReader(const std::string& origin) : origin_(origin) {}

    Model read(const YAML::Node& root) {
        Model model;
        Fields fields = map(
            root, "model",
            {"name", "title", "chassis", "product_number", "mac_oui", "slots", "modules", "ports",
             "ethernet_groups", "fan_trays", "power_supplies", "lights", "capacity", "sensors"});
        model.name = text(fields, "name");
        model.title = text(fields, "title");
        model.chassis = text(fields, "chassis");
        for (const YAML::Node& node : list(fields, "ports")) {
            model.ports.push_back(read_port(node, model.ports));
        }
        model.capacity = read_capacity(fields);
        for (const YAML::Node& node : list(fields, "sensors")) {
            model.sensors.push_back(read_sensor(node));
        }
        read_hardware(fields, model);
        return model;
    }

    void fault(const YAML::Mark& mark, const std::string& what) {
        // yaml-cpp counts from zero, people from one.
        const std::string place =
            mark.is_null() ? "" : fmt::format(":{}:{}", mark.line + 1, mark.column + 1);
        faults_ += fmt::format("{}{}{}: {}", faults_.empty() ? "" : "\n", origin_, place, what);
    }
    const std::string& faults() const { return faults_; }

private:
    /// A map's values by key, with what messages need.
    struct Fields {
        YAML::Node node;
        std::string path;
        std::map<std::string, YAML::Node> values;
    };

    Fields map(const YAML::Node& node, const std::string& path,
               std::initializer_list<const char*> allowed) {
        Fields fields{node, path, {}};
        if (!node.IsMap()) {
            fault(node.Mark(),
                  fmt::format("{}: a map of {} is wanted", path, join_names({names_of(allowed)})));
            return fields;
        }
        const std::vector<std::string> names = names_of(allowed);
        for (const auto& entry : node) {
            const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
            if (std::ranges::find(names, key) == names.end()) {
                const auto nearest = nearest_name(key, names);
                fault(
                    entry.first.Mark(),
                    fmt::format("{}: unknown key '{}'; allowed: {}{}", path, key, join_names(names),
                                nearest ? "; did you mean '" + *nearest + "'?" : ""));
            } else if (!fields.values.emplace(key, entry.second).second) {
                fault(entry.first.Mark(), fmt::format("{}: key '{}' stands twice", path, key));
            }
        }
        return fields;
    }

    static std::vector<std::string> names_of(std::initializer_list<const char*> names) {
        return {names.begin(), names.end()};
    }

    std::optional<YAML::Node> required(const Fields& fields, const std::string& key) {
        const auto found = fields.values.find(key);
        if (found == fields.values.end()) {
            if (fields.node.IsMap()) {
                fault(fields.node.Mark(), fmt::format("{}: key '{}' is missing", fields.path, key));
            }
            return std::nullopt;
        }
        return found->second;
    }

    std::string text(const Fields& fields, const std::string& key) {
        const auto node = required(fields, key);
        if (!node) {
            return {};
        }
        if (!node->IsScalar() || node->Scalar().empty()) {
            fault(node->Mark(), fmt::format("{}.{}: a text is wanted", fields.path, key));
            return {};
        }
        return node->Scalar();
    }

    std::vector<YAML::Node> list(const Fields& fields, const std::string& key) {
        const auto node = required(fields, key);
        if (!node) {
            return {};
        }
        if (!node->IsSequence() || node->size() == 0) {
            fault(node->Mark(), fmt::format("{}.{}: a list is wanted", fields.path, key));
            return {};
        }
        return {node->begin(), node->end()};
    }

    template <typename Number>
    Number number(const YAML::Node& node, const std::string& path, Number smallest) {
        Number value{};
        // A quoted number and "1e99" for an integer are refused by the conversion or the tag.
        if (!node.IsScalar() || node.Tag() == "!" || !YAML::convert<Number>::decode(node, value) ||
            !(value >= smallest)) {
            fault(node.Mark(), fmt::format("{}: a number of {} or more is wanted, found '{}'", path,
                                           smallest, node.IsScalar() ? node.Scalar() : "a map"));
            return smallest;
        }
        return value;
    }

    template <typename Number>
    Number number(const Fields& fields, const std::string& key, Number smallest) {
        const auto node = required(fields, key);
        return node ? number(*node, fields.path + "." + key, smallest) : smallest;
    }

    bool has(const Fields& fields, const char* key) const { return fields.values.contains(key); }

    /// Of a key that may be left out.
    unsigned count(const Fields& fields, const char* key, unsigned otherwise) {
        return has(fields, key) ? number<unsigned>(fields, key, 0) : otherwise;
    }

    std::vector<YAML::Node> list_if_there(const Fields& fields, const char* key) {
        return has(fields, key) ? list(fields, key) : std::vector<YAML::Node>{};
    }

    /// What of the chassis is neither a port nor a sensor; all of it may be missing.
    void read_hardware(const Fields& fields, Model& model) {
        model.product_number = count(fields, "product_number", Model::software_sbc);
        model.mac_oui = has(fields, "mac_oui") ? text(fields, "mac_oui") : "";
        model.fan_trays = count(fields, "fan_trays", 0);
        model.power_supplies = count(fields, "power_supplies", 0);
        model.slots = count(fields, "slots", 0);
        for (const YAML::Node& node : list_if_there(fields, "modules")) {
            model.modules.push_back(read_module(node, model));
        }
        model.ethernet_groups.most = static_cast<unsigned>(model.ports.size());
        if (has(fields, "ethernet_groups")) {
            read_group_rules(fields.values.at("ethernet_groups"), model);
        }
        if (has(fields, "lights")) {
            const Fields lights = map(fields.values.at("lights"), "lights",
                                      {"port", "module", "fan_tray", "power_supply"});
            model.lights = {read_lights(lights, "port"), read_lights(lights, "module"),
                            read_lights(lights, "fan_tray"), read_lights(lights, "power_supply")};
        }
    }

    ModelModule read_module(const YAML::Node& node, const Model& model) {
        const std::string path = fmt::format("modules[{}]", model.modules.size());
        const Fields fields = map(node, path, {"slot", "width", "name", "type_number", "fitted"});
        ModelModule module;
        module.slot = number<unsigned>(fields, "slot", 1);
        module.width = has(fields, "width") ? number<unsigned>(fields, "width", 1) : 1;
        module.name = text(fields, "name");
        module.type_number = count(fields, "type_number", 0);
        module.fitted = flag(fields, "fitted", true);
        const unsigned first_free =
            model.modules.empty() ? 1 : model.modules.back().slot + model.modules.back().width;
        const unsigned last = module.slot + module.width - 1;
        if (module.slot < first_free || last > model.slots) {
            fault(node.Mark(),
                  fmt::format("{}: slots {}..{} are wanted free and in rising order, found {}..{}",
                              path, first_free, model.slots, module.slot, last));
        }
        return module;
    }

    bool flag(const Fields& fields, const char* key, bool otherwise) {
        if (!has(fields, key)) {
            return otherwise;
        }
        const YAML::Node& node = fields.values.at(key);
        if (!node.IsScalar() || (node.Scalar() != "true" && node.Scalar() != "false")) {
            fault(node.Mark(), fmt::format("{}.{}: true or false is wanted", fields.path, key));
            return otherwise;
        }
        return node.Scalar() == "true";
    }

    void read_group_rules(const YAML::Node& node, Model& model) {
        const Fields fields = map(node, "ethernet_groups", {"most", "pairs"});
        model.ethernet_groups.most = number<unsigned>(fields, "most", 1);
        for (const YAML::Node& pair : list_if_there(fields, "pairs")) {
            const bool is_pair =
                pair.IsSequence() && pair.size() == 2 &&
                std::ranges::all_of(pair, [&](const YAML::Node& label) {
                    return label.IsScalar() && model.port(label.Scalar()) != nullptr;
                });
            if (!is_pair) {
                fault(pair.Mark(), "ethernet_groups.pairs: the labels of two ports are wanted");
                continue;
            }
            model.ethernet_groups.pairs.emplace_back(pair[0].Scalar(), pair[1].Scalar());
        }
    }

    std::vector<ModelLight> read_lights(const Fields& lights, const char* key) {
        std::vector<ModelLight> found;
        for (const YAML::Node& node : list_if_there(lights, key)) {
            const Fields fields = map(node, fmt::format("lights.{}", key), {"name", "ok", "fault"});
            found.push_back({text(fields, "name"), colour(fields, "ok"), colour(fields, "fault")});
        }
        return found;
    }

    LightColour colour(const Fields& fields, const char* key) {
        const std::string name = text(fields, key);
        const auto found = std::ranges::find(colour_names, name);
        if (found == colour_names.end()) {
            fault(fields.node.Mark(), fmt::format("{}.{}: {} is wanted, found '{}'", fields.path,
                                                  key, fmt::join(colour_names, ", "), name));
            return LightColour::off;
        }
        return static_cast<LightColour>(found - colour_names.begin());
    }

    ModelPort read_port(const YAML::Node& node, const std::vector<ModelPort>& before) {
        const std::string path = fmt::format("ports[{}]", before.size());
        Fields fields = map(node, path, {"label", "speeds_mbps"});
        ModelPort port;
        port.label = text(fields, "label");
        if (!port.label.empty() &&
            std::ranges::find(before, port.label, &ModelPort::label) != before.end()) {
            fault(node.Mark(), fmt::format("{}: label '{}' stands twice", path, port.label));
        }
        for (const YAML::Node& speed : list(fields, "speeds_mbps")) {
            port.speeds_mbps.push_back(number<unsigned>(speed, path + ".speeds_mbps", 1));
        }
        return port;
    }

    Capacity read_capacity(const Fields& model) {
        const auto node = required(model, "capacity");
        if (!node) {
            return {};
        }
        Fields fields =
            map(*node, "capacity",
                {"signaling_sessions", "media_sessions", "srtp_sessions", "registered_users"});
        return {.signaling_sessions = number<unsigned>(fields, "signaling_sessions", 0),
                .media_sessions = number<unsigned>(fields, "media_sessions", 0),
                .srtp_sessions = number<unsigned>(fields, "srtp_sessions", 0),
                .registered_users = number<unsigned>(fields, "registered_users", 0)};
    }

    ModelSensor read_sensor(const YAML::Node& node) {
        Fields fields =
            map(node, "sensors", {"name", "unit", "minor", "major", "critical", "nominal"});
        ModelSensor sensor;
        sensor.name = text(fields, "name");
        sensor.unit = text(fields, "unit");
        sensor.minor = number<double>(fields, "minor", 0);
        sensor.major = number<double>(fields, "major", 0);
        sensor.critical = number<double>(fields, "critical", 0);
        sensor.nominal = sensor.is_temperature() ? number<double>(fields, "nominal", 0) : 0;
        if (sensor.minor > sensor.major || sensor.major > sensor.critical) {
            fault(node.Mark(),
                  fmt::format("sensors: thresholds of '{}' must rise: minor, major, critical",
                              sensor.name));
        }
        return sensor;
    }

    std::string origin_;
    std::string faults_;
};

}  // namespace

std::string_view to_string(LightColour colour) {
    return colour_names.at(static_cast<std::size_t>(colour));
}

const ModelPort* Model::port(std::string_view label) const {
    const auto found = std::ranges::find(ports, label, &ModelPort::label);
    return found == ports.end() ? nullptr : &*found;
}

std::vector<std::string> model_names() {
    std::vector<std::string> names;
    for (const EmbeddedFile& file : model_files) {
        names.emplace_back(file.name);
    }
    return names;
}

Expected<Model> load_model(std::string_view name) {
    const auto file = std::ranges::find(model_files, name, &EmbeddedFile::name);
    if (file == model_files.end()) {
        const std::vector<std::string> names = model_names();
        const auto nearest = nearest_name(name, names);
        return std::unexpected(
            Error{fmt::format("no model '{}'; there are {}{}", name, join_names(names),
                              nearest ? "; did you mean '" + *nearest + "'?" : "")});
    }
    return parse_model(file->text, fmt::format("board/models/{}.yaml", name));
}

Expected<Model> parse_model(std::string_view text, const std::string& origin) {
    ModelReader reader(origin);
    Model model;
    try {
        model = reader.read(YAML::Load(std::string(text)));
    } catch (const YAML::Exception& exception) {
        reader.fault(exception.mark, exception.msg);
    }
    if (!reader.faults().empty()) {
        return std::unexpected(Error{reader.faults()});
    }
    return model;
}

}  // namespace trunkline::board
