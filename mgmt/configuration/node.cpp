#include "mgmt/configuration/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace trunkline::mgmt {

namespace {

ConfigNodePtr made(ConfigNode node) {
    node.nodes = 1;
    for (const ConfigNodePtr& item : node.items) {
        node.nodes += item->nodes;
    }
    for (const ConfigNode::Entry& entry : node.entries) {
        node.nodes += entry.value->nodes;
    }
    return std::make_shared<const ConfigNode>(std::move(node));
}

bool is_empty(const ConfigNode& node) {
    return (node.kind == ConfigNode::Kind::map && node.entries.empty()) ||
           (node.kind == ConfigNode::Kind::sequence && node.items.empty());
}

ConfigNodePtr child_at(const ConfigNodePtr& node, const ConfigStep& step) {
    if (const auto* key = std::get_if<std::string>(&step)) {
        return node->find_shared(*key);
    }
    const std::size_t row = std::get<std::size_t>(step);
    return row < node->items.size() ? node->items[row] : nullptr;
}

/// A copy of `node` that can take `step`: of the right kind, empty where it was of another.
ConfigNode for_step(const ConfigNodePtr& node, const ConfigStep& step) {
    const auto kind = std::holds_alternative<std::string>(step) ? ConfigNode::Kind::map
                                                                : ConfigNode::Kind::sequence;
    if (node && node->kind == kind) {
        return *node;
    }
    ConfigNode fresh;
    fresh.kind = kind;
    if (node) {
        fresh.line = node->line;
        fresh.column = node->column;
    }
    return fresh;
}

void put(ConfigNode& node, const ConfigStep& step, ConfigNodePtr value) {
    if (const auto* row = std::get_if<std::size_t>(&step)) {
        if (*row < node.items.size()) {
            node.items[*row] = std::move(value);
        } else {
            node.items.push_back(std::move(value));
        }
        return;
    }
    const auto& key = std::get<std::string>(step);
    const auto known = std::ranges::find(node.entries, key, &ConfigNode::Entry::key);
    if (known != node.entries.end()) {
        known->value = std::move(value);
    } else {
        const int line = value->line, column = value->column;
        node.entries.push_back({key, line, column, std::move(value)});
    }
}

void take_out(ConfigNode& node, const ConfigStep& step) {
    if (const auto* row = std::get_if<std::size_t>(&step)) {
        node.items.erase(node.items.begin() + static_cast<std::ptrdiff_t>(*row));
    } else {
        std::erase_if(node.entries,
                      [&](const auto& entry) { return entry.key == std::get<std::string>(step); });
    }
}

bool same_entries(const ConfigNode& left, const ConfigNode& right) {
    return left.entries.size() == right.entries.size() &&
           std::ranges::all_of(left.entries, [&](const ConfigNode::Entry& entry) {
               const ConfigNode* other = right.find(entry.key);
               return other != nullptr && same_content(*entry.value, *other);
           });
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view key) const {
    const auto entry = std::ranges::find(entries, key, &Entry::key);
    return entry == entries.end() ? nullptr : entry->value.get();
}

ConfigNodePtr ConfigNode::find_shared(std::string_view key) const {
    const auto entry = std::ranges::find(entries, key, &Entry::key);
    return entry == entries.end() ? nullptr : entry->value;
}

bool same_content(const ConfigNode& left, const ConfigNode& right) {
    if (&left == &right) {
        return true;
    }
    return left.kind == right.kind && left.text == right.text && same_entries(left, right) &&
           std::ranges::equal(left.items, right.items,
                              [](const auto& a, const auto& b) { return same_content(*a, *b); });
}

ConfigNodePtr scalar_node(std::string text, int line, int column) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::scalar;
    node.line = line;
    node.column = column;
    node.text = std::move(text);
    return made(std::move(node));
}

ConfigNodePtr sequence_node(std::vector<ConfigNodePtr> items, int line, int column) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::sequence;
    node.line = line;
    node.column = column;
    node.items = std::move(items);
    return made(std::move(node));
}

ConfigNodePtr map_node(std::vector<ConfigNode::Entry> entries, int line, int column) {
    ConfigNode node;
    node.kind = ConfigNode::Kind::map;
    node.line = line;
    node.column = column;
    node.entries = std::move(entries);
    return made(std::move(node));
}

std::string to_text(std::span<const ConfigStep> path) {
    std::string text;
    for (const ConfigStep& step : path) {
        if (const auto* key = std::get_if<std::string>(&step)) {
            text += (text.empty() ? "" : ".") + *key;
        } else {
            text += fmt::format("[{}]", std::get<std::size_t>(step));
        }
    }
    return text;
}

ConfigPath config_path(std::string_view text) {
    ConfigPath path;
    while (!text.empty()) {
        if (text.front() == '[') {
            const std::size_t end = std::min(text.find(']'), text.size());
            std::size_t row = 0;
            const auto [read, error] = std::from_chars(text.data() + 1, text.data() + end, row);
            if (end < text.size() && error == std::errc{} && read == text.data() + end) {
                path.emplace_back(row);
                text.remove_prefix(std::min(end + 1, text.size()));
                text.remove_prefix(text.starts_with('.') ? 1 : 0);
                continue;
            }
        }
        const std::size_t end = std::min(text.find_first_of(".[", 1), text.size());
        path.emplace_back(std::string(text.substr(0, end)));
        text.remove_prefix(end);
        text.remove_prefix(text.starts_with('.') ? 1 : 0);
    }
    return path;
}

ConfigNodePtr node_at(const ConfigNodePtr& root, std::span<const ConfigStep> path) {
    ConfigNodePtr node = root;
    for (const ConfigStep& step : path) {
        if (!node) {
            return nullptr;
        }
        node = child_at(node, step);
    }
    return node;
}

ConfigNodePtr with_node(const ConfigNodePtr& root, std::span<const ConfigStep> path,
                        ConfigNodePtr value) {
    if (path.empty()) {
        return value;
    }
    const ConfigStep& step = path.front();
    ConfigNode changed = for_step(root, step);
    const ConfigNodePtr child = root ? child_at(root, step) : nullptr;
    put(changed, step, with_node(child, path.subspan(1), std::move(value)));
    return made(std::move(changed));
}

ConfigNodePtr without_node(const ConfigNodePtr& root, std::span<const ConfigStep> path) {
    const ConfigNodePtr child = root && !path.empty() ? child_at(root, path.front()) : nullptr;
    if (!child) {
        return root;
    }
    ConfigNode changed = *root;
    const ConfigNodePtr rest = path.size() == 1 ? nullptr : without_node(child, path.subspan(1));
    if (rest && !is_empty(*rest)) {
        put(changed, path.front(), rest);
    } else {
        take_out(changed, path.front());
    }
    return made(std::move(changed));
}

}  // namespace trunkline::mgmt
