#include "mgmt/cli/output_filter.h"

#include "mgmt/cli/choice.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr std::size_t longest_pattern = 200;

struct Word {
    std::string_view word;
    std::string_view help;
    LineFilter::Kind kind;
};

constexpr std::array<Word, 6> filter_words = {{
    {"include", "lines that match", LineFilter::Kind::include},
    {"exclude", "lines that do not match", LineFilter::Kind::exclude},
    {"begin", "all from the first line that matches", LineFilter::Kind::begin},
    {"count", "how many lines match", LineFilter::Kind::count},
    {"grep", "as include", LineFilter::Kind::include},
    {"egrep", "as include", LineFilter::Kind::include},
}};

std::vector<CliChoice> filter_choices() {
    std::vector<CliChoice> choices;
    for (const Word& word : filter_words) {
        choices.push_back({std::string(word.word), std::string(word.help), false});
    }
    return choices;
}

/// Without the bars, a list of words for each of them.
std::vector<std::vector<CliWord>> parts_of(std::span<const CliWord> words) {
    std::vector<std::vector<CliWord>> parts;
    for (const CliWord& word : words) {
        const bool is_bar = !word.is_quoted && word.text.starts_with('|');
        if (!is_bar) {
            parts.back().push_back(word);
            continue;
        }
        parts.emplace_back();
        if (word.text.size() > 1) {
            parts.back().push_back({word.text.substr(1), false, word.column + 1});
        }
    }
    return parts;
}

}  // namespace

void LinePattern::Free::operator()(regex_t* pattern) const {
    ::regfree(pattern);
    delete pattern;
}

std::expected<LinePattern, std::string> LinePattern::compile(const std::string& text) {
    if (text.size() > longest_pattern) {
        return std::unexpected(fmt::format("a pattern has {} characters at most", longest_pattern));
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_escaped = text[at] == '\\' && at + 1 < text.size();
        if (text[at] == '{' || (is_escaped && text[at + 1] >= '1' && text[at + 1] <= '9')) {
            return std::unexpected(
                "a pattern has no repetition counts ({2}) and no back references (\\1)");
        }
        at += is_escaped ? 1 : 0;
    }
    LinePattern result;
    auto fresh = std::make_unique<regex_t>();
    const int fault = ::regcomp(fresh.get(), text.c_str(), REG_EXTENDED | REG_NOSUB);
    if (fault != 0) {
        std::array<char, 128> reason{};
        ::regerror(fault, fresh.get(), reason.data(), reason.size());
        return std::unexpected(fmt::format("the pattern '{}' is wrong: {}", text, reason.data()));
    }
    result.pattern_.reset(fresh.release());
    return result;
}

bool LinePattern::matches(const std::string& line) const {
    return ::regexec(pattern_.get(), line.c_str(), 0, nullptr, 0) == 0;
}

std::expected<std::vector<LineFilter>, std::string> line_filters(std::span<const CliWord> words) {
    std::vector<LineFilter> filters;
    const std::vector<CliChoice> choices = filter_choices();
    for (const auto& part : parts_of(words)) {
        if (part.empty()) {
            return std::unexpected("after |: allowed: " + help_text(choices));
        }
        const auto name = full_word(part.front(), choices);
        if (!name) {
            return std::unexpected(name.error());
        }
        if (!*name) {
            return std::unexpected(unknown_word(part.front(), choices));
        }
        if (part.size() == 1) {
            return std::unexpected(fmt::format("after | {}: allowed: a pattern", **name));
        }
        std::string text = part[1].text;
        for (std::size_t at = 2; at < part.size(); ++at) {
            text += " " + part[at].text;
        }
        auto pattern = LinePattern::compile(text);
        if (!pattern) {
            return std::unexpected(std::move(pattern.error()));
        }
        const auto* const known = std::ranges::find(filter_words, **name, &Word::word);
        filters.push_back({known->kind, *std::move(pattern)});
    }
    return filters;
}

bool FilteredOutput::write(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        rest_ += text.substr(0, end);
        if (end == text.npos) {
            return true;
        }
        text.remove_prefix(end + 1);
        if (!pass(std::exchange(rest_, {}))) {
            return false;
        }
    }
    return true;
}

bool FilteredOutput::pass(const std::string& line) {
    switch (filter_.kind) {
        case LineFilter::Kind::include:
            return !filter_.pattern.matches(line) || next_.write(line + "\n");
        case LineFilter::Kind::exclude:
            return filter_.pattern.matches(line) || next_.write(line + "\n");
        case LineFilter::Kind::begin:
            has_begun_ = has_begun_ || filter_.pattern.matches(line);
            return !has_begun_ || next_.write(line + "\n");
        case LineFilter::Kind::count:
            count_ += filter_.pattern.matches(line) ? 1 : 0;
            return true;
    }
    return true;
}

void FilteredOutput::finish() {
    if (!rest_.empty()) {
        pass(std::exchange(rest_, {}));
    }
    if (filter_.kind == LineFilter::Kind::count) {
        next_.write(fmt::format("{}\n", count_));
    }
}

}  // namespace trunkline::mgmt
