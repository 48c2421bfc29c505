#include "mgmt/configuration/value_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

class Mapper {
public:
    Mapper(const Catalogue& catalogue, ParameterFilter filter, const ValueChange& change)
        : catalogue_(catalogue), filter_(filter), change_(change) {
        for (const Table& table : catalogue.tables()) {
            if (std::ranges::any_of(table.parameters, filter)) {
                for (std::string_view path = table.path;;) {
                    concerned_.emplace(path);
                    const std::size_t dot = path.rfind('.');
                    if (dot == path.npos) {
                        break;
                    }
                    path = path.substr(0, dot);
                }
            }
        }
    }

    ConfigNodePtr map(const std::string& catalogue_path, const std::string& path,
                      const ConfigNodePtr& node) const {
        if (node->kind != ConfigNode::Kind::map) {
            return node;
        }
        const Table* table = catalogue_.table(catalogue_path);
        std::optional<std::vector<ConfigNode::Entry>> changed;
        for (std::size_t at = 0; at < node->entries.size(); ++at) {
            const ConfigNode::Entry& entry = node->entries[at];
            ConfigNodePtr value = entry_value(table, catalogue_path, path, entry);
            if (value == entry.value) {
                continue;
            }
            if (!changed) {
                changed = node->entries;
            }
            (*changed)[at].value = std::move(value);
        }
        return changed ? map_node(*std::move(changed), node->line, node->column) : node;
    }

private:
    static std::string join(const std::string& path, const std::string& key) {
        return path.empty() ? key : path + "." + key;
    }

    ConfigNodePtr entry_value(const Table* table, const std::string& catalogue_path,
                              const std::string& path, const ConfigNode::Entry& entry) const {
        const Parameter* parameter = table == nullptr ? nullptr : table->parameter(entry.key);
        if (parameter != nullptr) {
            return filter_(*parameter) ? change_(entry.value, join(path, entry.key)) : entry.value;
        }
        const std::string inner = join(catalogue_path, entry.key);
        if (!concerned_.contains(inner)) {
            return entry.value;
        }
        return entry.value->kind == ConfigNode::Kind::sequence
                   ? rows(inner, join(path, entry.key), entry.value)
                   : map(inner, join(path, entry.key), entry.value);
    }

    ConfigNodePtr rows(const std::string& catalogue_path, const std::string& path,
                       const ConfigNodePtr& list) const {
        std::optional<std::vector<ConfigNodePtr>> changed;
        for (std::size_t at = 0; at < list->items.size(); ++at) {
            ConfigNodePtr row =
                map(catalogue_path, fmt::format("{}[{}]", path, at), list->items[at]);
            if (row == list->items[at]) {
                continue;
            }
            if (!changed) {
                changed = list->items;
            }
            (*changed)[at] = std::move(row);
        }
        return changed ? sequence_node(*std::move(changed), list->line, list->column) : list;
    }

    const Catalogue& catalogue_;
    const ParameterFilter filter_;
    const ValueChange& change_;
    /// Paths of the catalogue with such a parameter in or below them.
    std::set<std::string, std::less<>> concerned_;
};

}  // namespace

ConfigNodePtr with_changed_values(const ConfigNodePtr& root, const Catalogue& catalogue,
                                  ParameterFilter filter, const ValueChange& change) {
    return root ? Mapper(catalogue, filter, change).map("", "", root) : root;
}

bool is_secret(const Parameter& parameter) {
    return parameter.type == ValueType::secret;
}

}  // namespace trunkline::mgmt
