// Base64 with padding (RFC 4648 4), as Basic credentials, AKA nonces and auts carry it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

std::string encode_base64(std::span<const uint8_t> bytes);
std::string encode_base64(std::string_view bytes);
/// nullopt: a character, a length or a padding that base64 does not have.
std::optional<std::vector<uint8_t>> decode_base64(std::string_view text);

}  // namespace trunkline::sipstack
