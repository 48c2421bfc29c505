// The numbers of rows. The appliance numbers the rows of its tables, and numbers stay when a row
// between them goes: `row: 5` at the head of a row of YAML says that a gap comes before it. Without
// it a row has the number after that of the row before.
#pragma once

#include "mgmt/configuration/node.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

inline constexpr std::string_view row_key = "row";

/// What stands at row_key; nullopt: nothing, or no number.
std::optional<std::size_t> row_number(const ConfigNode& row);
/// Of all rows of a list. Ascending in a right configuration.
std::vector<std::size_t> row_numbers(const ConfigNode& list);
/// The position in `list` of the row with this number; nullopt: there is none.
std::optional<std::size_t> position_of_row(const ConfigNode& list, std::size_t number);

using NumberedRows = std::map<std::size_t, ConfigNodePtr>;
/// The rows of `list` (nullptr: none).
NumberedRows numbered_rows(const ConfigNodePtr& list);
/// A list of them, at the place of `before` (nullptr: none) in what that was read from.
ConfigNodePtr list_of(const NumberedRows& rows, const ConfigNodePtr& before);

/// `list` (nullptr: an empty one) with `row` in the place of its number; the others keep theirs.
ConfigNodePtr with_row(const ConfigNodePtr& list, std::size_t number, const ConfigNodePtr& row);
/// `list` without the row of that number; the others keep theirs.
ConfigNodePtr without_row(const ConfigNodePtr& list, std::size_t number);

}  // namespace trunkline::mgmt
