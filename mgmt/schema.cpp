#include "mgmt/schema.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// Texts may stand there without quotes; YAML then reads digits as a number.
const json text_types = {"string", "number"};

json text_schema(std::size_t shortest, std::size_t longest) {
    return {{"type", text_types}, {"minLength", shortest}, {"maxLength", longest}};
}

json integer_schema(const Parameter& parameter) {
    const json range{
        {"type", "integer"}, {"minimum", parameter.minimum}, {"maximum", parameter.maximum}};
    if (parameter.also.empty()) {
        return range;
    }
    return {{"anyOf", {range, {{"enum", parameter.also}}}}};
}

json enum_schema(const Parameter& parameter) {
    json values = json::array();
    for (const std::string& name : parameter.available_values()) {
        values.push_back(name);
        if (name == "null") {
            values.push_back(nullptr);  // what YAML makes of it without quotes
        } else if (name == "no" || name == "yes") {
            values.push_back(name == "yes");  // what YAML 1.1 makes of it
        }
    }
    return {{"enum", values}};
}

json secret_schema(const Parameter& parameter) {
    const auto source = [](const char* key) {
        return json{{"type", "object"},
                    {"properties", {{key, {{"type", "string"}, {"minLength", 1}}}}},
                    {"required", {key}},
                    {"additionalProperties", false}};
    };
    return {{"anyOf",
             {text_schema(parameter.shortest, parameter.longest), source("file"), source("env")}}};
}

json value_schema(const Parameter& parameter) {
    switch (parameter.type) {
        case ValueType::boolean:
            return {{"type", "boolean"}};
        case ValueType::integer:
            return integer_schema(parameter);
        case ValueType::range:
            return {{"type", {"string", "integer"}}, {"pattern", "^[0-9]+(-[0-9]+)?$"}};
        case ValueType::enumeration:
            return enum_schema(parameter);
        case ValueType::text:
            return text_schema(parameter.shortest, parameter.longest);
        case ValueType::ip:
        case ValueType::mac:
            return {{"type", "string"}};
        case ValueType::prefix:
            return {{"type", "string"}, {"pattern", "^[0-9A-Fa-f.:]+/[0-9]{1,3}$"}};
        case ValueType::host_port:
            return {{"type", "string"},
                    {"minLength", parameter.shortest},
                    {"maxLength", parameter.longest}};
        case ValueType::reference:
            return {{"type", text_types}};
        case ValueType::secret:
            return secret_schema(parameter);
    }
    std::abort();
}

json default_of(const Parameter& parameter, const ConfigNode& node) {
    if (node.kind == ConfigNode::Kind::sequence) {
        json items = json::array();
        for (const ConfigNodePtr& item : node.items) {
            items.push_back(default_of(parameter, *item));
        }
        return items;
    }
    if (parameter.type == ValueType::boolean) {
        return node.text == "true";
    }
    if (parameter.type == ValueType::integer) {
        int64_t number = 0;
        std::from_chars(node.text.data(), node.text.data() + node.text.size(), number);
        return number;
    }
    return node.text;
}

}  // namespace

json parameter_schema(const Parameter& parameter) {
    json schema = value_schema(parameter);
    if (parameter.list) {
        schema = {{"type", "array"},
                  {"items", schema},
                  {"minItems", parameter.shortest},
                  {"maxItems", parameter.longest},
                  {"uniqueItems", true}};
    }
    schema["title"] = parameter.web;
    schema["description"] = parameter.help;
    if (parameter.default_value) {
        schema["default"] = default_of(parameter, *parameter.default_value);
    }
    for (const auto& [key, text] :
         {std::pair{"x-ini", &parameter.ini}, std::pair{"x-cli", &parameter.cli},
          std::pair{"x-unit", &parameter.unit}, std::pair{"x-waits-for", &parameter.waits_for}}) {
        if (!text->empty()) {
            schema[key] = *text;
        }
    }
    if (parameter.reset) {
        schema["x-reset"] = true;
    }
    return schema;
}

namespace {

json object_schema(const json& properties, const std::vector<std::string>& required) {
    json schema{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
    if (!required.empty()) {
        schema["required"] = required;
    }
    return schema;
}

/// The object with `decider` set to `value`: with the parameters that belong to it and no others.
json alternative(const Table& table, const std::string& decider, const EnumValue* value) {
    json properties;
    std::vector<std::string> required{decider};
    properties[decider] = parameter_schema(*table.parameter(decider));
    if (value != nullptr) {
        json allowed = json::array({value->name});
        if (value->name == "null") {
            allowed.push_back(nullptr);
        }
        properties[decider]["enum"] = allowed;
    }
    for (const Parameter& parameter : table.parameters) {
        const bool belongs =
            value != nullptr && parameter.when && parameter.when->parameter == decider &&
            std::find(parameter.when->values.begin(), parameter.when->values.end(), value->name) !=
                parameter.when->values.end();
        if (belongs) {
            properties[parameter.name] = parameter_schema(parameter);
            if (parameter.required) {
                required.push_back(parameter.name);
            }
        }
    }
    return object_schema(properties, required);
}

json alternatives(const Table& table) {
    json all = json::array();
    for (const std::string& decider : table.one_of) {
        const Parameter& parameter = *table.parameter(decider);
        if (parameter.type != ValueType::enumeration) {
            all.push_back(alternative(table, decider, nullptr));
        }
        for (const EnumValue& value : parameter.values) {
            if (value.available) {
                all.push_back(alternative(table, decider, &value));
            }
        }
    }
    return {{"oneOf", all}};
}

json node_schema(const Catalogue& catalogue, const std::string& path) {
    const Table* table = catalogue.table(path);
    if (table != nullptr && !table->one_of.empty()) {
        json schema = alternatives(*table);
        schema["title"] = table->web;
        schema["description"] = table->help;
        return schema;
    }
    json properties = json::object();
    std::vector<std::string> required;
    if (table != nullptr) {
        for (const Parameter& parameter : table->parameters) {
            properties[parameter.name] = parameter_schema(parameter);
            if (parameter.required) {
                required.push_back(parameter.name);
            }
        }
    }
    for (const std::string& child : catalogue.children(path)) {
        const std::string child_path = path.empty() ? child : path + "." + child;
        properties[child] = node_schema(catalogue, child_path);
        const Table* below = catalogue.table(child_path);
        if (below != nullptr && (below->required || below->fewest_rows > 0)) {
            required.push_back(child);
        }
    }
    json schema = object_schema(properties, required);
    if (table != nullptr && table->is_list) {
        // A head whose rows are all commented out reads as null.
        const json empty = table->fewest_rows == 0 ? json{"array", "null"} : json("array");
        schema = {{"type", empty},
                  {"items", schema},
                  {"minItems", table->fewest_rows},
                  {"maxItems", table->most_rows}};
    } else if (!path.empty() && required.empty()) {
        schema["type"] = {"object", "null"};
    }
    if (table != nullptr) {
        schema["title"] = table->web;
        schema["description"] = table->help;
    }
    return schema;
}

}  // namespace

json config_schema(const Catalogue& catalogue) {
    json schema = node_schema(catalogue, "");
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = "Trunkline configuration";
    return schema;
}

}  // namespace trunkline::mgmt
