// Numbers as hexadecimal digits and back. Every request has three of them, so both ways go by
// table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace trunkline::blast {

namespace hex_tables {

/// The two lower-case digits of each byte.
constexpr auto digits = [] {
    std::array<std::array<char, 2>, 256> table{};
    for (std::size_t byte = 0; byte < table.size(); ++byte) {
        table[byte] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    }
    return table;
}();

constexpr uint8_t none = 0xff;

/// What each character is worth; `none`: it is no digit.
constexpr auto values = [] {
    std::array<uint8_t, 256> table{};
    table.fill(none);
    for (uint8_t digit = 0; digit < 16; ++digit) {
        table[static_cast<uint8_t>("0123456789abcdef"[digit])] = digit;
        table[static_cast<uint8_t>("0123456789ABCDEF"[digit])] = digit;
    }
    return table;
}();

}  // namespace hex_tables

/// `number` as exactly `Digits` lower-case digits, an even number of them.
template <std::size_t Digits>
std::array<char, Digits> hex(uint64_t number) {
    static_assert(Digits % 2 == 0);
    std::array<char, Digits> text;
    for (std::size_t at = Digits; at > 0; number >>= 8) {
        at -= 2;
        std::memcpy(&text[at], hex_tables::digits[number & 0xff].data(), 2);
    }
    return text;
}

/// All of `text`, 1 to 16 digits in any case; nullopt: it is not that.
inline std::optional<uint64_t> read_hex(std::string_view text) {
    if (text.empty() || text.size() > 16) {
        return std::nullopt;
    }
    uint64_t number = 0;
    uint8_t bad = 0;
    for (const char c : text) {
        const uint8_t value = hex_tables::values[static_cast<uint8_t>(c)];
        bad |= value;
        number = number << 4 | (value & 15);
    }
    if (bad > 15) {
        return std::nullopt;
    }
    return number;
}

}  // namespace trunkline::blast
