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

/// The error: a quote that does not end.
std::expected<std::vector<CliWord>, std::string> cli_words(std::string_view line);

/// `text` in quotes.
std::string in_cli_quotes(std::string_view text);

}  // namespace trunkline::mgmt
