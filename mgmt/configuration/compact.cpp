#include "mgmt/configuration/compact.h"

#include <array>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

/// Names of other rows and of choices come back soon and again and again; what is met late is
/// mostly a row's own, which comes back within the row if at all.
constexpr std::size_t most_shared = 4096;
constexpr std::size_t most_recent = 64;

class Compactor {
public:
    ConfigNodePtr compact(const ConfigNodePtr& node) {
        switch (node->kind) {
            case ConfigNode::Kind::nothing:
                return node;
            case ConfigNode::Kind::scalar:
                return scalar(node->text);
            case ConfigNode::Kind::sequence: {
                std::vector<ConfigNodePtr> items;
                items.reserve(node->items.size());
                for (const ConfigNodePtr& item : node->items) {
                    items.push_back(compact(item));
                }
                return sequence_node(std::move(items));
            }
            case ConfigNode::Kind::map: {
                std::vector<ConfigNode::Entry> entries;
                entries.reserve(node->entries.size());
                for (const ConfigNode::Entry& entry : node->entries) {
                    entries.push_back({entry.key, 0, 0, compact(entry.value)});
                }
                return map_node(std::move(entries));
            }
        }
        return node;
    }

private:
    ConfigNodePtr scalar(const std::string& text) {
        const auto known = shared_.find(text);
        if (known != shared_.end()) {
            return known->second;
        }
        if (shared_.size() < most_shared) {
            return shared_.emplace(text, scalar_node(text)).first->second;
        }
        ConfigNodePtr& recent = recent_[std::hash<std::string>()(text) % most_recent];
        if (!recent || recent->text != text) {
            recent = scalar_node(text);
        }
        return recent;
    }

    std::unordered_map<std::string, ConfigNodePtr> shared_;
    std::array<ConfigNodePtr, most_recent> recent_;  ///< by their hashes
};

}  // namespace

ConfigNodePtr compact(const ConfigNodePtr& root) {
    return Compactor().compact(root);
}

}  // namespace trunkline::mgmt
