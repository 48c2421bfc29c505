// A fast path beside the general judgement of the headers that route a message (the lists' check of
// strict.h, then libosip2 behind osip_parser.h): reads them when they have the shape that nearly
// all have, at a tenth of the price.
//
// It never refuses: what is not plain goes the general way. What it takes, the general way takes
// too, and reads the same; unit tests, the fuzzer and the simulation hold the two together.
#pragma once

#include "sipstack/message/header_rows.h"
#include "sipstack/message/routing_headers.h"

#include <optional>
#include <span>

namespace trunkline::sipstack {

/// `rows` have passed the strict pass's checks of rows, Call-ID and CSeq. Plain is, of each row:
/// - Via: one value without blanks but the one before the sender, parameters without quotes;
/// - From, To, Contact: one address in angle brackets, with a quoted name or none, a sip or sips
///   URI without escapes and headers, parameters that are tokens or quoted without backslashes;
/// - Call-ID: characters of a URI's host and user, at most one '@', inside;
/// - CSeq: one blank.
/// nullopt: some row is not, or there is no Via.
std::optional<RoutingHeaders> read_plain_routing(std::span<const HeaderRow> rows);

}  // namespace trunkline::sipstack
