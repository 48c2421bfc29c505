// Who registers: the configuration turned into the ordered list of registrants.
//
// Pure: the same configuration gives the same list, so every shard computes it and takes its part.
// Names and precedences are those of mediant-class appliances. What a registrant then does is
// registration.h.
#pragma once

#include "sipstack/config.h"
#include "sipstack/digest/digest.h"
#include "sipstack/registration/status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

/// One REGISTER to keep alive. URIs are complete and escaped.
struct Registrant {
    RegistrantKind kind = RegistrantKind::device;
    std::string name;          ///< "device", "trunk group 1", "endpoint 2001", the account's name
    std::string aor;           ///< To and From: "sip:user@host"
    std::string request_uri;   ///< "sip:host", never with a user part (RFC 3261 10.2)
    std::string contact_user;  ///< its host and port are those of the SIP interface
    Credentials credentials;
    uint16_t sip_interface_index = 0;
    /// Whose targets serve it; unset: the registrar address of the Proxy & Registration page.
    std::optional<uint16_t> proxy_set_index;
};

/// An inconsistency that only shows when the tables are read together.
struct ConfigProblem {
    std::string path;     ///< "signaling_and_media.accounts[0].contact_user"
    std::string problem;  ///< what is wrong
    std::string advice;   ///< what to write instead
};

/// In order: the device, the trunk groups with their endpoints, the accounts. Rows that check()
/// complains about yield no registrant. The indices of `config` must be in range.
std::vector<Registrant> registrants(const Config& config);

/// All that would make a registrant impossible or ambiguous; empty: the configuration can run.
std::vector<ConfigProblem> check(const Config& config);

/// The shard that owns the registrant at `position` of the list.
inline uint32_t shard_of_registrant(std::size_t position, unsigned shards) {
    return static_cast<uint32_t>(position % shards);
}

/// `number` + 1 with its leading zeros and plus kept: "0099" -> "0100", "+99" -> "+100".
/// Precondition: is_countable(number).
std::string next_number(std::string_view number);
/// Digits, perhaps after one plus: a number that can count up.
bool is_countable(std::string_view number);

/// The user part of a SIP URI: what RFC 3261 25.1 does not allow there is percent-escaped.
std::string escape_user(std::string_view user);

/// "host" or "host:port" of the appliance's own side as it stands in Contact; port 5060 is left
/// out.
std::string contact_host(const SipInterface& interface);

}  // namespace trunkline::sipstack
