// What a hub of events tells, as a stream of server-sent events.
#pragma once

#include "mgmt/alarms/event_hub.h"
#include "mgmt/rest/route.h"

#include <functional>

namespace trunkline::mgmt {

/// The handler of a route that tells what happens from now on, and what is kept behind a
/// Last-Event-ID. Who reads too slowly hears the event "dropped" and is let go. `most` clients may
/// listen at once. The hub outlives it.
std::function<HttpResponse(const RestCall&)> hub_stream(EventHub& hub, int most);

}  // namespace trunkline::mgmt
