// A command as words, and back: texts stand in double quotes, a backslash goes before a quote or a
// backslash within.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct CliWord {
    std::string text;
    bool is_quoted = false;
    std::size_t column = 1;  ///< where it begins, from 1, in bytes
};

/// The error: a quote that does not end, or bytes that are no plain text (plain_text.h).
std::expected<std::vector<CliWord>, std::string> cli_words(std::string_view line);

/// `text` in quotes.
std::string in_cli_quotes(std::string_view text);
/// `text` so that cli_words() reads it as one word: in quotes where it needs them.
std::string as_cli_word(std::string_view text);
/// Where the last word of a line begins that is not complete, its quotes with it; the line's size:
/// none is begun.
std::size_t begun_word(std::string_view line);

}  // namespace trunkline::mgmt
