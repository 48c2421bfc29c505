#include "mgmt/cli/words.h"

#include <fmt/format.h>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view blanks = " \t\r\n";

}  // namespace

std::expected<std::vector<CliWord>, std::string> cli_words(std::string_view line) {
    std::vector<CliWord> words;
    std::size_t at = line.find_first_not_of(blanks);
    while (at < line.size()) {
        CliWord word{"", false, at + 1};
        bool in_quotes = false;
        for (; at < line.size(); ++at) {
            const char c = line[at];
            if (c == '"') {
                in_quotes = !in_quotes;
                word.is_quoted = true;
            } else if (c == '\\' && in_quotes && at + 1 < line.size()) {
                word.text += line[++at];
            } else if (!in_quotes && blanks.find(c) != blanks.npos) {
                break;
            } else {
                word.text += c;
            }
        }
        if (in_quotes) {
            return std::unexpected(fmt::format(
                "column {}: found a text that does not end; allowed: \" after it", word.column));
        }
        words.push_back(std::move(word));
        at = line.find_first_not_of(blanks, at);
    }
    return words;
}

std::string in_cli_quotes(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace trunkline::mgmt
