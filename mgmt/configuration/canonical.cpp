#include "mgmt/configuration/canonical.h"

#include "mgmt/catalogue/value_reader.h"
#include "mgmt/configuration/rows.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

/// Types of which several texts mean one value. Of the others the text is the value.
bool has_several_texts(ValueType type) {
    switch (type) {
        case ValueType::boolean:
        case ValueType::integer:
        case ValueType::range:
        case ValueType::ip:
        case ValueType::prefix:
        case ValueType::mac:
        case ValueType::host_port:
            return true;
        case ValueType::enumeration:
        case ValueType::text:
        case ValueType::reference:
        case ValueType::secret:
            return false;
    }
    std::abort();
}

ConfigNodePtr canonical_scalar(const Parameter& parameter, const ConfigNodePtr& node) {
    if (node->kind != ConfigNode::Kind::scalar || !has_several_texts(parameter.type)) {
        return node;
    }
    Parameter single = parameter;
    single.list = false;
    FaultCollector faults("");
    const auto value = read_value(single, *node, "", RowKeys{}, "", faults);
    return value ? scalar_node(to_text(*value), node->line, node->column) : node;
}

class Canonicaliser {
public:
    explicit Canonicaliser(const Catalogue& catalogue) : catalogue_(catalogue) {}

    ConfigNodePtr map(const std::string& path, const ConfigNode& node) const {
        const Table* table = catalogue_.table(path);
        const std::vector<std::string> children = catalogue_.children(path);
        std::vector<ConfigNode::Entry> entries;
        if (const ConfigNode::Entry* row = entry_of(node, row_key)) {
            entries.push_back(*row);
        }
        if (table != nullptr) {
            add_parameters(*table, node, entries);
        }
        for (const std::string& child : children) {
            if (const ConfigNode::Entry* entry = entry_of(node, child)) {
                add_child(path.empty() ? child : path + "." + child, *entry, entries);
            }
        }
        add_unknown(table, children, node, entries);
        return map_node(std::move(entries), node.line, node.column);
    }

private:
    static const ConfigNode::Entry* entry_of(const ConfigNode& node, std::string_view key) {
        const auto found = std::ranges::find(node.entries, key, &ConfigNode::Entry::key);
        return found == node.entries.end() ? nullptr : &*found;
    }

    static void add(const ConfigNode::Entry& entry, ConfigNodePtr value,
                    std::vector<ConfigNode::Entry>& entries) {
        entries.push_back({entry.key, entry.line, entry.column, std::move(value)});
    }

    static void add_parameters(const Table& table, const ConfigNode& node,
                               std::vector<ConfigNode::Entry>& entries) {
        for (const Parameter& parameter : table.parameters) {
            const ConfigNode::Entry* entry = entry_of(node, parameter.name);
            if (entry != nullptr && !is_default(parameter, entry->value)) {
                add(*entry, canonical_value(parameter, entry->value), entries);
            }
        }
    }

    void add_child(const std::string& path, const ConfigNode::Entry& entry,
                   std::vector<ConfigNode::Entry>& entries) const {
        const ConfigNode& node = *entry.value;
        const Table* table = catalogue_.table(path);
        if (node.kind == ConfigNode::Kind::map) {
            ConfigNodePtr value = map(path, node);
            if (!value->entries.empty()) {
                add(entry, std::move(value), entries);
            }
        } else if (node.kind == ConfigNode::Kind::sequence && table != nullptr && table->is_list) {
            if (!node.items.empty()) {
                add(entry, rows(path, node), entries);
            }
        } else if (node.kind != ConfigNode::Kind::nothing) {
            add(entry, entry.value, entries);
        }
    }

    ConfigNodePtr rows(const std::string& path, const ConfigNode& list) const {
        std::vector<ConfigNodePtr> items;
        items.reserve(list.items.size());
        std::size_t next = 0;
        for (const ConfigNodePtr& item : list.items) {
            const std::size_t number = row_number(*item).value_or(next);
            ConfigNodePtr row = item->kind == ConfigNode::Kind::map ? map(path, *item) : item;
            if (number == next && row->find(row_key) != nullptr) {
                row = without_node(row, ConfigPath{std::string(row_key)});
            }
            items.push_back(std::move(row));
            next = number + 1;
        }
        return sequence_node(std::move(items), list.line, list.column);
    }

    static void add_unknown(const Table* table, const std::vector<std::string>& children,
                            const ConfigNode& node, std::vector<ConfigNode::Entry>& entries) {
        for (const ConfigNode::Entry& entry : node.entries) {
            const bool is_known = (table != nullptr && table->parameter(entry.key) != nullptr) ||
                                  entry.key == row_key ||
                                  std::ranges::find(children, entry.key) != children.end();
            if (!is_known) {
                entries.push_back(entry);
            }
        }
    }

    const Catalogue& catalogue_;
};

}  // namespace

ConfigNodePtr canonical_value(const Parameter& parameter, const ConfigNodePtr& value) {
    if (!parameter.list || value->kind != ConfigNode::Kind::sequence) {
        return canonical_scalar(parameter, value);
    }
    std::vector<ConfigNodePtr> items;
    for (const ConfigNodePtr& item : value->items) {
        items.push_back(canonical_scalar(parameter, item));
    }
    return sequence_node(std::move(items), value->line, value->column);
}

bool is_default(const Parameter& parameter, const ConfigNodePtr& value) {
    return parameter.default_value &&
           same_content(*canonical_value(parameter, value),
                        *canonical_value(parameter, parameter.default_value));
}

ConfigNodePtr canonical(const ConfigNodePtr& root, const Catalogue& catalogue) {
    if (!root || root->kind != ConfigNode::Kind::map) {
        return map_node({});
    }
    return Canonicaliser(catalogue).map("", *root);
}

}  // namespace trunkline::mgmt
