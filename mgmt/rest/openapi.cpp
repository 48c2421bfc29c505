#include "mgmt/rest/openapi.h"

#include "mgmt/rest/answers.h"
#include "mgmt/rest/router.h"
#include "mgmt/rest/table_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

/// What any route may answer with, beside its own.
struct CommonError {
    int status;
    const char* help;
};
constexpr CommonError common_errors[] = {
    {400, "The request is wrong; nothing was done."},
    {401, "Not signed in, or not with a right password."},
    {403, "The user's level is too low."},
    {404, "There is no such thing."},
    {409, "Somebody changed it meanwhile, or it cannot be done as things are."},
    {412, "If-Match names another revision than there is now."},
    {413, "The body is too large."},
    {429, "Too many wrong passwords; Retry-After says when to try again."},
    {503, "The appliance had no time, or stops."},
};

json error_schema() {
    const json text = type_schema("string"), number = type_schema("integer");
    return object_schema({{"description", text},
                          {"status", text},
                          {"output", text},
                          {"line", number},
                          {"faults", array_schema(object_schema({{"path", text},
                                                                 {"pointer", text},
                                                                 {"line", number},
                                                                 {"column", number},
                                                                 {"message", text}}))},
                          {"notes", array_schema(text)}},
                         {"description"});
}

json content_of(const std::string& type, const json& schema) {
    return {{type, {{"schema", schema}}}};
}

json parameters_of(const Route& route) {
    json parameters = json::array();
    for (const auto part : path_parts(route.path)) {
        if (part.starts_with('{')) {
            parameters.push_back({{"name", part.substr(1, part.size() - 2)},
                                  {"in", "path"},
                                  {"required", true},
                                  {"schema", type_schema("string")}});
        }
    }
    for (const QueryParameter& parameter : route.query) {
        parameters.push_back({{"name", parameter.name},
                              {"in", "query"},
                              {"description", parameter.help},
                              {"schema", parameter.schema}});
    }
    return parameters;
}

json operation_of(const Route& route) {
    json responses = json::object();
    for (const auto& [status, help] : common_errors) {
        responses[fmt::format("{}", status)] = {
            {"description", help},
            {"content", content_of("application/json", {{"$ref", "#/components/schemas/Error"}})}};
    }
    for (const RouteResponse& response : route.responses) {
        json made{{"description", response.help}};
        if (!response.content_type.empty()) {
            made["content"] = content_of(response.content_type, response.schema);
        }
        responses[fmt::format("{}", response.status)] = std::move(made);
    }
    json operation{
        {"operationId", route.name},
        {"summary", route.help},
        {"tags", {path_parts(route.path).size() > 2 ? path_parts(route.path)[2] : "api"}},
        {"x-level", to_text(route.level)},
        {"responses", std::move(responses)}};
    if (json parameters = parameters_of(route); !parameters.empty()) {
        operation["parameters"] = std::move(parameters);
    }
    if (!route.takes.empty()) {
        operation["requestBody"] = {{"content", content_of(route.takes, route.takes_schema)}};
    }
    return operation;
}

/// Made when somebody asks for it first: power-on does not wait for it.
struct Document {
    std::vector<Route> routes;
    std::once_flag is_made;
    std::string text;
};

}  // namespace

json openapi_document(std::span<const Route> routes, const Catalogue& catalogue) {
    json paths = json::object();
    for (const Route& route : routes) {
        std::string method = route.method;
        std::ranges::transform(method, method.begin(),
                               [](unsigned char c) { return std::tolower(c); });
        paths[route.path][method] = operation_of(route);
    }
    json schemas = table_schemas(catalogue);
    schemas["Error"] = error_schema();
    return {{"openapi", "3.1.0"},
            {"info",
             {{"title", "Trunkline"},
              {"version", "1"},
              {"description",
               "The appliance's REST interface. Sign in with HTTP Basic, or with a "
               "token of actions/authToken. x-level is the level a user needs."}}},
            {"jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema"},
            {"security", {{{"basic", json::array()}}, {{"token", json::array()}}}},
            {"paths", std::move(paths)},
            {"components",
             {{"schemas", std::move(schemas)},
              {"securitySchemes",
               {{"basic", {{"type", "http"}, {"scheme", "basic"}}},
                {"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

Route openapi_route(std::span<const Route> routes, const Catalogue& catalogue) {
    Route route{"GET", "/api/v1/openapi.json", "getOpenApi", "This document."};
    route.responses = {{200, "OpenAPI 3.1.", "application/json", type_schema("object")}};
    const auto document = std::make_shared<Document>();
    document->routes.assign(routes.begin(), routes.end());
    document->routes.push_back(route);
    route.answer = [document, &catalogue](const RestCall&) {
        std::call_once(document->is_made, [&] {
            document->text = openapi_document(document->routes, catalogue).dump();
        });
        return HttpResponse{200, "application/json", document->text, {}, {}};
    };
    return route;
}

}  // namespace trunkline::mgmt
