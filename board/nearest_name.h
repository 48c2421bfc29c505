// Finds the name that a person meant who mistyped it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trunkline::board {

/// The one of `names` that `typo` is closest to, by edits (insert, delete, replace, swap of two
/// neighbours; case, '-' and '_' count nothing). nullopt when none is close: more than a
/// third of the longer word would have to change. The first wins a tie.
std::optional<std::string> nearest_name(std::string_view typo, std::span<const std::string> names);

/// "a, b, c": the names that are allowed, for a message.
std::string join_names(std::span<const std::string> names);

}  // namespace trunkline::board
