// What one shard has found out about a server and all others are to know.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <optional>

namespace trunkline::sipstack {

struct ServerNews {
    std::optional<uint16_t> proxy_set_index;  ///< unset: the registrar address
    Target server;
    bool online = true;
    /// A 503 asked for this (RFC 3261 21.5.4); unset: the news is whether it is online.
    std::optional<Instant> aside_until = std::nullopt;

    bool operator==(const ServerNews&) const = default;
};

}  // namespace trunkline::sipstack
