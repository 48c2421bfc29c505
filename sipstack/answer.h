// The text of our answers to requests (RFC 3261 8.2.6), also to those that did not parse, and where
// an answer goes. What is answered to what is the shard's matter.
#pragma once

#include "dataplane/address.h"
#include "sipstack/message/message.h"
#include "sipstack/message/writer.h"
#include "sipstack/transport/transport.h"

#include <optional>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// Begins a response to `request`: status line with the standard phrase, Via rows (`received` and
/// `rport` filled in, 18.2.1, RFC 3581 4), From, To with `to_tag` unless it has a tag, Call-ID and
/// CSeq.
MessageWriter begin_answer(const Message& request, const Flow& flow, int status,
                           std::string_view to_tag);

/// A whole response and where it goes: back to the source, to its port with rport, else to the port
/// of sent-by (18.2.2, RFC 3581 4); never to an address that the sender merely claims.
struct StatelessAnswer {
    std::string bytes;
    Flow flow;
};

/// The answer to bytes that are a request, but no Message: made of what a bounded scan finds, and
/// without state, so that its To tag is the same for a repetition. nullopt: without Via, From, To,
/// Call-ID and CSeq, or for an ACK, there is no answer.
std::optional<StatelessAnswer> answer_malformed(std::string_view bytes, const Flow& flow,
                                                const ParseFault& fault, std::string_view server);

/// `top_via` as it is sent back.
std::string answered_via(std::string_view top_via, const Flow& flow);

}  // namespace trunkline::sipstack
