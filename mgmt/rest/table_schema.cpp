#include "mgmt/rest/table_schema.h"

#include "mgmt/rest/answers.h"
#include "mgmt/rest/table_edits.h"
#include "mgmt/schema.h"

#include <string>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

std::string schema_name(const Table& table, bool is_row) {
    return table.path + (table.is_list && !is_row ? ".rows" : "");
}

/// A secret is given as the configuration takes it, and shown as one that is there.
json value_schema(const Parameter& parameter) {
    json schema = parameter_schema(parameter);
    if (parameter.type == ValueType::secret) {
        schema["anyOf"].push_back(object_schema({{"set", {{"const", true}}}}, {"set"}));
    }
    return schema;
}

json row_schema(const Catalogue& catalogue, const Table& table) {
    json properties = json::object(), required = json::array();
    if (table.is_list) {
        properties["row"] = {{"type", "integer"}, {"minimum", 0}};
    }
    for (const Parameter& parameter : table.parameters) {
        properties[parameter.name] = value_schema(parameter);
        if (table.is_list && parameter.required && !parameter.when && table.one_of.empty()) {
            required.push_back(parameter.name);
        }
    }
    for (const Table* const inner : inner_tables(catalogue, table)) {
        properties[std::string(inner->name())] = resource_schema(*inner, false);
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

json table_schemas(const Catalogue& catalogue) {
    json schemas = json::object();
    for (const Table& table : catalogue.tables()) {
        schemas[schema_name(table, true)] = row_schema(catalogue, table);
        if (table.is_list) {
            schemas[schema_name(table, false)] = array_schema(resource_schema(table, true));
        }
    }
    return schemas;
}

}  // namespace trunkline::mgmt
