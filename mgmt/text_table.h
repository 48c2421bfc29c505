// Rows of text in aligned columns for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct Column {
    std::string title;
    bool right = false;         ///< numbers
    std::size_t narrowest = 0;  ///< 0: its cells are never cut
};

struct Cell {
    std::string text;
    std::string_view colour;  ///< an escape sequence, or empty
};

/// The table with a line of titles. Where it is wider than `width` characters, the widest columns
/// that may be cut are, and what was cut ends in "..". Control characters become '?': texts of
/// peers stand in cells.
std::string text_table(const std::vector<Column>& columns,
                       const std::vector<std::vector<Cell>>& rows, std::size_t width, bool colour);

/// `text` with '?' for control characters.
std::string printable(std::string_view text);

inline constexpr std::string_view green = "\x1b[32m";
inline constexpr std::string_view red = "\x1b[31m";
inline constexpr std::string_view yellow = "\x1b[33m";
inline constexpr std::string_view plain = "\x1b[0m";

}  // namespace trunkline::mgmt
