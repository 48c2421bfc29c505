#include "board/model.h"

#include "board/embedded_file.h"
#include "board/nearest_name.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace trunkline::board {

namespace {

/// Reads a model file and keeps every fault that it meets on the way.
class ModelReader {
public:
    explicit ModelReader(const std::string& origin) : origin_(origin) {}

    Model read(const YAML::Node& root) {
        Model model;
        Fields fields =
            map(root, "model", {"name", "title", "chassis", "ports", "capacity", "sensors"});
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
        Fields fields = map(node, "sensors", {"name", "unit", "minor", "major", "critical"});
        ModelSensor sensor;
        sensor.name = text(fields, "name");
        sensor.unit = text(fields, "unit");
        sensor.minor = number<double>(fields, "minor", 0);
        sensor.major = number<double>(fields, "major", 0);
        sensor.critical = number<double>(fields, "critical", 0);
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
