#include "mgmt/rest/catalogue_document.h"

#include "mgmt/rest/answers.h"
#include "mgmt/rest/table_paths.h"
#include "mgmt/schema.h"

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

std::string type_name(const Parameter& parameter) {
    switch (parameter.type) {
        case ValueType::boolean:
            return "boolean";
        case ValueType::integer:
            return "integer";
        case ValueType::range:
            return "range";
        case ValueType::enumeration:
            return "enumeration";
        case ValueType::reference:
            return "reference";
        case ValueType::secret:
            return "secret";
        case ValueType::text:
        case ValueType::ip:
        case ValueType::prefix:
        case ValueType::mac:
        case ValueType::host_port:
            break;
    }
    return "text";
}

bool is_number(const Parameter& parameter) {
    return parameter.type == ValueType::integer || parameter.type == ValueType::range;
}

/// `to[key]`, where there is something to say.
void put(json& to, const char* key, const std::string& text) {
    if (!text.empty()) {
        to[key] = text;
    }
}

void put_flag(json& to, const char* key, bool flag) {
    if (flag) {
        to[key] = true;
    }
}

json values_of(const Parameter& parameter) {
    json values = json::array();
    for (const EnumValue& value : parameter.values) {
        json row{{"name", value.name}, {"label", value.label}};
        if (!value.available) {
            row["available"] = false;
        }
        values.push_back(std::move(row));
    }
    return values;
}

json parameter_row(const Parameter& parameter) {
    json row{{"name", parameter.name}, {"label", parameter.web}, {"type", type_name(parameter)}};
    put(row, "ini", parameter.ini);
    put(row, "cli", parameter.cli);
    put(row, "help", parameter.help);
    put(row, "unit", parameter.unit);
    put(row, "allowed", parameter.allowed());
    put(row, "reference", parameter.reference);
    put(row, "waitsFor", parameter.waits_for);
    put_flag(row, "list", parameter.list);
    put_flag(row, "required", parameter.required);
    put_flag(row, "reset", parameter.reset);
    if (is_number(parameter)) {
        row["minimum"] = parameter.minimum;
        row["maximum"] = parameter.maximum;
    }
    if (!parameter.also.empty()) {
        row["also"] = parameter.also;
    }
    if (parameter.longest > 0) {
        row["shortest"] = parameter.shortest;
        row["longest"] = parameter.longest;
    }
    if (!parameter.values.empty()) {
        row["values"] = values_of(parameter);
    }
    if (parameter.when) {
        row["when"] = {{"parameter", parameter.when->parameter},
                       {"values", parameter.when->values}};
    }
    if (const json schema = parameter_schema(parameter); schema.contains("default")) {
        row["default"] = schema["default"];
    }
    return row;
}

json table_row(const Catalogue& catalogue, const Table& table) {
    json row{{"path", table.path},      {"page", table.page},
             {"web", table.web},        {"resource", table_path(catalogue, table)},
             {"isList", table.is_list}, {"writer", static_cast<int>(writer_of(table))}};
    put(row, "ini", table.ini);
    put(row, "cli", table.cli);
    put(row, "help", table.help);
    put(row, "key", table.key);
    if (const Table* const above = catalogue.list_above(table)) {
        row["above"] = above->path;
    }
    if (table.is_list) {
        row["fewestRows"] = table.fewest_rows;
        row["mostRows"] = table.most_rows;
    }
    if (!table.one_of.empty()) {
        row["oneOf"] = table.one_of;
    }
    row["parameters"] = json::array();
    for (const Parameter& parameter : table.parameters) {
        row["parameters"].push_back(parameter_row(parameter));
    }
    return row;
}

json document_schema() {
    const json text = type_schema("string");
    const json parameter =
        object_schema({{"name", text}, {"label", text}, {"type", text}, {"help", text}},
                      {"name", "label", "type"});
    const json table = object_schema({{"path", text},
                                      {"page", text},
                                      {"web", text},
                                      {"resource", text},
                                      {"isList", type_schema("boolean")},
                                      {"writer", type_schema("integer")},
                                      {"parameters", array_schema(parameter)}},
                                     {"path", "page", "web", "resource", "isList", "parameters"});
    return object_schema({{"tables", array_schema(table)}}, {"tables"});
}

}  // namespace

json catalogue_document(const Catalogue& catalogue) {
    json tables = json::array();
    for (const Table& table : catalogue.tables()) {
        tables.push_back(table_row(catalogue, table));
    }
    return {{"tables", std::move(tables)}};
}

Route catalogue_route(const Catalogue& catalogue) {
    Route route{"GET", "/api/v1/catalogue", "getCatalogue",
                "Every table and parameter: label, help, type, range, unit, default, values, names "
                "in ini files and on the command line. 'waitsFor' names what must exist before a "
                "parameter acts, 'reset' that it acts after a restart; 'writer' is the level that "
                "changes a table."};
    route.responses = {{200, "The catalogue.", "application/json", document_schema()},
                       {304, "If-None-Match names this catalogue.", "", {}}};
    const std::string body = catalogue_document(catalogue).dump();
    const std::string etag = fmt::format("\"{:x}\"", std::hash<std::string>{}(body));
    route.answer = [body, etag](const RestCall& call) {
        HttpResponse response = call.request.if_none_match == etag
                                    ? HttpResponse{304, "", "", {}, {}}
                                    : HttpResponse{200, "application/json", body, {}, {}};
        response.headers.emplace_back("ETag", etag);
        return response;
    };
    return route;
}

}  // namespace trunkline::mgmt
