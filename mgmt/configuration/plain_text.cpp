#include "mgmt/configuration/plain_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::mgmt {

namespace {

/// Length of the UTF-8 sequence at the start of `text`; 0 when there is none (RFC 3629 4).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto follows = [&](std::size_t at) {
        return at < text.size() && (byte(at) & 0xc0) == 0x80;
    };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return follows(1) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        if (!follows(1) || !follows(2) || (first == 0xe0 && byte(1) < 0xa0) ||
            (first == 0xed && byte(1) > 0x9f)) {
            return 0;
        }
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (!follows(1) || !follows(2) || !follows(3) || (first == 0xf0 && byte(1) < 0x90) ||
            (first == 0xf4 && byte(1) > 0x8f)) {
            return 0;
        }
        return 4;
    }
    return 0;
}

}  // namespace

std::optional<std::size_t> first_odd_byte(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t length = utf8_length(text.substr(at));
        const bool control =
            (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
        if (length == 0 || control) {
            return at;
        }
        at += length;
    }
    return std::nullopt;
}

bool is_plain_text(std::string_view text, const std::string& origin, ConfigFaults& faults) {
    const auto odd = first_odd_byte(text);
    if (!odd) {
        return true;
    }
    const std::string_view before = text.substr(0, *odd);
    const std::size_t line_end = before.rfind('\n');
    const std::size_t column = before.size() - (line_end == before.npos ? 0 : line_end + 1) + 1;
    faults.push_back(
        {origin, 1 + static_cast<int>(std::ranges::count(before, '\n')), static_cast<int>(column),
         "", fmt::format("byte 0x{:02x}", static_cast<unsigned char>(text[*odd])),
         "UTF-8 text without control characters", "save the file as UTF-8, or take the byte out"});
    return false;
}

}  // namespace trunkline::mgmt
