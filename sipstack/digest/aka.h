// The subscriber's side of AKAv1 in digest (RFC 3310): what the nonce says, whether the network is
// the one that shares our key, and the password that answers it. SIM cards are not read: K and OPc
// are configured. The functions behind it are milenage.h.
#pragma once

#include "sipstack/digest/milenage.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// Of two texts of 32 hex digits each, in any case; nullopt otherwise.
std::optional<AkaKeys> aka_keys(std::string_view key, std::string_view operator_key);

/// Whether a nonce is base64 of RAND, AUTN and perhaps more (RFC 3310 3.2).
bool is_aka_nonce(std::string_view nonce);

/// RAND and AUTN in hex, as a network's own tools print them; empty: no AKA nonce.
struct AkaNonceText {
    std::string random;
    std::string authentication_token;
};
AkaNonceText describe_aka_nonce(std::string_view nonce);

enum class AkaVerdict : uint8_t {
    genuine,          ///< the network has our key and the challenge is new
    out_of_sequence,  ///< it has our key; the challenge is not newer than the last one
    not_genuine,      ///< a wrong MAC, or no AKA nonce: must not be answered
};

struct AkaCheck {
    AkaVerdict verdict = AkaVerdict::not_genuine;
    uint64_t sequence_number = 0;  ///< SQN of the challenge; 0 when not genuine
    std::string auts;  ///< base64, for out_of_sequence: tells the network our number (RFC 3310 3.4)
};

/// `last` is the highest sequence number accepted so far, 0 = none; a challenge must exceed it.
AkaCheck check_aka(std::string_view nonce, const AkaKeys& keys, uint64_t last);

/// RES, eight raw bytes that serve as the password (RFC 3310 3.3); empty: no AKA nonce.
std::string aka_response(std::string_view nonce, const AkaKeys& keys);

}  // namespace trunkline::sipstack
