#include "sipstack/message/lexical.h"

#include "sipstack/message/byte_search.h"

#include <algorithm>
#include <array>
#include <bit>
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

/// Where the quoted text ends that begins at `opening`; npos: nowhere.
std::size_t closing_quote(std::string_view text, std::size_t opening) {
    for (std::size_t at = opening + 1; at < text.size(); ++at) {
        if (text[at] == '"') {
            return at;
        }
        at += text[at] == '\\' ? 1 : 0;
    }
    return std::string_view::npos;
}

/// Precondition: there is a whole one.
Block block_at(std::string_view text) {
    Block bytes;
    std::memcpy(&bytes, text.data(), sizeof(bytes));
    return bytes;
}

/// What is less than a block, filled up with blanks.
Block block_of(std::string_view text) {
    Block bytes = Block{} + ' ';
    std::memcpy(&bytes, text.data(), text.size());
    return bytes;
}

}  // namespace

bool has_control(std::string_view text) {
    Block found{};
    while (text.size() >= sizeof(Block)) {
        found |= controls_in(block_at(text));
        text.remove_prefix(sizeof(Block));
    }
    found |= controls_in(block_of(text));
    const auto halves = std::bit_cast<std::array<uint64_t, 2>>(found);
    return (halves[0] | halves[1]) != 0;
}

void make_lower(std::span<char> text) {
    if (text.size() < sizeof(Block)) {
        std::ranges::transform(text, text.begin(), to_lower);
        return;
    }
    const auto make_block_lower = [&](std::size_t at) {
        Block bytes;
        std::memcpy(&bytes, &text[at], sizeof(bytes));
        const auto is_upper = static_cast<Block>((bytes >= 'A') & (bytes <= 'Z'));
        bytes |= is_upper & ('a' - 'A');
        std::memcpy(&text[at], &bytes, sizeof(bytes));
    };
    const std::size_t last = text.size() - sizeof(Block);  // may overlap the one before
    for (std::size_t at = 0; at < last; at += sizeof(Block)) {
        make_block_lower(at);
    }
    make_block_lower(last);
}

std::string lower(std::string_view text) {
    std::string result(text);
    make_lower(result);
    return result;
}

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return result;
}

std::size_t leading_token(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size() && token_characters[static_cast<unsigned char>(text[end])]) {
        ++end;
    }
    return end;
}

bool is_token(std::string_view text) {
    return !text.empty() && leading_token(text) == text.size();
}

std::optional<uint64_t> parse_number(std::string_view digits) {
    constexpr uint64_t most = std::numeric_limits<uint64_t>::max();
    uint64_t number = 0;
    for (const char c : digits) {
        const auto digit = static_cast<uint64_t>(c - '0');
        if (!is_digit(c) || number > (most - digit) / 10) {
            return std::nullopt;
        }
        number = number * 10 + digit;
    }
    return digits.empty() ? std::nullopt : std::optional(number);
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
    std::size_t found = text.find(wanted, from);
    while (found != std::string_view::npos) {
        const std::string_view before = text.substr(0, found);
        const std::size_t opening = std::min(before.find('"', from), before.find('<', from));
        if (opening == std::string_view::npos) {
            return found;
        }
        const std::size_t closing =
            text[opening] == '<' ? text.find('>', opening) : closing_quote(text, opening);
        if (closing == std::string_view::npos) {
            return closing;
        }
        from = closing + 1;
        found = found < from ? text.find(wanted, from) : found;
    }
    return found;
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
    if (!text.contains('\\')) {
        return std::string(text);
    }
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
