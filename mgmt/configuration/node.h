// A configuration as a tree of texts, whatever it was read from: YAML, ini, the command line, JSON.
// Nothing here knows what a text means; the catalogue does. A tree is never changed: an edit makes
// a new one that shares whatever it left alone, so that two of them are compared quickly and an old
// one stays good for as long as somebody holds it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trunkline::mgmt {

struct ConfigNode;
/// Shared between trees, and within one where an alias of YAML (*name) is the node that its anchor
/// (&name) marks.
using ConfigNodePtr = std::shared_ptr<const ConfigNode>;

struct ConfigNode {
    enum class Kind { nothing, scalar, sequence, map };

    struct Entry {
        std::string key;
        int line = 0, column = 0;  ///< of the key
        ConfigNodePtr value;
    };

    Kind kind = Kind::nothing;
    int line = 0, column = 0;  ///< in what it was read from; from 1, column in bytes; 0 = nowhere
    /// Of a scalar. A plain `null` is Kind::nothing with text "null"; a missing value has "".
    std::string text;
    std::vector<ConfigNodePtr> items;  ///< of a sequence
    std::vector<Entry> entries;        ///< of a map, in the order given, each key once
    std::size_t nodes = 1;             ///< this one and all below, aliases counted in full

    /// The value of `key`; nullptr when there is none or this is no map.
    const ConfigNode* find(std::string_view key) const;
    /// The same, to be shared.
    ConfigNodePtr find_shared(std::string_view key) const;
};

/// Whether two trees say the same, wherever they were read and in whatever order their keys stand.
bool same_content(const ConfigNode& left, const ConfigNode& right);

ConfigNodePtr scalar_node(std::string text, int line = 0, int column = 0);
ConfigNodePtr sequence_node(std::vector<ConfigNodePtr> items, int line = 0, int column = 0);
ConfigNodePtr map_node(std::vector<ConfigNode::Entry> entries, int line = 0, int column = 0);

/// A key of a map, or the position of a row in a list.
using ConfigStep = std::variant<std::string, std::size_t>;
using ConfigPath = std::vector<ConfigStep>;

/// "signaling_and_media.accounts[2].register".
std::string to_text(std::span<const ConfigStep> path);
/// What to_text() wrote; a part that is no position is a key.
ConfigPath config_path(std::string_view text);

/// nullptr where the tree has nothing at `path`.
ConfigNodePtr node_at(const ConfigNodePtr& root, std::span<const ConfigStep> path);
/// `root` with `value` at `path`. Maps on the way are made where they are missing; a position one
/// past the end of a list (or of none) appends. What stands in the way is replaced.
ConfigNodePtr with_node(const ConfigNodePtr& root, std::span<const ConfigStep> path,
                        ConfigNodePtr value);
/// `root` without what stands at `path`; maps and lists that become empty go as well.
ConfigNodePtr without_node(const ConfigNodePtr& root, std::span<const ConfigStep> path);

}  // namespace trunkline::mgmt
