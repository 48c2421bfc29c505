// Alarms, and the stream of events.
#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/hub_stream.h"
#include "mgmt/rest/resources.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;
using Ask = decltype(RestSources::ask);

constexpr std::size_t default_page = 20, largest_page = 1000;
constexpr int most_streams = 8;

std::optional<uint64_t> number_in_text(const std::string& text) {
    uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return !text.empty() && error == std::errc{} && stop == end ? std::optional(number)
                                                                : std::nullopt;
}

std::string cursor_text(const json& page, const char* key) {
    return page.contains(key) && page[key].is_number() ? page[key].dump() : "-1";
}

json page_of(const json& reply, const std::string& table) {
    json alarms = json::array();
    for (const json& alarm : list_in(reply, "alarms")) {
        const std::string id = alarm["id"].dump();
        alarms.push_back({{"id", id},
                          {"name", text_in(alarm, "name")},
                          {"description", text_in(alarm, "description")},
                          {"severity", text_in(alarm, "severity")},
                          {"source", text_in(alarm, "source")},
                          {"date", text_in(alarm, "date")},
                          {"url", fmt::format("/api/v1/alarms/{}/{}", table, id)}});
    }
    return {{"alarms", std::move(alarms)},
            {"total", number_in(reply, "total")},
            {"cursor",
             {{"after", cursor_text(reply, "after")}, {"before", cursor_text(reply, "before")}}}};
}

Route list_route(const Ask& ask, const std::string& table, const std::string& help) {
    Route route{"GET", "/api/v1/alarms/" + table, "get_alarms_" + table, help};
    route.query = {{"limit", "Rows of a page, 20 by default.", type_schema("integer")},
                   {"after", "Those behind this cursor.", type_schema("integer")},
                   {"before", "Those ahead of this cursor.", type_schema("integer")}};
    const json text = type_schema("string");
    route.responses = {
        {200, "A page; a cursor of -1 leads nowhere.", "application/json",
         object_schema(
             {{"alarms", array_schema(object_schema(
                             {{"id", text},
                              {"name", text},
                              {"description", text},
                              {"severity", text},
                              {"source", text},
                              {"date", text},
                              {"url", text}},
                             {"id", "description", "severity", "source", "date", "url"}))},
              {"total", type_schema("integer")},
              {"cursor", object_schema({{"after", text}, {"before", text}}, {"after", "before"})}},
             {"alarms", "cursor", "total"})},
        {204, "There is none.", "", {}}};
    route.answer = [ask, table](const RestCall& call) {
        json request{{"command", "alarms " + table}, {"limit", default_page}};
        for (const char* const key : {"limit", "after", "before"}) {
            const std::string value = call.request.query_value(key);
            if (value.empty() || value == "-1") {
                continue;
            }
            const auto number = number_in_text(value);
            if (!number ||
                (std::string_view(key) == "limit" && (*number == 0 || *number > largest_page))) {
                return description(400, fmt::format("'{}' is no number that fits: {}", key, value));
            }
            request[key] = *number;
        }
        const json reply = ask(request, call.caller);
        if (!flag_in(reply, "ok")) {
            return refusal_response(reply);
        }
        const json page = page_of(reply, table);
        return page["alarms"].empty() ? HttpResponse{204, "", "", {}, {}} : json_response(page);
    };
    return route;
}

Route one_route(const Ask& ask, const std::string& table) {
    Route route{"GET", fmt::format("/api/v1/alarms/{}/{{id}}", table), "get_alarm_" + table,
                "One alarm."};
    const json text = type_schema("string");
    route.responses = {{200, "The alarm.", "application/json",
                        object_schema({{"id", text},
                                       {"name", text},
                                       {"description", text},
                                       {"severity", text},
                                       {"source", text},
                                       {"date", text}},
                                      {"id", "description", "severity", "source", "date"})}};
    route.answer = [ask, table](const RestCall& call) {
        const auto id = number_in_text(call.in_path.at("id"));
        const json reply =
            id ? ask({{"command", "alarm"}, {"table", table}, {"id", *id}}, call.caller) : json();
        if (is_unavailable(reply)) {
            return refusal_response(reply);
        }
        if (!flag_in(reply, "ok")) {
            return description(404, fmt::format("there is no alarm {}", call.in_path.at("id")));
        }
        json alarm = reply["alarm"];
        alarm["id"] = alarm["id"].dump();
        return json_response(alarm);
    };
    return route;
}

Route events_route(EventHub& events) {
    Route route{"GET", "/api/v1/events", "getEvents",
                "What happens from now on, as server-sent events: registration, registrations (how "
                "many more), proxySet, alarm, configuration. With Last-Event-ID what was missed, "
                "as far as it is kept. Who reads too slowly is told so (dropped) and let go."};
    route.responses = {{200, "The stream.", "text/event-stream", type_schema("string")}};
    route.answer = hub_stream(events, most_streams);
    return route;
}

}  // namespace

std::vector<Route> alarm_routes(const RestSources& sources) {
    return {list_route(sources.ask, "active", "The alarms that stand, the oldest first."),
            one_route(sources.ask, "active"),
            list_route(sources.ask, "history",
                       "What was raised and cleared, the oldest that is kept first."),
            one_route(sources.ask, "history"), events_route(sources.events)};
}

}  // namespace trunkline::mgmt
