#include "mgmt/cli/choice.h"

#include "mgmt/configuration/fault_collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace trunkline::mgmt {

namespace {

std::vector<std::string> names_of(std::span<const CliChoice> choices) {
    std::vector<std::string> names;
    std::ranges::transform(choices, std::back_inserter(names), &CliChoice::word);
    return names;
}

}  // namespace

std::vector<std::string> words_that_begin(std::string_view text,
                                          std::span<const CliChoice> choices) {
    std::vector<std::string> words;
    for (const CliChoice& choice : choices) {
        if (!choice.is_value && choice.word.starts_with(text)) {
            words.push_back(choice.word);
        }
    }
    std::ranges::sort(words);
    const auto [first, last] = std::ranges::unique(words);
    words.erase(first, last);
    return words;
}

std::expected<std::optional<std::string>, std::string> full_word(
    const CliWord& word, std::span<const CliChoice> choices) {
    const std::vector<std::string> begun = words_that_begin(word.text, choices);
    if (std::ranges::find(begun, word.text) != begun.end()) {
        return word.text;
    }
    if (begun.empty() || word.is_quoted || word.text.empty()) {
        return std::nullopt;
    }
    if (begun.size() > 1) {
        return std::unexpected(fmt::format("column {}: found {}, which begins several: {}",
                                           word.column, in_quotes(word.text), list_names(begun)));
    }
    return begun.front();
}

std::string unknown_word(const CliWord& word, std::span<const CliChoice> choices) {
    const std::vector<std::string> allowed = names_of(choices);
    const std::string advice = FaultCollector("").nearest(word.text, allowed);
    return fmt::format("column {}: found {}; allowed: {}{}", word.column, in_quotes(word.text),
                       allowed.empty() ? "nothing more" : list_names(allowed),
                       advice.empty() ? "" : "; " + advice);
}

std::string help_text(std::span<const CliChoice> choices) {
    std::size_t width = 0;
    for (const CliChoice& choice : choices) {
        width = std::max(width, choice.word.size());
    }
    std::string text;
    for (const CliChoice& choice : choices) {
        text += choice.help.empty()
                    ? fmt::format("  {}\n", choice.word)
                    : fmt::format("  {:<{}}  {}\n", choice.word, width, choice.help);
    }
    return text;
}

}  // namespace trunkline::mgmt
