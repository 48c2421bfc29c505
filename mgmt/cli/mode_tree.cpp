#include "mgmt/cli/mode_tree.h"

#include "mgmt/catalogue/command_words.h"

#include <algorithm>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// "proxy-ip <j>" without its place for a number.
std::vector<std::string> words_of(const std::string& segment) {
    std::vector<std::string> words = split_words(segment, " ");
    if (words.back().starts_with('<')) {
        words.pop_back();
    }
    return words;
}

/// The last word, but where the appliance family has another.
std::string prompt_of(const std::vector<std::string>& words) {
    if (words.front() == "configure") {
        return "config-" + words.back();
    }
    return words.back() == "proxy-and-registration" ? "sip-def-proxy-and-reg" : words.back();
}

CliMode& mode_within(CliMode& mode, const std::string& segment) {
    std::vector<std::string> words = words_of(segment);
    const auto known = std::ranges::find_if(
        mode.modes, [&](const auto& candidate) { return candidate->words == words; });
    if (known != mode.modes.end()) {
        return **known;
    }
    auto fresh = std::make_unique<CliMode>();
    fresh->prompt = prompt_of(words);
    fresh->words = std::move(words);
    return *mode.modes.emplace_back(std::move(fresh));
}

/// The mode at the end of "configure voip > proxy-set <i>".
CliMode& mode_at(CliMode& root, std::span<const std::string> segments) {
    CliMode* mode = &root;
    for (const std::string& segment : segments) {
        mode = &mode_within(*mode, segment);
    }
    return *mode;
}

}  // namespace

const CliParameter* CliMode::parameter(std::string_view word) const {
    const auto found = std::ranges::find(parameters, word, &CliParameter::word);
    return found == parameters.end() ? nullptr : &*found;
}

const CliMode* CliMode::mode(std::vector<std::string> given) const {
    const auto found = std::ranges::find_if(
        modes, [&](const auto& candidate) { return candidate->words == given; });
    return found == modes.end() ? nullptr : found->get();
}

ModeTree::ModeTree(const Catalogue& catalogue) {
    constexpr std::string_view level = " > ";
    for (const Table& table : catalogue.tables()) {
        if (table.is_list) {
            mode_at(root_, split_words(table.cli, level)).list = &table;
        }
        for (const Parameter& parameter : table.parameters) {
            const CommandWords words = command_words(parameter);
            auto& parameters = mode_at(root_, split_words(words.mode, level)).parameters;
            for (std::size_t part = 0; part < words.parts.size(); ++part) {
                parameters.push_back(
                    {words.parts[part], &table, &parameter, part, words.parts.size(), false});
            }
            for (const std::string& word : words.also) {
                parameters.push_back({word, &table, &parameter, 0, 1, true});
            }
        }
    }
}

}  // namespace trunkline::mgmt
