#include "mgmt/cli/configurator.h"

#include "mgmt/catalogue/value_reader.h"
#include "mgmt/cli/value_words.h"
#include "mgmt/configuration/value_parts.h"

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

struct GeneralCommand {
    std::string_view word;
    std::string_view help;
};

/// Commands of every configuration mode; those of rows and settings come first.
constexpr std::array<GeneralCommand, 6> general_commands = {{
    {"activate", "apply what was typed here"},
    {"abort", "leave this mode and forget what was not applied"},
    {"display", "show what is set here"},
    {"exit", "apply what was typed here and leave this mode"},
    {"no", "set a parameter to its default, or remove a row"},
    {"quit", "as exit"},
}};

/// Whether `word` is the whole name of a value, available or not.
bool names_value(const Parameter& parameter, const std::string& word) {
    std::string name = word;
    std::ranges::replace(name, '-', '_');
    return std::ranges::any_of(parameter.values, [&](EnumValue value) {
        std::ranges::replace(value.name, '-', '_');
        return value.name == name;
    });
}

/// What can be said against a value without the rest of the configuration and its files. Whether
/// this version has a value that the catalogue names is for the whole to be judged.
ConfigFaults faults_of(const CliParameter& known, const ConfigNode& value) {
    const Parameter& parameter = *known.parameter;
    const bool names_values =
        parameter.type == ValueType::enumeration &&
        (value.items.empty() ? parameter.value(value.text) != nullptr
                             : std::ranges::all_of(value.items, [&](const ConfigNodePtr& item) {
                                   return parameter.value(item->text) != nullptr;
                               }));
    if (parameter.type == ValueType::reference || parameter.type == ValueType::secret ||
        names_values || parameter.format == TextFormat::file) {
        return {};
    }
    FaultCollector faults("");
    read_value(parameter, value, known.word, RowKeys{}, "", faults);
    return std::move(faults).sorted();
}

}  // namespace

Configurator::Configurator(const Catalogue& catalogue, const ModeTree& modes)
    : catalogue_(catalogue) {
    frames_.push_back({&modes.root(), {}, {}, {}, false});
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
        return Frame{mode, frame.rows, {}, {}, false};
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
    Frame inner{mode, frame.rows, {}, {}, true};
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
    frame.typed.clear();
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
    for (std::size_t at = 0; at < words.size(); ++at) {
        const auto allowed = choices(words.first(at));
        const bool fits = std::ranges::any_of(allowed, [&](const CliChoice& choice) {
            return choice.word == words[at].text || (choice.is_value && number_of(words[at].text));
        });
        if (!fits) {
            return unknown_word(words[at], allowed);
        }
    }
    std::vector<std::string> next;
    std::ranges::transform(choices(words), std::back_inserter(next), &CliChoice::word);
    if (next.empty()) {  // 'no' of a mode of settings
        return fmt::format("'{}' is a mode of settings; allowed: 'no' of each parameter in it",
                           fmt::join(texts_of(words), " "));
    }
    return fmt::format("the line is not complete; allowed: {}", fmt::join(next, ", "));
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
    if (auto refused = second_word(*known, words.subspan(1))) {
        return std::unexpected(*std::move(refused));
    }
    const bool is_whole = known->part == 0 &&
                          (words.size() > 2 ||
                           (words.size() == 2 && is_whole_value(*known->parameter, words[1].text)));
    if (known->is_part() && !is_whole) {
        return set_part(*known, words.subspan(1));
    }
    auto value = from_cli(*known->parameter, words.subspan(1));
    if (!value) {
        return std::unexpected(fmt::format("{}: allowed: {}", known->word, value.error()));
    }
    if (auto faults = faults_of(*known, **value); !faults.empty()) {
        return std::unexpected(faults.front().to_string());
    }
    ConfigEdit& edit = pending_for(*known->table);
    std::erase(edit.left_out, known->parameter->name);
    forget(edit, *known->parameter);
    edit.set.push_back({known->parameter->name, 0, 0, *std::move(value)});
    return CliStep{};
}

void Configurator::forget(ConfigEdit& edit, const Parameter& parameter) {
    std::erase_if(edit.set, [&](const auto& entry) { return entry.key == parameter.name; });
    std::erase_if(edit.parts, [&](const auto& part) { return part.parameter == parameter.name; });
}

/// Where the appliance family has several words for what is one here, two of them must agree.
std::optional<std::string> Configurator::second_word(const CliParameter& known,
                                                     std::span<const CliWord> value) {
    if (value.size() != 1 || known.is_part()) {
        return std::nullopt;
    }
    auto& typed = frames_.back().typed;
    const auto [first, is_new] =
        typed.try_emplace(known.parameter, std::pair(known.word, value[0].text));
    const auto& [word, text] = first->second;
    if (!is_new && word != known.word && text != value[0].text) {
        return fmt::format("{}: found {}; allowed: {}, as {} says: there is one for all of them",
                           known.word, in_quotes(value[0].text), in_quotes(text), word);
    }
    first->second = {known.word, value[0].text};
    return std::nullopt;
}

/// A number where the part is one; the rest is judged with the whole value.
std::expected<CliStep, std::string> Configurator::set_part(const CliParameter& known,
                                                           std::span<const CliWord> value) {
    const bool is_number = known.parameter->type == ValueType::range ||
                           (known.parameter->type == ValueType::prefix && known.part > 0);
    if (value.size() != 1 || (is_number && !number_of(value[0].text))) {
        return std::unexpected(fmt::format(
            "{}: found {}; allowed: {}", known.word,
            value.size() == 1 ? in_quotes(value[0].text) : fmt::format("{} values", value.size()),
            is_number ? "a number" : "one value"));
    }
    put_part(known, scalar_node(value[0].text));
    return CliStep{};
}

void Configurator::put_part(const CliParameter& known, const ConfigNodePtr& value) {
    const std::string& name = known.parameter->name;
    ConfigEdit& edit = pending_for(*known.table);
    std::erase_if(edit.parts, [&](const ConfigPart& part) {
        return part.parameter == name && part.part == known.part;
    });
    edit.parts.push_back({name, known.part, value});
}

std::expected<CliStep, std::string> Configurator::unset(std::span<const CliWord> words) {
    if (auto frame = entered(words); frame && frame->mode->list != nullptr) {
        return CliStep{{ConfigEdit{frame->mode->list->path, frame->rows, {}, {}, true}}, false};
    }
    const CliParameter* known = frames_.back().mode->parameter(words.front().text);
    if (known == nullptr || words.size() > 1) {
        return std::unexpected(unknown(words));
    }
    frames_.back().typed.erase(known->parameter);
    if (known->is_part() && known->parameter->list) {
        put_part(*known, nullptr);
        return CliStep{};
    }
    ConfigEdit& edit = pending_for(*known->table);
    forget(edit, *known->parameter);
    edit.left_out.push_back(known->parameter->name);
    return CliStep{};
}

/// Of a mode of settings: what its tables are about; of a mode of modes, what those are called.
std::string Configurator::help_of(const CliMode& mode) {
    std::vector<std::string> pages;
    for (const CliParameter& parameter : mode.parameters) {
        if (std::ranges::find(pages, parameter.table->page) == pages.end()) {
            pages.push_back(parameter.table->page);
        }
    }
    if (pages.empty()) {
        for (const auto& inner : mode.modes) {
            pages.push_back(fmt::format("{}", fmt::join(inner->words, " ")));
        }
    }
    return fmt::format("{}", fmt::join(pages, ", "));
}

/// Of a word that begins the names of several modes: how these go on.
std::string Configurator::help_of_group(std::span<const CliWord> words, const CliMode& one) const {
    std::vector<std::string> nexts;
    const std::size_t at = words.size();
    for (const auto& inner : frames_.back().mode->modes) {
        if (inner->words.size() > at + 1 &&
            std::ranges::equal(std::span(inner->words).first(at + 1),
                               std::span(one.words).first(at + 1)) &&
            std::ranges::find(nexts, inner->words[at + 1]) == nexts.end()) {
            nexts.push_back(inner->words[at + 1]);
        }
    }
    return fmt::format("{}", fmt::join(nexts, ", "));
}

void Configurator::add_modes(std::span<const CliWord> words, bool rows_alone,
                             std::vector<CliChoice>& to) const {
    for (const auto& inner : frames_.back().mode->modes) {
        const std::size_t at = words.size();
        if (rows_alone && inner->list == nullptr) {
            continue;
        }
        const std::size_t common = std::min(at, inner->words.size());
        if (!std::ranges::equal(words.first(common), std::span(inner->words).first(common), {},
                                &CliWord::text)) {
            continue;
        }
        const std::string help = inner->list == nullptr ? help_of(*inner) : inner->list->help;
        if (at < inner->words.size()) {
            const bool is_last = at + 1 == inner->words.size();
            if (std::ranges::find(to, inner->words[at], &CliChoice::word) == to.end()) {
                to.push_back(
                    {inner->words[at], is_last ? help : help_of_group(words, *inner), false});
            }
        } else if (at == inner->words.size() && inner->list != nullptr) {
            to.push_back(
                {"<index>", fmt::format("0..{}: {}", inner->list->most_rows - 1, help), true});
        }
    }
}

const CliParameter* Configurator::value_wanted(std::span<const CliWord> words) const {
    const CliParameter* known =
        words.empty() ? nullptr : frames_.back().mode->parameter(words.front().text);
    return known != nullptr && (words.size() == 1 || known->parameter->list) ? known : nullptr;
}

std::vector<CliChoice> Configurator::choices(std::span<const CliWord> words) const {
    std::vector<CliChoice> found;
    const auto add_parameters = [&] {
        for (const CliParameter& parameter : parameters()) {
            found.push_back({parameter.word, parameter.parameter->help, false});
        }
    };
    if (words.empty()) {
        add_parameters();
        add_modes(words, false, found);
        if (!is_outside()) {
            for (const GeneralCommand& command : general_commands) {
                found.push_back({std::string(command.word), std::string(command.help), false});
            }
        }
        return found;
    }
    if (const CliParameter* known = value_wanted(words)) {
        for (std::string& value : cli_choices(*known->parameter)) {
            found.push_back({std::move(value), "", false});
        }
        if (found.empty()) {
            found.push_back({"<value>", known->parameter->allowed(), true});
        }
        return found;
    }
    if (words.front().text != "no" || is_outside()) {
        add_modes(words, false, found);
        return found;
    }
    if (words.size() == 1) {
        add_parameters();
    }
    add_modes(words.subspan(1), true, found);
    return found;
}

std::expected<std::vector<CliWord>, std::string> Configurator::in_full(
    std::vector<CliWord> words) const {
    for (std::size_t at = 0; at < words.size(); ++at) {
        const auto before = std::span(words).first(at);
        const CliParameter* known =
            at == 0 ? nullptr : frames_.back().mode->parameter(words.front().text);
        if (known != nullptr && names_value(*known->parameter, words[at].text)) {
            continue;  // this version may not act on it, and says so
        }
        auto full = full_word(words[at], choices(before));
        if (!full) {
            return std::unexpected(std::move(full.error()));
        }
        if (*full) {
            words[at].text = **std::move(full);
        }
    }
    return words;
}

}  // namespace trunkline::mgmt
