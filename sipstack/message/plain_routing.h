// A fast path beside the general judgement of the headers that route a message (the lists' check of
// strict.h, then libosip2 behind osip_parser.h): reads them when they have the shape that nearly
// all have, at a tenth of the price.
//
// It never refuses: what is not plain goes the general way. What it takes, the general way takes
// too, and reads the same; unit tests, the fuzzer and the simulation hold the two together.
#pragma once

#include "sipstack/message/header_rows.h"
#include "sipstack/message/routing_headers.h"

#include <span>
#include <string_view>

namespace trunkline::sipstack {

/// `rows` have passed the strict pass's checks of rows, Call-ID and CSeq. Plain is, of each row:
/// - Via: one value without blanks but the one before the sender, parameters without quotes;
/// - From, To, Contact: one address in angle brackets, with a quoted name or none, a sip or sips
///   URI without escapes and headers, parameters that are tokens or quoted without backslashes;
/// - Call-ID: characters of a URI's host and user, at most one '@', inside;
/// - CSeq: one blank.
/// Behind each value stands a blank, a line end or a NUL, as in a message.
/// False: some row is not, or there is no Via; `routing` has anything then.
bool read_plain_routing(std::span<const HeaderRow> rows, RoutingHeaders& routing);

/// A Request-URI like those above, which parse_uri() takes too. Behind it stands a blank.
bool is_plain_uri(std::string_view uri);

}  // namespace trunkline::sipstack
