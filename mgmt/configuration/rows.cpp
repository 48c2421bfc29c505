#include "mgmt/configuration/rows.h"

#include <algorithm>
#include <charconv>

namespace trunkline::mgmt {

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

}  // namespace trunkline::mgmt
