// Milenage (3GPP TS 35.206): the functions f1 to f5* that a subscriber and its network compute from
// the key they share. The challenge that carries their values is aka.h.
#pragma once

#include <array>
#include <cstdint>

namespace trunkline::sipstack {

using AkaBlock = std::array<uint8_t, 16>;
using AkaMac = std::array<uint8_t, 8>;
using AkaSequenceNumber = std::array<uint8_t, 6>;  ///< SQN, or AK that hides it; 48 bits
using AkaManagementField = std::array<uint8_t, 2>;

/// What subscriber and network share. It prints as nothing.
struct AkaKeys {
    AkaBlock key{};           ///< K
    AkaBlock operator_key{};  ///< OPc

    bool operator==(const AkaKeys&) const = default;
};

struct MilenageVector {
    AkaMac response{};                      ///< RES: f2
    AkaBlock cipher_key{};                  ///< CK: f3
    AkaBlock integrity_key{};               ///< IK: f4
    AkaSequenceNumber anonymity_key{};      ///< AK: f5
    AkaSequenceNumber resynchronisation{};  ///< AK*: f5*
};

/// f2 to f5*. Aborts when OpenSSL has no AES; thread-safe, like milenage_macs().
MilenageVector milenage(const AkaKeys& keys, const AkaBlock& random);

struct MilenageMacs {
    AkaMac network{};            ///< MAC-A: f1
    AkaMac resynchronisation{};  ///< MAC-S: f1*
};
MilenageMacs milenage_macs(const AkaKeys& keys, const AkaBlock& random,
                           const AkaSequenceNumber& sequence_number,
                           const AkaManagementField& management_field);

}  // namespace trunkline::sipstack
