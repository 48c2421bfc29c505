#include "tests/sim/faults.h"

namespace trunkline::sim {

std::string_view to_string(Fault fault) {
    static constexpr std::array<std::string_view, fault_count> names{
        "datagram lost",
        "datagram duplicated",
        "datagram on an uneven link",
        "datagram into a cut link",
        "request to a stopped registrar",
        "registrar that lost its bindings",
        "late answer",
        "answer twice",
        "no answer",
        "provisional answer",
        "connection refused",
        "connection forgotten",
        "connection reset within an answer",
        "connection closed behind an answer",
        "odd challenge",
        "aged nonce",
        "aged nonce without stale",
        "next nonce",
        "423 interval too brief",
        "shorter grant",
        "longer grant",
        "odd Contact in a 200",
        "Contact missing in a 200",
        "redirection to a registrar",
        "redirection abroad",
        "503",
        "503 with Retry-After",
        "500",
        "480",
        "404",
        "403",
        "603",
        "right password refused",
        "shard that stalled",
        "crash",
        "crash, last records lost",
        "crash, journal damaged",
        "crash, journal empty",
        "wall clock set forward",
        "wall clock set back",
        "reboot",
        "account removed",
        "account added",
        "password changed",
        "timing changed",
        "registered by hand",
        "un-registered by hand",
    };
    return names[std::to_underlying(fault)];
}

}  // namespace trunkline::sim
