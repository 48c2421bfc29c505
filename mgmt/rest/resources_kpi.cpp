// KPIs, and what of the appliance family's test calls this version has not.
#include "mgmt/rest/answers.h"
#include "mgmt/rest/kpi_facts.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/router.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

/// .../{group}/{stats}/{scope}/{index}/{kpi}
constexpr std::string_view levels[] = {"{group}", "{stats}", "{scope}", "{index}", "{kpi}"};
/// That one request asks for by name.
constexpr std::size_t most_kpis = 64;

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

/// The node that a path like /api/v1/kpi/current/sbc/callStats leads to, and its own path.
struct Place {
    const KpiNode* node;
    std::string url;
};

Place place_in(const KpiNode& tree, const std::string& path, std::string url) {
    const KpiNode* node = &tree;
    const auto parts = path_parts(path);
    for (std::size_t i = 4; i < parts.size() && node != nullptr; ++i) {
        node = node->find(parts[i]);
        url += "/" + std::string(parts[i]);
    }
    return {node, std::move(url)};
}

HttpResponse no_kpi(const RestCall& call) {
    return description(404, "there is no KPI at " + call.request.path);
}

json tree_schema() {
    json schema = item_schema();
    schema["properties"]["items"] = array_schema(item_schema());
    schema["required"] = {"items"};
    return schema;
}

Route current_route(const Ask& ask, std::size_t depth) {
    std::string path = "/api/v1/kpi/current";
    for (std::size_t i = 0; i < depth; ++i) {
        path += "/" + std::string(levels[i]);
    }
    Route route{"GET", path, fmt::format("getKpi{}", depth),
                "Current values; -1 is one that this version does not have."};
    route.responses = {{200, "What is below, or the value.", "application/json", tree_schema()}};
    route.answer = [ask](const RestCall& call) {
        const auto facts = ask_kpi_facts(ask, call.caller);
        if (!facts) {
            return facts.error();
        }
        const KpiNode tree = kpi_tree(*facts);
        const Place place = place_in(tree, call.request.path, "/api/v1/kpi/current");
        return place.node == nullptr ? no_kpi(call)
                                     : json_response(body_of(*place.node, place.url));
    };
    return route;
}

json to_json(const KpiInterval& interval) {
    const auto date = [](std::chrono::system_clock::time_point when) {
        return fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(when));
    };
    return {{"id", fmt::format("{}", interval.id)},
            {"start", date(interval.start)},
            {"end", date(interval.end)}};
}

json interval_schema() {
    const json text = type_schema("string");
    return array_schema(
        object_schema({{"id", text}, {"start", text}, {"end", text}}, {"id", "start", "end"}));
}

/// The parts of "a,b".
std::vector<std::string> kpis_in(const std::string& list) {
    std::vector<std::string> kpis;
    for (const auto part : std::views::split(list, ',')) {
        if (std::string kpi(part.begin(), part.end()); !kpi.empty()) {
            kpis.push_back(std::move(kpi));
        }
    }
    return kpis;
}

Route intervals_route(const KpiHistory& history) {
    Route route{"GET", "/api/v1/kpi/interval", "getKpiIntervals",
                "The intervals of 15 minutes that are over and kept, the oldest first: 200 at "
                "most, since the last restart."};
    route.query = {{"kpi",
                    "KPIs by their paths, such as system/systemStats/memoryUtilization, with "
                    "commas between them, 64 at most: each interval has the values that it knows "
                    "of them.",
                    type_schema("string")}};
    json schema = interval_schema();
    schema["items"]["properties"]["values"] = {{"type", "object"},
                                               {"additionalProperties", type_schema("integer")}};
    route.responses = {{200, "The intervals.", "application/json",
                        object_schema({{"intervals", std::move(schema)}}, {"intervals"})}};
    route.answer = [&history](const RestCall& call) {
        const auto kpis = kpis_in(call.request.query_value("kpi"));
        if (kpis.size() > most_kpis) {
            return description(400, fmt::format("'kpi' names more than {}", most_kpis));
        }
        json intervals = json::array();
        for (const KpiInterval& interval : history.intervals(kpis)) {
            json row = to_json(interval);
            if (!kpis.empty()) {
                row["values"] = interval.values;
            }
            intervals.push_back(std::move(row));
        }
        return json_response({{"intervals", std::move(intervals)}});
    };
    return route;
}

/// The one that the request names; without a name the last one. nullopt: there is none.
std::optional<KpiInterval> interval_of(const KpiHistory& history, const HttpRequest& request) {
    const std::string wanted = request.query_value("interval");
    const auto all = history.intervals();
    const auto found = std::ranges::find_if(all, [&](const KpiInterval& interval) {
        return wanted.empty() || fmt::format("{}", interval.id) == wanted;
    });
    if (found == all.end()) {
        return std::nullopt;
    }
    return history.find(wanted.empty() ? all.back().id : found->id);
}

Route history_route(const Ask& ask, const KpiHistory& history, std::size_t depth) {
    std::string path = "/api/v1/kpi/history";
    for (std::size_t i = 0; i < depth; ++i) {
        path += "/" + std::string(levels[i]);
    }
    Route route{"GET", path, fmt::format("getKpiHistory{}", depth),
                "Values of an interval: averages, or what a KPI that counts grew by. -1 is one "
                "that this version does not have, or had not then. Nothing, where there is no such "
                "interval."};
    route.query = {{"interval", "Its id; the last one by default.", type_schema("string")}};
    json schema = tree_schema();
    schema["properties"]["intervals"] = interval_schema();
    schema["required"] = {"intervals", "items"};
    route.responses = {
        {200, "What is below, or the value.", "application/json", std::move(schema)}};
    route.answer = [ask, &history](const RestCall& call) {
        const auto facts = ask_kpi_facts(ask, call.caller);
        if (!facts) {
            return facts.error();
        }
        const auto interval = interval_of(history, call.request);
        const KpiNode tree =
            with_values(kpi_tree(*facts), interval ? interval->values : KpiValues{});
        const Place place = place_in(tree, call.request.path, "/api/v1/kpi/history");
        if (place.node == nullptr) {
            return no_kpi(call);
        }
        if (!interval) {
            return json_response({{"intervals", json::array()}, {"items", json::array()}});
        }
        json body = body_of(*place.node, place.url);
        body["intervals"] = json::array({to_json(*interval)});
        return json_response(body);
    };
    return route;
}

}  // namespace

std::vector<Route> kpi_routes(const RestSources& sources) {
    const std::string no_calls = "Not available in this version: there are no calls";
    std::vector<Route> routes;
    for (std::size_t depth = 0; depth <= std::size(levels); ++depth) {
        routes.push_back(current_route(sources.ask, depth));
    }
    routes.push_back(intervals_route(sources.kpi_history));
    for (std::size_t depth = 0; depth <= std::size(levels); ++depth) {
        routes.push_back(history_route(sources.ask, sources.kpi_history, depth));
    }
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
