#include "mgmt/cli/words.h"

#include "mgmt/configuration/plain_text.h"

#include <fmt/format.h>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view blanks = " \t\r\n";

}  // namespace

std::expected<std::vector<CliWord>, std::string> cli_words(std::string_view line) {
    if (const auto odd = first_odd_byte(line)) {
        return std::unexpected(
            fmt::format("column {}: found the byte 0x{:02x}; allowed: UTF-8 text without control "
                        "characters",
                        *odd + 1, static_cast<unsigned char>(line[*odd])));
    }
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

std::string as_cli_word(std::string_view text) {
    const bool is_plain = !text.empty() && text.find_first_of(" \t\r\n\"\\?|") == text.npos;
    return is_plain ? std::string(text) : in_cli_quotes(text);
}

std::size_t begun_word(std::string_view line) {
    std::size_t begin = line.size();
    bool in_quotes = false, is_inside = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (!in_quotes && blanks.find(c) != blanks.npos) {
            is_inside = false;
            begin = line.size();
            continue;
        }
        begin = is_inside ? begin : at;
        is_inside = true;
        if (c == '\\' && in_quotes) {
            ++at;
        } else if (c == '"') {
            in_quotes = !in_quotes;
        }
    }
    return begin;
}

}  // namespace trunkline::mgmt
