#include "sipstack/message/lexical.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace trunkline::sipstack {

namespace {

/// Every row's name is asked for these.
constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> characters{};
    for (const char c : std::string_view("-.!%*_+`'~0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        characters[static_cast<unsigned char>(c)] = true;
    }
    return characters;
}();

}  // namespace

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool has_control(std::string_view text) {
    constexpr uint64_t ones = 0x0101010101010101;
    constexpr uint64_t high_bits = 0x80 * ones;
    while (text.size() >= sizeof(uint64_t)) {
        uint64_t bytes = 0;
        std::memcpy(&bytes, text.data(), sizeof(bytes));
        const uint64_t without_delete = bytes ^ 0x7f * ones;  // a DEL becomes zero
        const uint64_t below_blank = (bytes - ' ' * ones) & ~bytes;
        const uint64_t is_delete = (without_delete - ones) & ~without_delete;
        if (((below_blank | is_delete) & high_bits) != 0) {
            return true;
        }
        text.remove_prefix(sizeof(bytes));
    }
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

bool equal_nocase(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return to_lower(x) == to_lower(y);
           });
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
    return result;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return token_characters[static_cast<unsigned char>(c)];
    });
}

std::optional<uint64_t> parse_number(std::string_view digits) {
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return std::nullopt;
    }
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} ? std::optional(number) : std::nullopt;
}

uint32_t parse_seconds(std::string_view text, uint32_t malformed) {
    constexpr uint32_t most = std::numeric_limits<uint32_t>::max();
    text = trim(text);
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) {
        return malformed;
    }
    const uint64_t seconds = parse_number(text).value_or(most);
    return static_cast<uint32_t>(std::min<uint64_t>(seconds, most));
}

std::size_t find_outside_quotes(std::string_view text, char wanted, std::size_t from) {
    bool quoted = false;
    bool bracketed = false;
    for (std::size_t i = from; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                quoted = false;
            }
        } else if (bracketed) {
            bracketed = c != '>';
        } else if (c == wanted) {
            return i;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '<') {
            bracketed = true;
        }
    }
    return std::string_view::npos;
}

std::string_view take_list_value(std::string_view& list) {
    const std::size_t comma = find_outside_quotes(list, ',');
    const std::string_view value = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    return value;
}

std::optional<std::string_view> header_parameter(std::string_view value, std::string_view name) {
    std::size_t semicolon = find_outside_quotes(value, ';');
    while (semicolon != std::string_view::npos) {
        const std::size_t end = find_outside_quotes(value, ';', semicolon + 1);
        const std::string_view text = value.substr(semicolon + 1, end - semicolon - 1);
        const std::size_t equals = text.find('=');
        if (equal_nocase(trim(text.substr(0, equals)), name)) {
            return equals == std::string_view::npos ? std::string_view{}
                                                    : trim(text.substr(equals + 1));
        }
        semicolon = end;
    }
    return std::nullopt;
}

std::string unescape(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
        }
        result += text[i];
    }
    return result;
}

std::string unquote(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
        return std::string(text);
    }
    return unescape(text.substr(1, text.size() - 2));
}

}  // namespace trunkline::sipstack
