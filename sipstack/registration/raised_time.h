// What a 423 taught a registration to ask for (RFC 3261 10.2.8): for as long as the configured time
// is the one that was too brief.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"

#include <algorithm>
#include <cstdint>

namespace trunkline::sipstack {

/// Seconds; both 0: nothing was taught.
struct RaisedTime {
    uint32_t from = 0;
    uint32_t to = 0;

    /// What is asked for where `configured` is.
    Seconds over(Seconds configured) const {
        return configured == Seconds(from) ? std::max(configured, Seconds(to)) : configured;
    }

    bool operator==(const RaisedTime&) const = default;
};

}  // namespace trunkline::sipstack
