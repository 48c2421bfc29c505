// The appliance in numbers, for Prometheus.
#include "mgmt/alarms/alarm_table.h"
#include "mgmt/metrics/metrics_text.h"
#include "mgmt/rest/answers.h"
#include "mgmt/rest/resources.h"

#include <initializer_list>

namespace trunkline::mgmt {

using nlohmann::json;

std::vector<Route> metric_routes(const RestSources& sources) {
    Route route{"GET", "/metrics", "getMetrics",
                "The appliance in numbers, in the text format of Prometheus."};
    route.responses = {{200, "Every metric.", metrics_content_type, type_schema("string")}};
    route.answer = [ask = sources.ask](const RestCall& call) {
        const auto reply_to = [&](json request) { return ask(request, call.caller); };
        const MetricFacts facts{
            .system = reply_to({{"command", "system status"}}),
            .counters = reply_to({{"command", "show counters"}}),
            .registrations = reply_to({{"command", "registration counts"}}),
            .proxy_sets = reply_to({{"command", "show proxy-sets"}}),
            .groups = reply_to({{"command", "show ethernet-groups"}}),
            .alarms = reply_to({{"command", "alarms active"}, {"limit", AlarmTable::most_active}}),
            .capture = reply_to({{"command", "capture status"}}),
            .process = process_times(),
        };
        for (const json* const reply : std::initializer_list<const json*>{
                 &facts.system, &facts.counters, &facts.registrations, &facts.proxy_sets,
                 &facts.groups, &facts.alarms, &facts.capture}) {
            if (is_unavailable(*reply)) {
                return refusal_response(*reply);
            }
        }
        return HttpResponse{200, metrics_content_type, metrics_text(facts), {}, {}};
    };
    return {std::move(route)};
}

}  // namespace trunkline::mgmt
