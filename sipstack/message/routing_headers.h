// What the headers that route a message say, however they were read (plain_routing.h or
// osip_parser.h).
#pragma once

#include "sipstack/message/via.h"

#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// Views into the message's bytes.
struct RoutingHeaders {
    std::vector<Via> vias;              ///< topmost first, at least one
    std::string_view from_tag, to_tag;  ///< empty: there is none

    bool operator==(const RoutingHeaders&) const = default;
};

}  // namespace trunkline::sipstack
