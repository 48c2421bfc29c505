// Performance measurements, as clients of the appliance family's earlier versions ask for them:
// what the KPI tree has figures of, by the names of the KPIs, over the interval that goes on and
// the last one that is over.
#include "mgmt/rest/answers.h"
#include "mgmt/rest/kpi_facts.h"
#include "mgmt/rest/resources.h"

#include <charconv>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

const std::string performance_path = "/api/v1/performanceMonitoring";

/// A KPI that has a figure.
struct Measured {
    std::string path;
    int64_t value = -1;
};
/// By its index: that of its port or processor, 0 of what there is one of.
using Indexes = std::map<std::size_t, Measured>;
using Measurements = std::map<std::string, Indexes, std::less<>>;

/// nullopt: no such number.
std::optional<std::size_t> number_of(std::string_view text) {
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

/// Single IP groups and SRDs have no index beside that of the whole.
bool is_of_a_part(const KpiNode& scope) {
    return scope.id == "ipGroup" || scope.id == "srd";
}

void collect(const KpiNode& node, const std::string& path, std::size_t index, Measurements& into) {
    for (const KpiNode& child : node.below) {
        const std::string below = path.empty() ? child.id : path + "/" + child.id;
        if (is_of_a_part(child)) {
            continue;
        }
        if (!child.below.empty()) {
            collect(child, below, number_of(child.id).value_or(index), into);
        } else if (child.value != -1) {
            into[child.id].try_emplace(index, Measured{below, child.value});
        }
    }
}

std::expected<Measurements, HttpResponse> measurements(const Ask& ask, const Caller& caller) {
    const auto facts = ask_kpi_facts(ask, caller);
    if (!facts) {
        return std::unexpected(facts.error());
    }
    Measurements all;
    collect(kpi_tree(*facts), "", 0, all);
    return all;
}

Route list_route(const Ask& ask) {
    Route route{"GET", performance_path, "getPerformanceMonitoring",
                "The names of the measurements: KPIs that there is a figure of now."};
    route.responses = {
        {200, "The names.", "application/json",
         object_schema({{"items", array_schema(type_schema("string"))}}, {"items"})}};
    route.answer = [ask](const RestCall& call) {
        const auto all = measurements(ask, call.caller);
        if (!all) {
            return all.error();
        }
        json names = json::array();
        for (const auto& [name, indexes] : *all) {
            names.push_back(name);
        }
        return json_response({{"items", std::move(names)}});
    };
    return route;
}

json indexes_body(const Indexes& indexes) {
    json numbers = json::array();
    for (const auto& [index, measured] : indexes) {
        numbers.push_back(index);
    }
    return {{"indexes", std::move(numbers)}};
}

json measure_body(std::size_t index, const KpiMeasure& measure) {
    return {{"index", index},
            {"value", measure.value},
            {"min", measure.least},
            {"max", measure.most},
            {"average", measure.average},
            {"volume", measure.volume},
            {"total", measure.total},
            // There are no thresholds to be above or below of.
            {"time_above_high", -1},
            {"time_between_high_low", -1},
            {"time_below_low", -1}};
}

json measurement_schema() {
    json properties = json::object(), required = json::array();
    const json fields = measure_body(0, {});
    for (const auto& [field, value] : fields.items()) {
        properties[field] = type_schema("integer");
        required.push_back(field);
    }
    const json indexes =
        object_schema({{"indexes", array_schema(type_schema("integer"))}}, {"indexes"});
    return {{"oneOf", json::array({indexes, object_schema(properties, required)})}};
}

/// nullopt: there is no such interval to be asked for.
std::optional<KpiMeasure> measure_in(const KpiHistory& history, const Measured& measured,
                                     const std::string& interval) {
    if (interval == "2") {
        return history.last_measure(measured.path).value_or(KpiMeasure{});
    }
    if (!interval.empty() && interval != "0" && interval != "1") {
        return std::nullopt;
    }
    KpiMeasure measure = history.open_measure(measured.path).value_or(KpiMeasure{});
    if (interval != "1") {
        measure.value = measured.value;
    }
    return measure;
}

HttpResponse measured_response(const Indexes& indexes, const RestCall& call,
                               const KpiHistory& history) {
    if (!call.request.has_query("index")) {
        return json_response(indexes_body(indexes));
    }
    const std::string wanted = call.request.query_value("index");
    const auto index = number_of(wanted);
    const auto found = index ? indexes.find(*index) : indexes.end();
    if (found == indexes.end()) {
        return description(404, "there is no index '" + wanted + "' of " + call.request.path);
    }
    const std::string interval = call.request.query_value("interval");
    const auto measure = measure_in(history, found->second, interval);
    if (!measure) {
        return description(400, "found interval '" + interval +
                                    "'; allowed: 0 (now), 1 (the interval that goes on), 2 (the "
                                    "one before)");
    }
    return json_response(measure_body(found->first, *measure));
}

Route measurement_route(const Ask& ask, const KpiHistory& history) {
    Route route{"GET", performance_path + "/{name}", "getPerformanceMeasurement",
                "The indexes of a measurement, or one of them with its values. -1 is a value that "
                "it has not: what counts has a volume, which it grew by in the interval, and a "
                "total since power-on; all else has min, max and average."};
    route.query = {
        {"index", "Of the port or processor; 0 where there is one alone.", type_schema("integer")},
        {"interval",
         "What 'value' is: 0 (the default) now, 1 in the 15 minutes that go on, 2 in "
         "those before, as the other values are then.",
         type_schema("integer")}};
    route.responses = {
        {200, "The indexes, or the values.", "application/json", measurement_schema()}};
    route.answer = [ask, &history](const RestCall& call) {
        const auto all = measurements(ask, call.caller);
        if (!all) {
            return all.error();
        }
        const auto found = all->find(call.in_path.at("name"));
        return found == all->end()
                   ? description(404, "there is no measurement at " + call.request.path)
                   : measured_response(found->second, call, history);
    };
    return route;
}

}  // namespace

std::vector<Route> performance_routes(const RestSources& sources) {
    return {list_route(sources.ask), measurement_route(sources.ask, sources.kpi_history)};
}

}  // namespace trunkline::mgmt
