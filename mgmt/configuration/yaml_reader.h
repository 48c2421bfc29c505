// Reads YAML text into a tree that knows the place of every node. It knows nothing of what the
// text means. Wraps yaml-cpp's event parser; none of its exceptions leave this file.
#pragma once

#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// Largest text that is read, in bytes.
inline constexpr std::size_t largest_yaml_text = 16U << 20;
/// Deepest nesting that is read.
inline constexpr std::size_t deepest_yaml = 24;
/// Most nodes that are read, aliases counted as often as they are used.
inline constexpr std::size_t most_yaml_nodes = 4'000'000;

/// Reads one document. Syntax errors, keys given twice, what is no text, and text beyond the limits
/// above are appended to `faults` with `origin` as their file; nullptr when there is no tree to
/// look at. An empty text is a node of Kind::nothing.
ConfigNodePtr read_yaml(std::string_view text, const std::string& origin, ConfigFaults& faults);

}  // namespace trunkline::mgmt
