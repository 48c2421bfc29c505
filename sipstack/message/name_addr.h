// The URI in the value of a Contact, From, To or Route.
#pragma once

#include "sipstack/message/lexical.h"

#include <cstddef>
#include <string_view>

namespace trunkline::sipstack {

/// Of a name-addr or an addr-spec with header parameters behind it (RFC 3261 20.10), as written.
inline std::string_view uri_of(std::string_view value) {
    const std::size_t bracket = find_outside_quotes(value, '<');
    if (bracket == std::string_view::npos) {
        return trim(value.substr(0, value.find(';')));
    }
    const std::size_t end = value.find('>', bracket);
    return value.substr(bracket + 1, end == std::string_view::npos ? end : end - bracket - 1);
}

}  // namespace trunkline::sipstack
