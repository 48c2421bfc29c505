#include "mgmt/rest/table_schema.h"

#include "mgmt/rest/answers.h"
#include "mgmt/rest/table_edits.h"
#include "mgmt/schema.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

std::string schema_name(const Table& table, bool is_row) {
    return table.path + (table.is_list && !is_row ? ".rows" : "");
}

std::string patch_name(const Table& table) {
    return table.path + ".patch";
}

/// Texts are strings in JSON, where YAML without quotes makes other types of some.
void leave_strings_alone(json& schema) {
    if (const auto type = schema.find("type"); type != schema.end() && type->is_array()) {
        *type = "string";
    }
    if (const auto values = schema.find("enum"); values != schema.end()) {
        json strings = json::array();
        std::ranges::copy_if(*values, std::back_inserter(strings), &json::is_string);
        *values = std::move(strings);
    }
    if (const auto choices = schema.find("anyOf"); choices != schema.end()) {
        for (json& choice : *choices) {
            leave_strings_alone(choice);
        }
    }
}

/// A secret is given as the configuration takes it, and shown as one that is there.
json value_schema(const Parameter& parameter) {
    json schema = parameter_schema(parameter);
    if (parameter.type != ValueType::integer && parameter.type != ValueType::boolean) {
        leave_strings_alone(parameter.list ? schema["items"] : schema);
    }
    if (parameter.type == ValueType::secret) {
        schema["anyOf"].push_back(object_schema({{"set", {{"const", true}}}}, {"set"}));
    }
    return schema;
}

json row_schema(const Catalogue& catalogue, const Table& table, bool is_patch) {
    json properties = json::object(), required = json::array();
    const auto add = [&](const std::string& name, json schema) {
        properties[name] = is_patch ? json{{"anyOf", {std::move(schema), type_schema("null")}}}
                                    : std::move(schema);
    };
    if (table.is_list) {
        properties["row"] = {{"type", "integer"}, {"minimum", 0}};
    }
    for (const Parameter& parameter : table.parameters) {
        add(parameter.name, value_schema(parameter));
        if (!is_patch && table.is_list && parameter.required && !parameter.when &&
            table.one_of.empty()) {
            required.push_back(parameter.name);
        }
    }
    for (const Table* const inner : inner_tables(catalogue, table)) {
        add(std::string(inner->name()), resource_schema(*inner, false));
    }
    json schema = object_schema(properties, required);
    schema["additionalProperties"] = false;
    schema["title"] = table.page;
    schema["description"] = table.help;
    return schema;
}

}  // namespace

json resource_schema(const Table& table, bool is_row) {
    return {{"$ref", "#/components/schemas/" + schema_name(table, is_row)}};
}

json patch_schema(const Table& table) {
    return {{"$ref", "#/components/schemas/" + patch_name(table)}};
}

json table_schemas(const Catalogue& catalogue) {
    json schemas = json::object();
    for (const Table& table : catalogue.tables()) {
        schemas[schema_name(table, true)] = row_schema(catalogue, table, false);
        schemas[patch_name(table)] = row_schema(catalogue, table, true);
        if (table.is_list) {
            schemas[schema_name(table, false)] = array_schema(resource_schema(table, true));
        }
    }
    return schemas;
}

}  // namespace trunkline::mgmt
