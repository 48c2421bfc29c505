#include "mgmt/rest/answers.h"

#include "mgmt/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr int deepest_json = 64;
/// Long enough for a restart, or for what keeps the control thread.
constexpr std::chrono::seconds wait_for_control{5};

/// "line 3, column 14", from 1.
std::string place_in(const std::string& text, std::size_t byte) {
    const std::string_view before = std::string_view(text).substr(0, byte == 0 ? 0 : byte - 1);
    const std::size_t line_end = before.rfind('\n');
    const std::size_t column =
        before.size() - (line_end == std::string_view::npos ? 0 : line_end + 1) + 1;
    return fmt::format("line {}, column {}", std::ranges::count(before, '\n') + 1, column);
}

/// What the library says after its own name and the position.
std::string reason_of(const json::exception& error) {
    const std::string_view text = error.what();
    const std::size_t colon = text.find(": ");
    return std::string(text.substr(colon == std::string_view::npos ? 0 : colon + 2));
}

}  // namespace

HttpResponse json_response(const json& body, int status) {
    // Texts of peers may be no UTF-8.
    return {status,
            "application/json",
            body.dump(-1, ' ', false, json::error_handler_t::replace),
            {},
            {}};
}

HttpResponse description(int status, const std::string& why) {
    return json_response({{"description", why}}, status);
}

HttpResponse refusal_response(const json& reply) {
    const json faults = list_in(reply, "faults");
    const int status = flag_in(reply, "denied")     ? 403
                       : flag_in(reply, "conflict") ? 409
                       : is_unavailable(reply)      ? 503
                                                    : 400;
    json body{{"description", text_in(reply, "error")}};
    if (!faults.empty()) {
        body["faults"] = faults;
    }
    if (const json notes = list_in(reply, "notes"); !notes.empty()) {
        body["notes"] = notes;
    }
    return status == 503 ? unavailable_response(body) : json_response(body, status);
}

HttpResponse unavailable_response(const json& body) {
    HttpResponse response = json_response(body, 503);
    response.headers.emplace_back("Retry-After", fmt::format("{}", wait_for_control.count()));
    return response;
}

bool is_unavailable(const json& reply) {
    return flag_in(reply, "unavailable");
}

std::expected<json, HttpResponse> json_body(const HttpRequest& request) {
    if (request.body.find_first_not_of(" \t\r\n") == std::string::npos) {
        return json::object();
    }
    bool is_too_deep = false;
    try {
        json value = json::parse(request.body, [&](int depth, json::parse_event_t, json&) {
            is_too_deep = is_too_deep || depth > deepest_json;
            return !is_too_deep;
        });
        if (is_too_deep) {
            return std::unexpected(
                description(400, fmt::format("the JSON is nested deeper than {}", deepest_json)));
        }
        return value;
    } catch (const json::parse_error& error) {
        return std::unexpected(
            description(400, fmt::format("no JSON at {}: {}", place_in(request.body, error.byte),
                                         reason_of(error))));
    } catch (const json::exception& error) {  // a number that no double holds
        return std::unexpected(description(400, "no JSON: " + reason_of(error)));
    }
}

std::expected<std::string, HttpResponse> uploaded_file(const HttpRequest& request) {
    const bool is_form = request.content_type.starts_with("multipart/form-data");
    const auto part = std::ranges::find(request.parts, "file", &HttpPart::name);
    if (is_form && part == request.parts.end()) {
        return std::unexpected(description(400, "the form has no part with the name 'file'"));
    }
    const std::string& text = is_form ? part->content : request.body;
    if (text.empty()) {
        return std::unexpected(description(400, "there is no file in the request, or it is empty"));
    }
    return text;
}

json object_schema(const json& properties, const json& required) {
    json schema{{"type", "object"}, {"properties", properties}};
    if (!required.empty()) {
        schema["required"] = required;
    }
    return schema;
}

json array_schema(const json& items) {
    return {{"type", "array"}, {"items", items}};
}

json type_schema(const json& type) {
    return {{"type", type}};
}

json description_schema() {
    return object_schema({{"description", type_schema("string")}}, {"description"});
}

json file_schema() {
    return object_schema({{"file", {{"type", "string"}, {"format", "binary"}}}}, {"file"});
}

Route missing_route(const std::string& method, const std::string& path, const std::string& name,
                    int status, const std::string& why) {
    Route route{method, path, name, why};
    route.responses = {{status, "Why not.", "application/json", description_schema()}};
    route.answer = [status, why](const RestCall&) { return description(status, why); };
    return route;
}

}  // namespace trunkline::mgmt
