#include "mgmt/cli/configurator.h"

#include "mgmt/cli/value_words.h"
#include "mgmt/configuration/fault_collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::optional<std::size_t> number_of(const std::string& text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::vector<std::string> texts_of(std::span<const CliWord> words) {
    std::vector<std::string> texts;
    std::ranges::transform(words, std::back_inserter(texts), &CliWord::text);
    return texts;
}

/// Commands of every configuration mode; those of rows and settings come first.
constexpr std::array<std::string_view, 6> general_commands = {"activate", "abort", "display",
                                                              "exit",     "no",    "quit"};

}  // namespace

Configurator::Configurator(const Catalogue& catalogue, const ModeTree& modes)
    : catalogue_(catalogue) {
    frames_.push_back({&modes.root(), {}, {}, false});
}

std::string Configurator::prompt() const {
    const Frame& frame = frames_.back();
    std::string text = frame.mode->prompt;
    if (frame.mode->list != nullptr) {
        const char* between = "-";
        for (const std::size_t row : frame.rows) {
            text += fmt::format("{}{}", between, row);
            between = "/";
        }
    }
    return text;
}

void Configurator::leave() {
    frames_.resize(1);
}

std::optional<Configurator::Frame> Configurator::entered(std::span<const CliWord> words) const {
    const Frame& frame = frames_.back();
    std::vector<std::string> texts = texts_of(words);
    if (const CliMode* mode = frame.mode->mode(texts); mode != nullptr && mode->list == nullptr) {
        return Frame{mode, frame.rows, {}, false};
    }
    const auto row = texts.empty() ? std::nullopt : number_of(texts.back());
    if (!row) {
        return std::nullopt;
    }
    texts.pop_back();
    const CliMode* mode = frame.mode->mode(std::move(texts));
    if (mode == nullptr || mode->list == nullptr) {
        return std::nullopt;
    }
    Frame inner{mode, frame.rows, {}, true};
    inner.rows.push_back(*row);
    return inner;
}

std::optional<ConfigEdit> Configurator::here() const {
    const Frame& frame = frames_.back();
    if (frame.mode->list != nullptr) {
        return ConfigEdit{frame.mode->list->path, frame.rows, {}, {}, false};
    }
    if (!frame.mode->parameters.empty()) {
        return ConfigEdit{frame.mode->parameters.front().table->path, frame.rows, {}, {}, false};
    }
    return std::nullopt;
}

ConfigEdit& Configurator::pending_for(const Table& table) {
    Frame& frame = frames_.back();
    const auto known = std::ranges::find(frame.pending, table.path, &ConfigEdit::table);
    if (known != frame.pending.end()) {
        return *known;
    }
    return frame.pending.emplace_back(ConfigEdit{table.path, frame.rows, {}, {}, false});
}

std::vector<ConfigEdit> Configurator::take_pending() {
    Frame& frame = frames_.back();
    std::vector<ConfigEdit> edits = std::exchange(frame.pending, {});
    const bool is_named =
        frame.mode->list == nullptr || !frame.is_fresh ||
        std::ranges::find(edits, frame.mode->list->path, &ConfigEdit::table) != edits.end();
    if (!is_named) {
        edits.insert(edits.begin(), *here());  // the row itself, with its defaults
    }
    frame.is_fresh = false;
    return edits;
}

std::string Configurator::unknown(std::span<const CliWord> words) const {
    const std::vector<std::string> allowed = choices({});
    FaultCollector nearest("");
    const std::string advice = nearest.nearest(words.front().text, allowed);
    return fmt::format("column {}: found {}; allowed: {}{}", words.front().column,
                       in_quotes(words.front().text), list_names(allowed),
                       advice.empty() ? "" : "; " + advice);
}

std::expected<CliStep, std::string> Configurator::line(std::span<const CliWord> words) {
    const std::string& first = words.front().text;
    if (!is_outside() && words.size() == 1) {
        if (first == "exit" || first == "quit") {
            CliStep step{take_pending(), false};
            frames_.pop_back();
            return step;
        }
        if (first == "activate") {
            return CliStep{take_pending(), false};
        }
        if (first == "abort") {
            frames_.pop_back();
            return CliStep{};
        }
        if (first == "display") {
            return CliStep{{}, true};
        }
    }
    if (auto frame = entered(words)) {
        CliStep step{take_pending(), false};
        frames_.push_back(std::move(*frame));
        return step;
    }
    if (!is_outside() && first == "no" && words.size() > 1) {
        return unset(words.subspan(1));
    }
    return set(words);
}

std::expected<CliStep, std::string> Configurator::set(std::span<const CliWord> words) {
    const CliParameter* known = frames_.back().mode->parameter(words.front().text);
    if (known == nullptr) {
        return std::unexpected(unknown(words));
    }
    auto value = from_cli(*known->parameter, words.subspan(1));
    if (!value) {
        return std::unexpected(fmt::format("{}: allowed: {}", known->word, value.error()));
    }
    ConfigEdit& edit = pending_for(*known->table);
    std::erase(edit.left_out, known->parameter->name);
    std::erase_if(edit.set, [&](const auto& entry) { return entry.key == known->parameter->name; });
    edit.set.push_back({known->parameter->name, 0, 0, *std::move(value)});
    return CliStep{};
}

std::expected<CliStep, std::string> Configurator::unset(std::span<const CliWord> words) {
    if (auto frame = entered(words); frame && frame->mode->list != nullptr) {
        return CliStep{{ConfigEdit{frame->mode->list->path, frame->rows, {}, {}, true}}, false};
    }
    const CliParameter* known = frames_.back().mode->parameter(words.front().text);
    if (known == nullptr || words.size() > 1) {
        return std::unexpected(unknown(words));
    }
    ConfigEdit& edit = pending_for(*known->table);
    std::erase_if(edit.set, [&](const auto& entry) { return entry.key == known->parameter->name; });
    edit.left_out.push_back(known->parameter->name);
    return CliStep{};
}

std::vector<std::string> Configurator::choices(std::span<const CliWord> words) const {
    const CliMode& mode = *frames_.back().mode;
    std::vector<std::string> names;
    if (words.size() == 1) {
        if (const CliParameter* known = mode.parameter(words.front().text)) {
            return cli_choices(*known->parameter);
        }
    }
    if (words.empty()) {
        for (const CliParameter& parameter : mode.parameters) {
            names.push_back(parameter.word);
        }
        if (!is_outside()) {
            names.insert(names.end(), general_commands.begin(), general_commands.end());
        }
    }
    for (const auto& inner : mode.modes) {
        const std::size_t at = words.size();
        const bool fits =
            at < inner->words.size() &&
            std::ranges::equal(words, std::span(inner->words).first(at), {}, &CliWord::text);
        if (fits && std::ranges::find(names, inner->words[at]) == names.end()) {
            names.push_back(inner->words[at]);
        }
    }
    return names;
}

}  // namespace trunkline::mgmt
