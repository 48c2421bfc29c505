// Begins the answer to a request: what RFC 3261 8.2.6.2 copies, and where 18.2.2 sends it.
#pragma once

#include "sipstack/message/envelope.h"
#include "sipstack/message/message.h"
#include "sipstack/message/writer.h"
#include "sipstack/transport/transport.h"

#include <optional>
#include <string_view>

namespace trunkline::sipstack {

/// Status line, all Via rows with received and rport filled into the topmost value (18.2.1,
/// RFC 3581 4), From, To with `to_tag` unless it has a tag (none is added when `to_tag` is empty,
/// as for 100), Call-ID and CSeq. The caller adds the rest and finishes. `came_from` is the
/// request's flow.
MessageWriter response_to(const Message& request, int status, std::string_view reason,
                          std::string_view to_tag, const Flow& came_from);

/// The same without the fast path that response_to() has for what nearly all requests are: unit
/// tests, the fuzzer and the simulation hold the two together.
MessageWriter general_response_to(const Message& request, int status, std::string_view reason,
                                  std::string_view to_tag, const Flow& came_from);

/// An answer outside any transaction, and the way it goes.
struct StatelessResponse {
    MessageWriter writer;
    Flow flow;
};

/// The same for a request that is no Message: copies what there is. `envelope` is of `bytes`.
/// nullopt: it must not or cannot be answered (a response, an ACK, no usable Via).
std::optional<StatelessResponse> response_to(std::string_view bytes, const Envelope& envelope,
                                             int status, std::string_view reason,
                                             std::string_view to_tag, const Flow& came_from);

/// The way of an answer: a stream's own connection; for UDP the address the request came from,
/// with its port when rport was asked for and that of sent-by otherwise. maddr is not followed: it
/// would let anyone aim our answers.
Flow response_flow(const Flow& came_from, const Via& top_via);

}  // namespace trunkline::sipstack
