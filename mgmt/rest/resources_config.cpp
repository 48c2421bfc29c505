// Every table of the catalogue as a resource: read, put, patched, deleted; the revision of the
// configuration is its ETag.
#include "mgmt/access/password_edits.h"
#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/router.h"
#include "mgmt/rest/table_edits.h"
#include "mgmt/rest/table_paths.h"
#include "mgmt/rest/table_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

/// What a route is about: settings, a list, or a row of one.
struct Place {
    const Catalogue& catalogue;
    const Table& table;
    bool is_row = false;
    std::size_t rows_in_path = 0;  ///< "row", "row2"...
};

std::string row_name(std::size_t at) {
    return at == 0 ? "row" : fmt::format("row{}", at + 1);
}

std::optional<std::vector<std::size_t>> rows_of(const Place& place, const RestCall& call) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < place.rows_in_path; ++i) {
        const std::string& text = call.in_path.at(row_name(i));
        std::size_t number = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, number);
        if (error != std::errc{} || stop != end || number > 1'000'000'000) {
            return std::nullopt;
        }
        rows.push_back(number);
    }
    return rows;
}

/// "signaling_and_media.proxy_sets[3].proxy_addresses" with what leads there.
std::string path_of(const Place& place, std::span<const std::size_t> rows) {
    std::string path = place.table.path;
    if (const Table* const above = place.catalogue.list_above(place.table);
        above != nullptr && !rows.empty()) {
        path = fmt::format("{}[{}]{}", above->path, rows.front(),
                           place.table.path.substr(above->path.size()));
        rows = rows.subspan(1);
    }
    return rows.empty() ? path : fmt::format("{}[{}]", path, rows.front());
}

/// "signaling_and_media.accounts[2].register" -> "/signaling_and_media/accounts/2/register".
std::string pointer_of(const std::string& path) {
    std::string pointer = "/";
    for (const char c : path) {
        if (c != ']') {
            pointer += c == '.' || c == '[' ? '/' : c;
        }
    }
    return pointer;
}

HttpResponse fault_response(const BodyFault& fault) {
    return json_response({{"description", fault.message},
                          {"faults", {{{"pointer", fault.pointer}, {"message", fault.message}}}}},
                         400);
}

HttpResponse refused(const json& reply, bool had_if_match) {
    if (flag_in(reply, "missing")) {
        return description(404, text_in(reply, "error"));
    }
    json with_pointers = reply;
    if (with_pointers.contains("faults") && with_pointers["faults"].is_array()) {
        for (json& fault : with_pointers["faults"]) {
            if (const std::string path = text_in(fault, "path"); !path.empty()) {
                fault["pointer"] = pointer_of(path);
            }
        }
    }
    HttpResponse response = refusal_response(with_pointers);
    response.status = response.status == 409 && had_if_match ? 412 : response.status;
    return response;
}

std::string etag_of(const json& reply) {
    return fmt::format("\"{}\"", number_in(reply, "revision"));
}

/// What If-Match asks for; the error is the 400 or 412. "*" is whatever there is.
std::expected<std::optional<int64_t>, HttpResponse> based_on(const HttpRequest& request) {
    if (request.if_match.empty() || request.if_match == "*") {
        return std::nullopt;
    }
    std::string_view text = request.if_match;
    int64_t revision = 0;
    if (text.size() > 2 && text.front() == '"' && text.back() == '"') {
        const char* const end = text.data() + text.size() - 1;
        const auto [stop, error] = std::from_chars(text.data() + 1, end, revision);
        if (error == std::errc{} && stop == end) {
            return revision;
        }
    }
    return std::unexpected(
        description(412, "If-Match is no ETag that this appliance gave: " + request.if_match));
}

/// Whether a change is only to be told; the error is the 400. What is meant for a preview and is
/// misspelt must not act.
std::expected<bool, HttpResponse> is_preview(const HttpRequest& request) {
    const std::string value = request.query_value("preview");
    if (request.has_query("preview") && value != "true" && value != "false") {
        return std::unexpected(
            description(400, fmt::format("preview: found '{}'; allowed: true, false", value)));
    }
    return value == "true";
}

/// Now what stands at the route's place; parts of other tables are left out of settings.
json shown(const Place& place, json value) {
    if (place.table.is_list) {
        if (!place.is_row) {
            return with_row_numbers(std::move(value), place.catalogue, place.table);
        }
        number_inner_rows(value, place.catalogue, place.table);
        value.erase("row");
        return value;
    }
    json own = json::object();
    for (const auto& [key, member] : value.items()) {
        if (place.table.parameter(key) != nullptr) {
            own[key] = member;
        }
    }
    return own;
}

json get_request(const std::string& path) {
    return {{"command", "configuration get"},
            {"from", "running"},
            {"path", path},
            {"secrets", "hidden"}};
}

HttpResponse get(const Place& place, const Ask& ask, const RestCall& call) {
    const auto rows = rows_of(place, call);
    if (!rows) {
        return description(404, "a row has a number");
    }
    const json reply = ask(get_request(path_of(place, *rows)), call.caller);
    if (!flag_in(reply, "ok")) {
        return refused(reply, false);
    }
    const std::string etag = etag_of(reply);
    HttpResponse response = call.request.if_none_match == etag
                                ? HttpResponse{304, "", "", {}, {}}
                                : json_response(shown(place, reply["configuration"]));
    response.headers.emplace_back("ETag", etag);
    return response;
}

json changed_body(const json& reply) {
    return {{"description", "The change acts."},
            {"revision", number_in(reply, "revision")},
            {"saveNeeded", flag_in(reply, "save_needed")},
            {"resetNeeded", flag_in(reply, "reset_needed")},
            {"differences", list_in(reply, "differences")},
            {"notes", list_in(reply, "notes")}};
}

HttpResponse change(const Place& place, const Ask& ask, const RestCall& call,
                    const std::function<TableEdits(const std::vector<std::size_t>& rows,
                                                   const json& now)>& edits_for) {
    const auto rows = rows_of(place, call);
    if (!rows) {
        return description(404, "a row has a number");
    }
    const auto base = based_on(call.request);
    if (!base) {
        return base.error();
    }
    const auto preview = is_preview(call.request);
    if (!preview) {
        return preview.error();
    }
    const json now = ask(get_request(path_of(place, *rows)), call.caller);
    const bool is_missing = flag_in(now, "missing");
    if (!flag_in(now, "ok") && !is_missing) {
        return refused(now, false);
    }
    auto edits = edits_for(*rows, is_missing ? json() : now["configuration"]);
    if (!edits) {
        return fault_response(edits.error());
    }
    hash_passwords(*edits);
    json request{{"command", "configuration edit"}, {"edits", *std::move(edits)}};
    // What is left out was worked out from this revision.
    if (!is_missing || *base) {
        request["based_on"] = *base ? **base : number_in(now, "revision");
    }
    if (*preview) {
        request["preview"] = true;
    }
    const json reply = ask(request, call.caller);
    if (!flag_in(reply, "ok")) {
        return refused(reply, base->has_value());
    }
    HttpResponse response = json_response(changed_body(reply));
    response.headers.emplace_back("ETag", etag_of(reply));
    return response;
}

HttpResponse write(const Place& place, const Ask& ask, const RestCall& call, bool is_whole) {
    const auto body = json_body(call.request);
    if (!body) {
        return body.error();
    }
    return change(place, ask, call, [&](const auto& rows, const json& now) {
        const bool is_list = place.table.is_list && !place.is_row;
        return is_list ? list_edits(place.catalogue, place.table, rows, *body, now)
                       : row_edits(place.catalogue, place.table, rows, *body, now, is_whole);
    });
}

/// A row more, behind the others.
HttpResponse append(const Place& place, const Ask& ask, const RestCall& call) {
    const auto body = json_body(call.request);
    if (!body) {
        return body.error();
    }
    std::size_t number = 0;
    HttpResponse response = change(place, ask, call, [&](auto rows, const json& now) {
        number = next_row(now);
        rows.push_back(number);
        return row_edits(place.catalogue, place.table, rows, *body, json(), true);
    });
    if (response.status == 200) {
        response.status = 201;
        response.headers.emplace_back("Location", fmt::format("{}/{}", call.request.path, number));
    }
    return response;
}

HttpResponse remove(const Place& place, const Ask& ask, const RestCall& call) {
    return change(place, ask, call, [&](const auto& rows, const json& now) -> TableEdits {
        if (place.is_row) {
            return json::array(
                {{{"table", place.table.path}, {"rows", rows}, {"removes_row", true}}});
        }
        return place.table.is_list
                   ? list_edits(place.catalogue, place.table, rows, json::array(), now)
                   : row_edits(place.catalogue, place.table, rows, json::object(), now, true);
    });
}

json changed_schema() {
    return object_schema(
        {{"description", type_schema("string")},
         {"revision", type_schema("integer")},
         {"saveNeeded", type_schema("boolean")},
         {"resetNeeded", type_schema("boolean")},
         {"differences", array_schema(object_schema({{"text", type_schema("string")}}))},
         {"notes", array_schema(type_schema("string"))}},
        {"description", "revision", "saveNeeded", "resetNeeded", "differences", "notes"});
}

void add_routes(std::vector<Route>& routes, const Ask& ask, const Place& place) {
    std::string path = table_path(place.catalogue, place.table);
    if (place.is_row) {
        path += fmt::format("/{{{}}}", row_name(place.rows_in_path - 1));
    }
    const std::string what = place.table.path + (place.is_row          ? " row"
                                                 : place.table.is_list ? " rows"
                                                                       : "");
    std::string name = what;
    std::ranges::replace_if(
        name, [](char c) { return c == '.' || c == ' '; }, '_');
    const std::string title = place.is_row          ? "A row of " + place.table.page
                              : place.table.is_list ? "All rows of " + place.table.page
                                                    : place.table.page;
    const json whole = resource_schema(place.table, place.is_row);
    const auto add = [&](const char* method, const std::string& help, const char* takes,
                         json takes_schema, RouteResponse response, auto answer) {
        Route route{method, path, fmt::format("{}_{}", method, name), help};
        route.level =
            std::string_view(method) == "GET" ? AccessLevel::monitor : writer_of(place.table);
        if (std::string_view(method) != "GET") {
            route.query = {{"preview", "true tells what would change, and changes nothing.",
                            type_schema("boolean")}};
        }
        route.takes = takes;
        route.takes_schema = std::move(takes_schema);
        route.responses = {std::move(response)};
        if (std::string_view(method) == "GET") {
            route.responses.push_back({304, "If-None-Match names this revision.", "", {}});
        }
        route.answer = std::move(answer);
        routes.push_back(std::move(route));
    };
    const RouteResponse changed{200, "The change acts; it is not saved.", "application/json",
                                changed_schema()};
    add("GET", title + ". Secrets are hidden.", "", {},
        {200, title + ".", "application/json", whole},
        [place, ask](const RestCall& call) { return get(place, ask, call); });
    add("PUT", "Makes it what the body says; what that leaves out gets its default.",
        "application/json", whole, changed,
        [place, ask](const RestCall& call) { return write(place, ask, call, true); });
    if (place.is_row || !place.table.is_list) {
        add("PATCH", "Changes what the body has; null gives a parameter its default.",
            "application/json", patch_schema(place.table), changed,
            [place, ask](const RestCall& call) { return write(place, ask, call, false); });
    }
    if (place.table.is_list && !place.is_row) {
        add("POST", "Adds a row behind the others; Location says where.", "application/json",
            resource_schema(place.table, true),
            {201, "The row acts; it is not saved.", "application/json", changed_schema()},
            [place, ask](const RestCall& call) { return append(place, ask, call); });
    }
    add("DELETE", place.is_row ? "Removes the row." : "Back to the defaults, without rows.", "", {},
        changed, [place, ask](const RestCall& call) { return remove(place, ask, call); });
}

Route whole_route(const Ask& ask) {
    Route route{"GET", "/api/v1/config", "getConfiguration",
                "The configuration, or with from=startup what the appliance starts with. Secrets "
                "are hidden."};
    route.query = {{"from", "running or startup.", {{"enum", {"running", "startup"}}}}};
    route.responses = {{200, "The configuration.", "application/json", {{"type", "object"}}},
                       {304, "If-None-Match names this revision.", "", {}}};
    route.answer = [ask](const RestCall& call) {
        json request = get_request("");
        if (const std::string from = call.request.query_value("from"); !from.empty()) {
            request["from"] = from;
        }
        const json reply = ask(request, call.caller);
        if (!flag_in(reply, "ok")) {
            return refused(reply, false);
        }
        const std::string etag = etag_of(reply);
        HttpResponse response = call.request.if_none_match == etag && request["from"] == "running"
                                    ? HttpResponse{304, "", "", {}, {}}
                                    : json_response(reply["configuration"]);
        response.headers.emplace_back("ETag", etag);
        return response;
    };
    return route;
}

Route history_route(const Ask& ask) {
    Route route{"GET", "/api/v1/configuration/history", "getConfigurationHistory",
                "The revision, whether a save or a reset is needed, versions of the startup file, "
                "and who changed what."};
    route.responses = {{200, "The state of the configuration.", "application/json",
                        object_schema({{"revision", type_schema("integer")},
                                       {"save_needed", type_schema("boolean")},
                                       {"reset_needed", type_schema("boolean")},
                                       {"startup_file", type_schema("string")},
                                       {"versions", array_schema(json::object())},
                                       {"last_changes", array_schema(json::object())}},
                                      {"revision", "save_needed", "reset_needed"})}};
    route.answer = [ask](const RestCall& call) {
        json reply = ask({{"command", "configuration status"}}, call.caller);
        if (!flag_in(reply, "ok")) {
            return refused(reply, false);
        }
        reply.erase("ok");
        return json_response(reply);
    };
    return route;
}

}  // namespace

std::vector<Route> config_routes(const RestSources& sources) {
    std::vector<Route> routes{whole_route(sources.ask), history_route(sources.ask)};
    for (const Table& table : sources.catalogue.tables()) {
        const std::size_t outer = sources.catalogue.list_above(table) == nullptr ? 0 : 1;
        add_routes(routes, sources.ask, {sources.catalogue, table, false, outer});
        if (table.is_list) {
            add_routes(routes, sources.ask, {sources.catalogue, table, true, outer + 1});
        }
    }
    return routes;
}

}  // namespace trunkline::mgmt
