// Reads YAML text into a tree that knows the place of every node. It knows nothing of what the
// text means. Wraps yaml-cpp's event parser; none of its exceptions leave this file.
#pragma once

#include "mgmt/config_fault.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct YamlNode;
/// Shared, because an alias (*name) is the node that its anchor (&name) marks.
using YamlNodePtr = std::shared_ptr<const YamlNode>;

struct YamlNode {
    enum class Kind { nothing, scalar, sequence, map };

    struct Entry {
        std::string key;
        int line = 0, column = 0;  ///< of the key
        YamlNodePtr value;
    };

    Kind kind = Kind::nothing;
    int line = 0, column = 0;  ///< from 1, column in bytes
    /// Of a scalar. A plain `null` is Kind::nothing with text "null"; a missing value has "".
    std::string text;
    std::vector<YamlNodePtr> items;  ///< of a sequence
    std::vector<Entry> entries;      ///< of a map, in the order of the file, each key once
    std::size_t nodes = 1;           ///< this one and all below, aliases counted in full

    /// The value of `key`; nullptr when there is none or this is no map.
    const YamlNode* find(std::string_view key) const;
};

/// Largest text that is read, in bytes.
inline constexpr std::size_t largest_yaml_text = 16U << 20;
/// Deepest nesting that is read.
inline constexpr std::size_t deepest_yaml = 24;
/// Most nodes that are read, aliases counted as often as they are used.
inline constexpr std::size_t most_yaml_nodes = 4'000'000;

/// Reads one document. Syntax errors, keys given twice, what is no text, and text beyond the limits
/// above are appended to `faults` with `origin` as their file; nullptr when there is no tree to
/// look at. An empty text is a node of Kind::nothing.
YamlNodePtr read_yaml(std::string_view text, const std::string& origin, ConfigFaults& faults);

}  // namespace trunkline::mgmt
