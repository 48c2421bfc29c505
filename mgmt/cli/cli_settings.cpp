#include "mgmt/cli/cli_settings.h"

#include <fmt/format.h>

#include <charconv>

namespace trunkline::mgmt {

namespace {

constexpr const char* height_word = "window-height";
constexpr std::size_t highest_window = 65535;

}  // namespace

std::vector<CliChoice> CliSettings::choices(std::span<const CliWord> words) const {
    if (words.empty()) {
        return {{height_word, "lines of a page", false},
                {"no", "go back to the default", false},
                {"display", "show what is set", false},
                {"activate", "settings of a session act at once", false},
                {"exit", "leave this mode", false},
                {"abort", "leave this mode", false},
                {"quit", "leave this mode", false}};
    }
    if (words.size() == 1 && words[0].text == "no") {
        return {{height_word, "as high as the terminal is", false}};
    }
    if (words.size() == 1 && words[0].text == height_word) {
        return {{"automatic", "as high as the terminal is", false},
                {"0", "no pages", false},
                {"<lines>", "0.." + std::to_string(highest_window), true}};
    }
    return {};
}

std::expected<std::string, std::string> CliSettings::set_window_height(const CliWord& given) {
    if (const auto full = full_word(given, choices(std::vector<CliWord>{{height_word, false, 1}}));
        full && *full == "automatic") {
        window_height_.reset();
        return "";
    }
    std::size_t lines = 0;
    const char* const end = given.text.data() + given.text.size();
    const auto [stop, error] = std::from_chars(given.text.data(), end, lines);
    if (error != std::errc{} || stop != end || lines > highest_window) {
        return std::unexpected(fmt::format("column {}: {}: allowed: automatic, 0..{}", given.column,
                                           height_word, highest_window));
    }
    window_height_ = lines;
    return "";
}

std::expected<std::string, std::string> CliSettings::line(std::span<const CliWord> words) {
    if (words.front().text == "set" && words.size() > 1) {
        words = words.subspan(1);  // of older versions
    }
    const auto first = full_word(words.front(), choices({}));
    if (!first) {
        return std::unexpected(first.error());
    }
    const std::string name = first->value_or("");
    if (name == height_word && words.size() == 2) {
        return set_window_height(words[1]);
    }
    const bool is_alone = words.size() == 1;
    if (name == "no" && words.size() == 2) {
        const auto what = full_word(words[1], choices(std::vector<CliWord>{{"no", false, 1}}));
        if (what && *what == height_word) {
            window_height_.reset();
            return "";
        }
    }
    if (name == "display" && is_alone) {
        return window_height_ ? fmt::format("{} {}\n", height_word, *window_height_)
                              : fmt::format("{} automatic\n", height_word);
    }
    if ((name == "exit" || name == "quit" || name == "abort") && is_alone) {
        close();
        return "";
    }
    if (name == "activate" && is_alone) {
        return "";
    }
    return std::unexpected(unknown_word(words.front(), choices({})));
}

}  // namespace trunkline::mgmt
