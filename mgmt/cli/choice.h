// What may stand at a place of a line, with its help; and words that are cut short.
#pragma once

#include "mgmt/cli/words.h"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::mgmt {

struct CliChoice {
    std::string word;  ///< "show", or of a value what it is: "<index>"
    std::string help;
    bool is_value = false;  ///< any text may stand there: nothing to complete
    bool is_name = false;   ///< that an operator gave: in quotes where it needs them
};

/// Those that begin with `text`, values aside.
std::vector<std::string> words_that_begin(std::string_view text,
                                          std::span<const CliChoice> choices);

/// The one of `choices` that `word` is or, without quotes, begins; nullopt: none. The error: it
/// begins several.
std::expected<std::optional<std::string>, std::string> full_word(
    const CliWord& word, std::span<const CliChoice> choices);

/// "column 6: found 'shwo'; allowed: ...; did you mean 'show'?"
std::string unknown_word(const CliWord& word, std::span<const CliChoice> choices);

/// A line each, the help behind the words in one column.
std::string help_text(std::span<const CliChoice> choices);

}  // namespace trunkline::mgmt
