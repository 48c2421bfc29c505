// What an operator sees of a registration: one row, copied out of the shard.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace trunkline::sipstack {

enum class RegistrantKind : uint8_t { device, trunk_group, endpoint, account, user };

/// The states of mediant-class appliances, spelt out (docs/architecture.md draws the moves).
enum class RegistrationState : uint8_t {
    resolving,      ///< waits for the address of its proxy
    waiting,        ///< waits for its turn: rate or window of its proxy are used up
    registering,    ///< a REGISTER is out, none was accepted yet
    registered,     ///< inside a granted lifetime, nothing out
    refreshing,     ///< inside a granted lifetime, a REGISTER is out
    failed,         ///< waits for its retry time
    unregistering,  ///< a REGISTER with Expires 0 is out
    unregistered,   ///< ended on request
};

constexpr std::size_t registration_state_count =
    std::to_underlying(RegistrationState::unregistered) + 1;

std::string_view to_string(RegistrantKind kind);      // "device", "trunk group", ...
std::string_view to_string(RegistrationState state);  // "REGISTERED", "FAILED", ...

struct RegistrationStatus {
    RegistrantKind kind = RegistrantKind::device;
    std::string name;  ///< "device", "trunk group 1", "endpoint 2001", account name
    std::string aor;   ///< "sip:user@host"
    RegistrationState state = RegistrationState::resolving;
    bool registered = false;  ///< inside a granted lifetime
    int last_status = 0;      ///< final response to the last REGISTER; 0 = it had none
    std::string reason;       ///< its phrase, or why there is none ("no answer within 32 s")
    std::string answered_by;  ///< address:port that gave the last final response
    Transport transport = Transport::udp;
    std::string service_route = {};   ///< of the latest 200 (RFC 3608), values joined by ", "
    std::string associated_uri = {};  ///< default public identity (P-Associated-URI, RFC 7315 4.1)
    /// Of the registration event package (RFC 3680): "active", "failed: 489 Bad Event", ...; empty:
    /// none is configured, or nothing was granted yet.
    std::string subscription = {};
    Seconds requested_expires{0};
    std::optional<Seconds> granted_expires;
    std::optional<Milliseconds> expires_in;       ///< until the binding ends
    std::optional<Milliseconds> next_attempt_in;  ///< until the next REGISTER
    unsigned consecutive_failures = 0;
    uint64_t attempts = 0;  ///< REGISTER transactions begun, challenged retries included
    std::string realm;
    std::string algorithm;
    std::string call_id;
    uint32_t cseq = 0;
    uint32_t shard = 0;
    uint32_t position = 0;  ///< in the order of the configuration
};

}  // namespace trunkline::sipstack
