// Performance: KPIs, and what of the appliance family's performance resources this version has not.
#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/kpi_tree.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/router.h"

#include <fmt/format.h>

#include <expected>
#include <initializer_list>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

/// .../{group}/{stats}/{scope}/{index}/{kpi}
constexpr std::string_view levels[] = {"{group}", "{stats}", "{scope}", "{index}", "{kpi}"};

/// The error is a 503: values of what did not answer would be wrong.
std::expected<KpiFacts, HttpResponse> facts_for(const Ask& ask, const Caller& caller) {
    KpiFacts facts{ask({{"command", "show counters"}}, caller),
                   ask({{"command", "registration counts"}}, caller),
                   ask({{"command", "system status"}}, caller),
                   {}};
    const json groups = ask({{"command", "configuration get"},
                             {"from", "running"},
                             {"path", "signaling_and_media.ip_groups"},
                             {"secrets", "hidden"}},
                            caller);
    for (const json* const reply : std::initializer_list<const json*>{
             &facts.counters, &facts.registrations, &facts.system, &groups}) {
        if (is_unavailable(*reply)) {
            return std::unexpected(refusal_response(*reply));
        }
    }
    for (const json& row : list_in(groups, "configuration")) {
        facts.ip_groups.push_back(text_in(row, "name"));
    }
    return facts;
}

json item_of(const KpiNode& node, const std::string& url) {
    json item{{"id", node.id}, {"name", node.id}, {"description", node.description}, {"url", url}};
    if (node.below.empty()) {
        item["value"] = node.value;
    }
    return item;
}

json item_schema() {
    const json text = type_schema("string");
    return object_schema({{"id", text},
                          {"name", text},
                          {"description", text},
                          {"url", text},
                          {"value", type_schema("integer")}},
                         {"id", "name", "description", "url"});
}

json body_of(const KpiNode& node, const std::string& url) {
    json items = json::array();
    for (const KpiNode& child : node.below) {
        items.push_back(item_of(child, url + "/" + child.id));
    }
    if (!node.below.empty()) {
        return {{"items", std::move(items)}};
    }
    // One value: the item itself, and a list of it for who looks for a list.
    json body = item_of(node, url);
    body["items"] = json::array({body});
    return body;
}

Route current_route(const Ask& ask, std::size_t depth) {
    std::string path = "/api/v1/kpi/current";
    for (std::size_t i = 0; i < depth; ++i) {
        path += "/" + std::string(levels[i]);
    }
    Route route{"GET", path, fmt::format("getKpi{}", depth),
                "Current values; -1 is one that this version does not have."};
    json schema = item_schema();
    schema["properties"]["items"] = array_schema(item_schema());
    schema["required"] = {"items"};
    route.responses = {
        {200, "What is below, or the value.", "application/json", std::move(schema)}};
    route.answer = [ask](const RestCall& call) {
        const auto facts = facts_for(ask, call.caller);
        if (!facts) {
            return facts.error();
        }
        const KpiNode tree = kpi_tree(*facts);
        const KpiNode* node = &tree;
        std::string url = "/api/v1/kpi/current";
        const auto parts = path_parts(call.request.path);
        for (std::size_t i = 4; i < parts.size() && node != nullptr; ++i) {
            node = node->find(parts[i]);
            url += "/" + std::string(parts[i]);
        }
        return node == nullptr ? description(404, "there is no KPI at " + call.request.path)
                               : json_response(body_of(*node, url));
    };
    return route;
}

Route empty_route(const std::string& path, const std::string& name, const std::string& list,
                  const std::string& help) {
    Route route{"GET", path, name, help};
    route.responses = {{200, "An empty list.", "application/json",
                        object_schema({{list, array_schema(type_schema("object"))}}, {list})}};
    route.answer = [list](const RestCall&) { return json_response({{list, json::array()}}); };
    return route;
}

Route missing_route(const std::string& method, const std::string& path, const std::string& name,
                    int status, const std::string& why) {
    Route route{method, path, name, why};
    route.responses = {{status, "Why not.", "application/json", description_schema()}};
    route.answer = [status, why](const RestCall&) { return description(status, why); };
    return route;
}

}  // namespace

std::vector<Route> kpi_routes(const RestSources& sources) {
    const std::string no_history = "Intervals that are kept: none in this version.";
    const std::string no_calls = "Not available in this version: there are no calls";
    std::vector<Route> routes;
    for (std::size_t depth = 0; depth <= std::size(levels); ++depth) {
        routes.push_back(current_route(sources.ask, depth));
    }
    routes.push_back(
        empty_route("/api/v1/kpi/interval", "getKpiIntervals", "intervals", no_history));
    std::string path = "/api/v1/kpi/history";
    for (std::size_t depth = 1; depth <= std::size(levels); ++depth) {
        path += "/" + std::string(levels[depth - 1]);
        routes.push_back(
            empty_route(path, fmt::format("getKpiHistory{}", depth), "intervals", no_history));
    }
    routes.push_back(empty_route("/api/v1/performanceMonitoring", "getPerformanceMonitoring",
                                 "items", "Measurements over intervals: none in this version."));
    routes.push_back(missing_route("GET", "/api/v1/performanceMonitoring/{name}",
                                   "getPerformanceMeasurement", 404,
                                   "There is no such measurement in this version"));
    routes.push_back(
        missing_route("POST", "/api/v1/sipTestCall/dial", "dialTestCall", 501, no_calls));
    routes.push_back(
        missing_route("GET", "/api/v1/sipTestCall/getStatus", "getTestCallStatus", 501, no_calls));
    routes.push_back(
        missing_route("GET", "/api/v1/sipTestCall/show", "showTestCalls", 501, no_calls));
    routes.push_back(
        missing_route("DELETE", "/api/v1/sipTestCall/drop", "dropTestCall", 501, no_calls));
    return routes;
}

}  // namespace trunkline::mgmt
