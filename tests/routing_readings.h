// Holds the fast reading of the routing headers (plain_routing.h) against the general one. For unit
// tests, the fuzzer and the simulation.
#pragma once

#include "sipstack/message/osip_parser.h"
#include "sipstack/message/strict.h"

#include <string_view>

namespace trunkline::testing {

enum class RoutingReadings {
    not_plain,  ///< the general one alone reads it, or it is no message
    agree,
    differ,
};

inline RoutingReadings compare_routing_readings(std::string_view bytes) {
    const auto anatomy = sipstack::dissect(bytes);
    if (!anatomy || !anatomy->has_plain_routing) {
        return RoutingReadings::not_plain;
    }
    const bool is_refused = sipstack::check_routing_lists(*anatomy).has_value();
    const auto general = sipstack::parse_routing_headers(*anatomy);
    return !is_refused && general && *general == anatomy->routing ? RoutingReadings::agree
                                                                  : RoutingReadings::differ;
}

}  // namespace trunkline::testing
