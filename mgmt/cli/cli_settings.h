// `configure system` > `cli-settings`: what a session sets for itself and nobody else. Tools turn
// the pager off there before they ask anything.
#pragma once

#include "mgmt/cli/choice.h"
#include "mgmt/cli/words.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::mgmt {

class CliSettings {
public:
    static constexpr const char* word = "cli-settings";
    static constexpr const char* older_word = "cli-terminal";

    bool is_open() const { return is_open_; }
    void open() { is_open_ = true; }
    void close() { is_open_ = false; }

    /// A line of the mode; what it shows, if anything. The error says what is allowed.
    std::expected<std::string, std::string> line(std::span<const CliWord> words);
    std::vector<CliChoice> choices(std::span<const CliWord> words) const;

    /// Lines of a page; 0: no pages; nullopt: as high as the terminal is.
    std::optional<std::size_t> window_height() const { return window_height_; }

private:
    std::expected<std::string, std::string> set_window_height(const CliWord& given);

    bool is_open_ = false;
    std::optional<std::size_t> window_height_;
};

}  // namespace trunkline::mgmt
