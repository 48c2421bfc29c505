// A fast path beside the general reading of a message (the strict pass of strict.h, then libosip2
// behind osip_parser.h): reads it in one walk when it has the shape that nearly all have, at a
// small part of the price.
//
// It never refuses: what is not plain goes the general way. What it takes, the general way takes
// too, and reads the same; unit tests, the fuzzer and the simulation hold the two together.
#pragma once

#include "sipstack/message/strict.h"

#include <string_view>

namespace trunkline::sipstack {

/// Plain is a message whose lines end with CR LF, are not folded and have a name right before the
/// colon, with no control characters but tabs, and of which
/// - the start line has single blanks, and in a request a sip or sips URI as those below;
/// - Via: one value a row, without blanks but the one before the sender, parameters without quotes;
/// - From, To, Contact: one address in angle brackets, with a quoted name or none, a sip or sips
///   URI without escapes and headers, parameters that are tokens or quoted without backslashes;
/// - Call-ID: characters of a URI's host and user, at most one '@', inside;
/// - CSeq: one blank.
/// False: this is another one; `anatomy` has anything then. The views need `bytes` to stay where
/// they are.
bool read_plain_message(std::string_view bytes, Anatomy& anatomy);

}  // namespace trunkline::sipstack
