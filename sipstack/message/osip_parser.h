// libosip2, fenced: the one source that includes it, starts it and sets its global allocators.
#pragma once

#include "sipstack/message/routing_headers.h"
#include "sipstack/message/strict.h"

#include <optional>

namespace trunkline::sipstack {

/// Lets osip judge the headers that route a message (Via, From, To, Call-ID, CSeq, Contact) and
/// returns what they say; nullopt when it refuses. The start line is not shown to
/// it: it refuses methods and schemes that are legal or want their own answer, and the strict pass
/// has read that line. Thread-safe.
std::optional<RoutingHeaders> parse_routing_headers(const Anatomy& anatomy);

}  // namespace trunkline::sipstack
