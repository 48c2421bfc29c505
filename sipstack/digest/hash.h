// The hash functions of digest authentication behind one face (RFC 7616 3.2, RFC 8760 2).
#pragma once

#include "sipstack/config.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// The token on the wire: "MD5", "SHA-256", "SHA-512-256".
std::string_view to_token(DigestAlgorithm algorithm);
/// Case aside; nullopt: an unknown one, or one that this OpenSSL does not provide.
std::optional<DigestAlgorithm> algorithm_from_token(std::string_view token);

/// Lower-case hex of bytes.
std::string to_hex(std::span<const uint8_t> bytes);

/// A hash as lower-case hex, in place: a digest takes several and keeps none.
class HashText {
public:
    explicit HashText(std::span<const std::byte> bytes);
    operator std::string_view() const { return {digits_.data(), size_}; }

private:
    std::array<char, 64> digits_;  ///< of the longest hash, 32 bytes
    std::size_t size_;
};

/// Lower-case hex of the hash of `text`.
std::string hash_hex(DigestAlgorithm algorithm, std::string_view text);
/// The same of the parts with a colon between any two. Aborts when the algorithm is not provided:
/// algorithm_from_token() never names it then. Thread-safe.
HashText hash_joined(DigestAlgorithm algorithm, std::initializer_list<std::string_view> parts);

}  // namespace trunkline::sipstack
