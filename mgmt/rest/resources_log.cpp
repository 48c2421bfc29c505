// The log of the appliance, as it is written.
#include "mgmt/rest/answers.h"
#include "mgmt/rest/hub_stream.h"
#include "mgmt/rest/resources.h"

namespace trunkline::mgmt {

std::vector<Route> log_routes(const RestSources& sources) {
    constexpr int most_readers = 3;
    Route route{"GET", "/api/v1/log", "getLog",
                "The log as it is written, as server-sent events: line, with time, level and text. "
                "With Last-Event-ID the lines behind it that are kept; 0 is all of them, the last "
                "1024. Who reads too slowly is told so (dropped) and let go.",
                AccessLevel::administrator};
    route.responses = {{200, "The stream.", "text/event-stream", type_schema("string")}};
    route.answer = hub_stream(sources.log_lines, most_readers);
    return {std::move(route)};
}

}  // namespace trunkline::mgmt
