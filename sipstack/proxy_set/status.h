// What an operator sees of a proxy set: one row a server, copied out of the shard.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::sipstack {

struct ProxyServerStatus {
    Target target;
    bool online = true;
    bool active = false;                    ///< the current working server
    std::optional<Milliseconds> aside_for;  ///< no request goes there that long, after a 503
    uint64_t requests = 0;                  ///< sent there since the list's order changed last
    uint64_t successes = 0;                 ///< requests that had an answer
    uint64_t failures = 0;                  ///< requests that had none
};

struct ProxySetStatus {
    std::string name;
    RedundancyMode redundancy_mode = RedundancyMode::parking;  ///< the set's, else the page's
    LoadBalancing load_balancing = LoadBalancing::disable;
    KeepAlive keep_alive = KeepAlive::disable;
    bool online = false;
    std::vector<ProxyServerStatus> servers;  ///< in order of preference; empty: not resolved
};

}  // namespace trunkline::sipstack
