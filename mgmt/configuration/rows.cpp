#include "mgmt/configuration/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// `row` with its number at its head where a gap comes before it, and without one elsewhere.
ConfigNodePtr numbered(const ConfigNodePtr& row, std::size_t number, bool after_gap) {
    const bool has_number = row->find(row_key) != nullptr;
    if (!after_gap && !has_number) {
        return row;
    }
    std::vector<ConfigNode::Entry> entries;
    if (after_gap) {
        entries.push_back({std::string(row_key), row->line, row->column,
                           scalar_node(fmt::format("{}", number), row->line, row->column)});
    }
    std::ranges::copy_if(row->entries, std::back_inserter(entries),
                         [](const auto& entry) { return entry.key != row_key; });
    return map_node(std::move(entries), row->line, row->column);
}

}  // namespace

std::optional<std::size_t> row_number(const ConfigNode& row) {
    const ConfigNode* given = row.find(row_key);
    if (given == nullptr || given->kind != ConfigNode::Kind::scalar) {
        return std::nullopt;
    }
    const std::string& text = given->text;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

std::vector<std::size_t> row_numbers(const ConfigNode& list) {
    std::vector<std::size_t> numbers;
    numbers.reserve(list.items.size());
    std::size_t next = 0;
    for (const ConfigNodePtr& item : list.items) {
        numbers.push_back(row_number(*item).value_or(next));
        next = numbers.back() + 1;
    }
    return numbers;
}

std::optional<std::size_t> position_of_row(const ConfigNode& list, std::size_t number) {
    const std::vector<std::size_t> numbers = row_numbers(list);
    const auto found = std::ranges::find(numbers, number);
    if (found == numbers.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - numbers.begin());
}

NumberedRows numbered_rows(const ConfigNodePtr& list) {
    NumberedRows rows;
    if (list) {
        const auto numbers = row_numbers(*list);
        for (std::size_t at = 0; at < numbers.size(); ++at) {
            rows.insert_or_assign(rows.end(), numbers[at], list->items[at]);
        }
    }
    return rows;
}

ConfigNodePtr list_of(const NumberedRows& rows, const ConfigNodePtr& before) {
    std::vector<ConfigNodePtr> items;
    items.reserve(rows.size());
    std::size_t next = 0;
    for (const auto& [number, row] : rows) {
        items.push_back(numbered(row, number, number != next));
        next = number + 1;
    }
    return sequence_node(std::move(items), before ? before->line : 0, before ? before->column : 0);
}

ConfigNodePtr with_row(const ConfigNodePtr& list, std::size_t number, const ConfigNodePtr& row) {
    NumberedRows rows = numbered_rows(list);
    rows[number] = row;
    return list_of(rows, list);
}

ConfigNodePtr without_row(const ConfigNodePtr& list, std::size_t number) {
    NumberedRows rows = numbered_rows(list);
    rows.erase(number);
    return list_of(rows, list);
}

}  // namespace trunkline::mgmt
