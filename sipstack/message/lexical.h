// The small lexical rules of RFC 3261 7.3.1 and 25.1 over raw text: blanks, case, tokens, numbers,
// lists and parameters outside quotes. No allocation; nothing here knows a header by name.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
/// -1 when `c` is no hex digit.
constexpr int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Without blanks at both ends, line ends of a folded row among them.
inline std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}
/// Whether there is a control character (below blank, or DEL); sixteen bytes at a time, as every
/// byte received and sent is asked.
bool has_control(std::string_view text);
/// Equal without regard to the case of ASCII letters (7.3.1).
inline bool equal_nocase(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return x == y || to_lower(x) == to_lower(y);
           });
}
std::string lower(std::string_view text);
void make_lower(std::span<char> text);
std::string upper(std::string_view text);
/// A non-empty token of 25.1.
bool is_token(std::string_view text);
/// How many characters at its front are a token's.
std::size_t leading_token(std::string_view text);

/// Digits alone, at least one; nullopt for anything else or above 2^64-1.
std::optional<uint64_t> parse_number(std::string_view digits);
/// Seconds of Expires and its kin: malformed is `malformed`, too large is 2^32-1 (20.19).
uint32_t parse_seconds(std::string_view text, uint32_t malformed = 3600);

/// Position of the first `wanted` that is outside "..." and <...>, at `from` or later; npos: none.
/// A quote or bracket that is never closed reaches to the end.
std::size_t find_outside_quotes(std::string_view text, char wanted, std::size_t from = 0);
/// Takes the first value, trimmed, off a list that commas part, and its comma with it.
std::string_view take_list_value(std::string_view& list);
/// The value of a header parameter, as written, after the first ';' outside <...>: "" when it has
/// no value. Quotes stay.
std::optional<std::string_view> header_parameter(std::string_view value, std::string_view name);
/// What a quoted string stands for, its quotes taken off already: a\"b -> a"b (quoted-pair
/// of 25.1).
std::string unescape(std::string_view text);
/// "\"a\\\"b\"" -> a"b; text without quotes is returned as it is.
std::string unquote(std::string_view text);

}  // namespace trunkline::sipstack
