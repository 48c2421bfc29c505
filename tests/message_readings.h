// Holds the plain reading of a message (plain_message.h) against the general one. For unit tests,
// the fuzzer and the simulation.
#pragma once

#include "sipstack/message/general_message.h"
#include "sipstack/message/plain_message.h"

#include <algorithm>
#include <string_view>

namespace trunkline::testing {

enum class MessageReadings {
    not_plain,  ///< the general one alone reads it, or it is no message
    agree,
    differ,
};

inline bool is_same_row(const sipstack::HeaderRow& a, const sipstack::HeaderRow& b) {
    return a.id == b.id && a.name == b.name && a.value == b.value && a.folded == b.folded &&
           a.has_token_name == b.has_token_name;
}

inline bool is_same_anatomy(const sipstack::Anatomy& a, const sipstack::Anatomy& b) {
    return a.is_request == b.is_request && a.method == b.method && a.request_uri == b.request_uri &&
           a.status == b.status && a.reason_phrase == b.reason_phrase &&
           std::ranges::equal(a.rows, b.rows, is_same_row) && a.from == b.from && a.to == b.to &&
           a.call_id == b.call_id && a.cseq == b.cseq && a.body == b.body && a.routing == b.routing;
}

inline MessageReadings compare_readings(std::string_view bytes) {
    sipstack::Anatomy plain;
    if (!sipstack::read_plain_message(bytes, plain)) {
        return MessageReadings::not_plain;
    }
    sipstack::Anatomy general;
    const auto fault = sipstack::read_general_message(bytes, general);
    return !fault && is_same_anatomy(plain, general) ? MessageReadings::agree
                                                     : MessageReadings::differ;
}

}  // namespace trunkline::testing
