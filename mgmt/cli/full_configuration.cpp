#include "mgmt/cli/full_configuration.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

class Filler {
public:
    explicit Filler(const Catalogue& catalogue) : catalogue_(catalogue) {}

    ConfigNodePtr filled(const ConfigNodePtr& node, const std::string& path) const {
        const Table* const table = catalogue_.table(path);
        if (table == nullptr || !table->is_list) {
            return filled_map(node ? node : map_node({}), path, table);
        }
        if (!node || node->kind != ConfigNode::Kind::sequence) {
            return node;
        }
        std::vector<ConfigNodePtr> rows;
        for (const ConfigNodePtr& row : node->items) {
            rows.push_back(filled_map(row, path, table));
        }
        return sequence_node(std::move(rows));
    }

private:
    ConfigNodePtr filled_map(ConfigNodePtr node, const std::string& path,
                             const Table* table) const {
        for (const Parameter& parameter :
             table == nullptr ? std::span<const Parameter>{} : std::span(table->parameters)) {
            if (has_meaning(*node, *table, parameter)) {
                node = with_node(node, ConfigPath{parameter.name}, parameter.default_value);
            }
        }
        for (const std::string& child : catalogue_.children(path)) {
            const std::string below = path.empty() ? child : path + "." + child;
            const ConfigNodePtr value = filled(node->find_shared(child), below);
            if (value && (!value->entries.empty() || !value->items.empty())) {
                node = with_node(node, ConfigPath{child}, value);
            }
        }
        return node;
    }

    /// Nothing is set, and the default may be.
    static bool has_meaning(const ConfigNode& node, const Table& table,
                            const Parameter& parameter) {
        if (node.find(parameter.name) != nullptr || parameter.default_value == nullptr ||
            std::ranges::find(table.one_of, parameter.name) != table.one_of.end()) {
            return false;
        }
        if (!parameter.when) {
            return true;
        }
        const ConfigNode* condition = node.find(parameter.when->parameter);
        if (condition == nullptr) {
            const Parameter* other = table.parameter(parameter.when->parameter);
            condition = other == nullptr ? nullptr : other->default_value.get();
        }
        return condition != nullptr && std::ranges::find(parameter.when->values, condition->text) !=
                                           parameter.when->values.end();
    }

    const Catalogue& catalogue_;
};

}  // namespace

ConfigNodePtr full_configuration(const ConfigNodePtr& root, const Catalogue& catalogue) {
    return Filler(catalogue).filled(root, "");
}

}  // namespace trunkline::mgmt
