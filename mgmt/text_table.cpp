#include "mgmt/text_table.h"

#include <algorithm>
#include <numeric>

namespace trunkline::mgmt {

namespace {

constexpr std::size_t gap = 2;

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

std::string cut(const std::string& text, std::size_t width) {
    if (characters(text) <= width) {
        return text;
    }
    const std::size_t kept = width < 2 ? 0 : width - 2;
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
        if (!continues_character(text[end]) && seen++ == kept) {
            break;
        }
    }
    return text.substr(0, end) + "..";
}

void shrink(std::vector<std::size_t>& widths, const std::vector<Column>& columns,
            std::size_t width) {
    const std::size_t gaps = gap * (columns.size() - 1);
    std::size_t total = std::accumulate(widths.begin(), widths.end(), gaps);
    while (total > width) {
        std::size_t widest = columns.size();
        for (std::size_t at = 0; at < columns.size(); ++at) {
            const bool may_shrink = columns[at].narrowest > 0 && widths[at] > columns[at].narrowest;
            if (may_shrink && (widest == columns.size() || widths[at] > widths[widest])) {
                widest = at;
            }
        }
        if (widest == columns.size()) {
            return;
        }
        --widths[widest];
        --total;
    }
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result(text);
    std::replace_if(
        result.begin(), result.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return result;
}

std::string text_table(const std::vector<Column>& columns,
                       const std::vector<std::vector<Cell>>& rows, std::size_t width, bool colour) {
    std::vector<std::size_t> widths;
    for (const Column& column : columns) {
        widths.push_back(characters(column.title));
    }
    for (const auto& row : rows) {
        for (std::size_t at = 0; at < columns.size(); ++at) {
            widths[at] = std::max(widths[at], characters(row[at].text));
        }
    }
    shrink(widths, columns, width);

    std::string text;
    const auto add_line = [&](const std::vector<Cell>& cells) {
        std::string line;
        for (std::size_t at = 0; at < columns.size(); ++at) {
            const std::string shown = cut(printable(cells[at].text), widths[at]);
            const std::string padding(widths[at] - characters(shown), ' ');
            line += at == 0 ? "" : std::string(gap, ' ');
            line += columns[at].right ? padding : "";
            const bool coloured = colour && !cells[at].colour.empty();
            line += coloured ? std::string(cells[at].colour) + shown + std::string(plain) : shown;
            line += columns[at].right ? "" : padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    };
    std::vector<Cell> titles;
    for (const Column& column : columns) {
        titles.push_back({column.title, {}});
    }
    add_line(titles);
    for (const auto& row : rows) {
        add_line(row);
    }
    return text;
}

}  // namespace trunkline::mgmt
