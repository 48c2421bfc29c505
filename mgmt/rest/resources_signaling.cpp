// What the appliance does on the wire: registrations with their traces, proxy sets, counters; and
// what it is made of.
#include "mgmt/json_fields.h"
#include "mgmt/registration_query.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/resources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

constexpr std::size_t default_page = 100, largest_page = 1000;

/// `fallback` where the query does not have it; nullopt: it is no number up to `most`.
std::optional<std::size_t> number_of(const HttpRequest& request, const std::string& name,
                                     std::size_t fallback, std::size_t most) {
    const std::string text = request.query_value(name);
    if (text.empty()) {
        return fallback;
    }
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end && number <= most ? std::optional(number)
                                                                 : std::nullopt;
}

std::optional<std::string> unknown_parameter(const HttpRequest& request,
                                             const std::vector<QueryParameter>& known) {
    for (const auto& [name, value] : request.query) {
        if (std::ranges::find(known, name, &QueryParameter::name) == known.end()) {
            return name;
        }
    }
    return std::nullopt;
}

/// Those that a list is asked for, all of them.
json list_request(const HttpRequest& request) {
    json wanted{{"command", "show registration"}};
    if (std::string state = request.query_value("state"); !state.empty()) {
        std::ranges::transform(state, state.begin(),
                               [](unsigned char c) { return std::toupper(c); });
        wanted["state"] = std::move(state);
    }
    if (std::string text = request.query_value("search"); !text.empty()) {
        wanted["text"] = std::move(text);
    }
    for (const char* const key : {"sort", "order"}) {
        if (std::string value = request.query_value(key); !value.empty()) {
            wanted[key] = std::move(value);
        }
    }
    return wanted;
}

/// The rows from `after` on, and the counts of all registrations beside that of those that match.
/// The appliance copies the rows of the page alone.
HttpResponse page_response(const Ask& ask, const RestCall& call, std::size_t after,
                           std::size_t limit) {
    json wanted = list_request(call.request);
    const bool is_filtered = wanted.contains("state") || wanted.contains("text");
    wanted["offset"] = after;
    wanted["limit"] = limit;
    const json page = ask(wanted, call.caller);
    if (!flag_in(page, "ok")) {
        return refusal_response(page);
    }
    const json all =
        is_filtered ? ask({{"command", "show registration"}, {"limit", 0}}, call.caller) : page;
    if (!flag_in(all, "ok")) {
        return refusal_response(all);
    }
    const int64_t matching = number_in(page, "total");
    const auto next = static_cast<int64_t>(after + limit);
    return json_response({{"registrations", list_in(page, "registrations")},
                          {"cursor", {{"after", fmt::format("{}", next < matching ? next : -1)}}},
                          {"total", number_in(all, "total")},
                          {"matching", matching},
                          {"registered", number_in(all, "registered")}});
}

json row_schema() {
    const json text = type_schema("string");
    return object_schema({{"name", text},
                          {"kind", text},
                          {"aor", text},
                          {"state", text},
                          {"registered", type_schema("boolean")},
                          {"reason", text}},
                         {"name", "kind", "aor", "state", "registered"});
}

Route list_route(const Ask& ask) {
    Route route{"GET", "/api/v1/registrations", "getRegistrations",
                "The registrations, a page at a time; in the order of the configuration where no "
                "other one is asked for."};
    route.query = {
        {"limit", "Rows of a page, up to 1000; 100 by default.", type_schema("integer")},
        {"after",
         "The cursor of the page before: how many of those that match are left out at the front.",
         type_schema("integer")},
        {"state", "Those in this state alone: REGISTERED, FAILED...", type_schema("string")},
        {"search", "Those whose name or address of record has it, in any case.",
         type_schema("string")},
        {"sort",
         fmt::format("What all of them are put in order by: {}.",
                     fmt::join(registration_orders(), ", ")),
         type_schema("string")},
        {"order", "asc, or desc for the other way round.", type_schema("string")}};
    route.responses = {
        {200, "A page; the cursor is -1 on the last one.", "application/json",
         object_schema({{"registrations", array_schema(row_schema())},
                        {"cursor", object_schema({{"after", type_schema("string")}}, {"after"})},
                        {"total", type_schema("integer")},
                        {"matching", type_schema("integer")},
                        {"registered", type_schema("integer")}},
                       {"registrations", "cursor", "total", "matching", "registered"})}};
    route.answer = [ask, known = route.query](const RestCall& call) {
        if (const auto unknown = unknown_parameter(call.request, known)) {
            return description(400, fmt::format("there is no query parameter '{}'", *unknown));
        }
        const auto limit = number_of(call.request, "limit", default_page, largest_page);
        const auto after = number_of(call.request, "after", 0, 1'000'000'000);
        if (!limit || *limit == 0 || !after) {
            return description(400, fmt::format("'limit' is a number from 1 to {}, 'after' the "
                                                "cursor of a page",
                                                largest_page));
        }
        return page_response(ask, call, *after, *limit);
    };
    return route;
}

Route one_route(const Ask& ask) {
    Route route{"GET", "/api/v1/registrations/{name}", "getRegistration",
                "One registration by its name."};
    route.responses = {{200, "The registration.", "application/json", row_schema()}};
    route.answer = [ask](const RestCall& call) {
        const std::string& name = call.in_path.at("name");
        const json reply =
            ask({{"command", "show registration"}, {"name", name}, {"limit", 1}}, call.caller);
        if (!flag_in(reply, "ok")) {
            return refusal_response(reply);
        }
        const json rows = list_in(reply, "registrations");
        return rows.empty() ? description(404, "nothing registers as '" + name + "'")
                            : json_response(rows.front());
    };
    return route;
}

Route trace_route(const Ask& ask) {
    Route route{"GET", "/api/v1/registrations/{name}/trace", "getTrace",
                "The last flows of a registration with their messages, and how the answers to "
                "challenges were computed. Passwords are masked.",
                AccessLevel::administrator};
    route.responses = {
        {200, "The flows, oldest first.", "application/json",
         object_schema({{"flows", array_schema(array_schema(type_schema("object")))}}, {"flows"})}};
    route.answer = [ask](const RestCall& call) {
        const json reply =
            ask({{"command", "show trace"}, {"name", call.in_path.at("name")}}, call.caller);
        if (is_unavailable(reply)) {
            return refusal_response(reply);
        }
        return flag_in(reply, "ok") ? json_response({{"flows", list_in(reply, "flows")}})
                                    : description(404, text_in(reply, "error"));
    };
    return route;
}

/// A reply of the control thread as it is, without "ok".
Route plain_route(const Ask& ask, const std::string& name, const std::string& operation,
                  const std::string& help, const std::string& command, const json& schema) {
    Route route{"GET", "/api/v1/" + name, operation, help};
    route.responses = {{200, help, "application/json", schema}};
    route.answer = [ask, command](const RestCall& call) {
        json reply = ask({{"command", command}}, call.caller);
        if (!flag_in(reply, "ok")) {
            return refusal_response(reply);
        }
        reply.erase("ok");
        return json_response(reply);
    };
    return route;
}

}  // namespace

std::vector<Route> signaling_routes(const RestSources& sources) {
    const Ask& ask = sources.ask;
    const json list = array_schema(type_schema("object"));
    return {
        list_route(ask),
        one_route(ask),
        trace_route(ask),
        plain_route(ask, "proxySets", "getProxySets", "The proxy sets and their servers.",
                    "show proxy-sets", object_schema({{"proxy_sets", list}}, {"proxy_sets"})),
        plain_route(ask, "counters", "getCounters", "What the appliance counts.", "show counters",
                    object_schema({{"nodes", list},
                                   {"counters", type_schema("object")},
                                   {"ports", list},
                                   {"shards", list},
                                   {"sip_interfaces", list},
                                   {"durations", type_schema("object")}},
                                  {"nodes", "counters", "ports", "shards"})),
        plain_route(ask, "ethernetGroups", "getEthernetGroups",
                    "The Ethernet groups: their members, which of them send, how often that "
                    "changed.",
                    "show ethernet-groups", object_schema({{"groups", list}}, {"groups"})),
        plain_route(
            ask, "hardware", "getHardware",
            "The box: its model, its ports with their links, and how its modules, fans, power "
            "supplies and temperatures are.",
            "show hardware",
            object_schema({{"model", type_schema("string")},
                           {"title", type_schema("string")},
                           {"chassis", type_schema("string")},
                           {"slots", type_schema("integer")},
                           {"modules", list},
                           {"fan_trays", list},
                           {"power_supplies", list},
                           {"temperatures", list},
                           {"ports", list}},
                          {"model", "title", "chassis", "slots", "modules", "fan_trays",
                           "power_supplies", "temperatures", "ports"})),
        plain_route(ask, "notInEffect", "getNotInEffect",
                    "Parameters that are set and do not act yet.", "show not-in-effect",
                    object_schema({{"parameters", list}}, {"parameters"}))};
}

}  // namespace trunkline::mgmt
