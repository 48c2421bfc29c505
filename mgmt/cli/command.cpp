#include "mgmt/cli/command.h"

#include "mgmt/catalogue/command_words.h"
#include "mgmt/json_fields.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

bool is_value(std::string_view token) {
    return token.starts_with('<');
}

bool is_rest(std::string_view token) {
    return token.ends_with("...>");
}

}  // namespace

std::optional<json> CliCall::answer_to(const json& request) const {
    auto answer = ask(request);
    if (!answer) {
        fail(answer.error().message);
        return std::nullopt;
    }
    if (!flag_in(*answer, "ok")) {
        refuse(*answer);
        return std::nullopt;
    }
    return *std::move(answer);
}

bool CliCall::print(std::string_view text) const {
    output.write(text);
    return true;
}

bool CliCall::print_json(const json& value) const {
    return print(value.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

bool CliCall::fail(std::string_view why) const {
    errors.write(fmt::format("Error: {}\n", why));
    return false;
}

bool CliCall::refuse(const json& refusal) const {
    const std::string error = text_in(refusal, "error");
    fail(error.empty() ? "the appliance gave no reason" : error);
    for (const json& fault : list_in(refusal, "faults")) {
        const std::string message =
            fault.is_string() ? fault.get<std::string>() : text_in(fault, "message");
        errors.write("  " + message + "\n");
    }
    for (const json& note : list_in(refusal, "notes")) {
        errors.write("  " + (note.is_string() ? note.get<std::string>() : "") + "\n");
    }
    return false;
}

void CliCommandTable::add(CliCommand command) {
    std::vector<std::string> tokens = split_words(command.words, " ");
    rows_.push_back({std::move(command), std::move(tokens)});
}

/// The rows that still fit, word by word.
struct CliCommandTable::Walk {
    std::vector<const Row*> rows;
    std::vector<std::string> arguments;
    std::size_t at = 0;
    bool rest = false;  ///< takes all that follows

    /// What may stand at the next place.
    std::vector<CliChoice> choices() const {
        std::vector<CliChoice> found;
        const auto add = [&](std::string word, const Row& row, bool value) {
            const bool is_last = row.tokens.size() == at + 1;
            const auto known = std::ranges::find(found, word, &CliChoice::word);
            if (known == found.end()) {
                found.push_back({std::move(word), is_last ? row.command.help : "", value});
            } else if (known->help.empty() && is_last) {
                known->help = row.command.help;
            }
        };
        for (const Row* row : rows) {
            if (row->tokens.size() == at) {
                if (row->command.run) {
                    found.push_back({std::string(line_end), row->command.help, true});
                }
                continue;
            }
            const std::string& token = row->tokens[at];
            if (is_value(token)) {
                add(token, *row, true);
                continue;
            }
            for (std::string& word : split_words(token, "|")) {
                add(std::move(word), *row, false);
            }
        }
        return found;
    }

    /// Goes over `word`; the error when nothing fits.
    std::expected<void, std::string> step(const CliWord& word) {
        if (rest) {
            arguments.push_back(word.text);
            return {};
        }
        const std::vector<CliChoice> allowed = choices();
        const auto full = full_word(word, allowed);
        if (!full) {
            return std::unexpected(full.error());
        }
        std::erase_if(rows, [&](const Row* row) {
            if (row->tokens.size() == at) {
                return true;
            }
            const std::string& token = row->tokens[at];
            const auto words = split_words(token, "|");
            return *full ? is_value(token) || std::ranges::find(words, **full) == words.end()
                         : !is_value(token);
        });
        if (rows.empty()) {
            return std::unexpected(unknown_word(word, allowed));
        }
        const std::string& token = rows.front()->tokens[at];
        if (is_value(token) || token.find('|') != token.npos) {
            arguments.push_back(full->value_or(word.text));
        }
        rest = is_rest(token);
        ++at;
        return {};
    }
};

std::expected<CliCommandTable::Match, std::string> CliCommandTable::match(
    std::span<const CliWord> words, bool privileged) const {
    Walk walk;
    for (const Row& row : rows_) {
        if (privileged || !row.command.privileged) {
            walk.rows.push_back(&row);
        }
    }
    for (const CliWord& word : words) {
        if (auto stepped = walk.step(word); !stepped) {
            return std::unexpected(std::move(stepped.error()));
        }
    }
    for (const Row* row : walk.rows) {
        if (row->tokens.size() == walk.at && row->command.run) {
            return Match{&row->command, std::move(walk.arguments)};
        }
    }
    std::vector<std::string> names;
    for (const CliChoice& choice : walk.choices()) {
        names.push_back(choice.word);
    }
    return std::unexpected(
        fmt::format("the command is not complete; allowed: {}", fmt::join(names, ", ")));
}

std::vector<CliChoice> CliCommandTable::choices(std::span<const CliWord> words,
                                                bool privileged) const {
    Walk walk;
    for (const Row& row : rows_) {
        if (privileged || !row.command.privileged) {
            walk.rows.push_back(&row);
        }
    }
    for (const CliWord& word : words) {
        if (!walk.step(word)) {
            return {};
        }
    }
    return walk.choices();
}

}  // namespace trunkline::mgmt
