#include "mgmt/configuration/json_tree.h"

#include "mgmt/access/sealing.h"
#include "mgmt/configuration/rows.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// A sealed secret as it stands, and so where it is: {"file": "office.secret"}.
json secret_json(const ConfigNode& node) {
    if (node.kind == ConfigNode::Kind::scalar && is_sealed(node.text)) {
        return node.text;
    }
    const bool is_source = node.kind == ConfigNode::Kind::map && node.entries.size() == 1 &&
                           node.entries.front().key != "set";
    return is_source ? json{{node.entries.front().key, node.entries.front().value->text}}
                     : hidden_secret();
}

json value_json(ValueType type, const ConfigNode& node) {
    if (type == ValueType::secret) {
        return secret_json(node);
    }
    if (node.kind == ConfigNode::Kind::sequence) {
        json items = json::array();
        for (const ConfigNodePtr& item : node.items) {
            items.push_back(value_json(type, *item));
        }
        return items;
    }
    if (type == ValueType::boolean && (node.text == "true" || node.text == "false")) {
        return node.text == "true";
    }
    if (type == ValueType::integer) {
        int64_t number = 0;
        const char* const end = node.text.data() + node.text.size();
        const auto [stop, error] = std::from_chars(node.text.data(), end, number);
        if (error == std::errc{} && stop == end) {
            return number;
        }
    }
    return node.text;
}

std::expected<ConfigNodePtr, JsonFault> read(const json& value, const std::string& pointer);

std::expected<ConfigNodePtr, JsonFault> read_object(const json& value, const std::string& pointer) {
    std::vector<ConfigNode::Entry> entries;
    for (const auto& [key, member] : value.items()) {
        if (member.is_null()) {
            continue;
        }
        auto node = read(member, pointer + "/" + key);
        if (!node) {
            return node;
        }
        entries.push_back({key, 0, 0, *std::move(node)});
    }
    return map_node(std::move(entries));
}

std::expected<ConfigNodePtr, JsonFault> read_array(const json& value, const std::string& pointer) {
    std::vector<ConfigNodePtr> items;
    for (std::size_t at = 0; at < value.size(); ++at) {
        auto node = read(value[at], fmt::format("{}/{}", pointer, at));
        if (!node) {
            return node;
        }
        items.push_back(*std::move(node));
    }
    return sequence_node(std::move(items));
}

std::expected<ConfigNodePtr, JsonFault> read(const json& value, const std::string& pointer) {
    switch (value.type()) {
        case json::value_t::object:
            return read_object(value, pointer);
        case json::value_t::array:
            return read_array(value, pointer);
        case json::value_t::string:
            return scalar_node(value.get<std::string>());
        case json::value_t::boolean:
            return scalar_node(value.get<bool>() ? "true" : "false");
        case json::value_t::number_integer:
        case json::value_t::number_unsigned:
            return scalar_node(value.dump());
        case json::value_t::number_float:
        case json::value_t::null:
        case json::value_t::binary:
        case json::value_t::discarded:
            break;
    }
    return std::unexpected(JsonFault{pointer, value.is_null() ? "null in an array" : value.dump(),
                                     "an object, an array, a text, a whole number, a truth value"});
}

bool is_hidden_secret(const ConfigNode& node) {
    return node.kind == ConfigNode::Kind::map && node.entries.size() == 1 &&
           node.entries.front().key == "set" && node.entries.front().value->text == "true";
}

ConfigNodePtr kept_in_rows(const ConfigNodePtr& list, const ConfigNodePtr& before) {
    std::vector<ConfigNodePtr> items;
    const auto numbers = row_numbers(*list);
    const NumberedRows old = numbered_rows(before);
    for (std::size_t at = 0; at < numbers.size(); ++at) {
        const auto same = old.find(numbers[at]);
        items.push_back(
            with_kept_secrets(list->items[at], same == old.end() ? nullptr : same->second));
    }
    return sequence_node(std::move(items), list->line, list->column);
}

}  // namespace

json hidden_secret() {
    return {{"set", true}};
}

json to_json(const ConfigNode& node, const Catalogue& catalogue, std::string_view path) {
    if (node.kind == ConfigNode::Kind::sequence) {
        json items = json::array();
        for (const ConfigNodePtr& item : node.items) {
            items.push_back(to_json(*item, catalogue, path));
        }
        return items;
    }
    if (node.kind != ConfigNode::Kind::map) {
        return value_json(ValueType::text, node);
    }
    const Table* table = catalogue.table(path);
    json object = json::object();
    for (const ConfigNode::Entry& entry : node.entries) {
        const Parameter* parameter = table == nullptr ? nullptr : table->parameter(entry.key);
        if (parameter != nullptr) {
            object[entry.key] = value_json(parameter->type, *entry.value);
        } else if (entry.key == row_key) {
            object[entry.key] = value_json(ValueType::integer, *entry.value);
        } else {
            const std::string inner =
                path.empty() ? entry.key : fmt::format("{}.{}", path, entry.key);
            object[entry.key] = to_json(*entry.value, catalogue, inner);
        }
    }
    return object;
}

std::string JsonFault::to_string() const {
    return fmt::format("{}: found {}; allowed: {}", pointer, found, allowed);
}

std::expected<ConfigNodePtr, JsonFault> from_json(const json& value) {
    return read(value, "");
}

ConfigNodePtr with_kept_secrets(const ConfigNodePtr& node, const ConfigNodePtr& before) {
    if (node->kind == ConfigNode::Kind::sequence) {
        return kept_in_rows(node, before);
    }
    if (node->kind != ConfigNode::Kind::map) {
        return node;
    }
    std::vector<ConfigNode::Entry> entries;
    for (const ConfigNode::Entry& entry : node->entries) {
        const ConfigNodePtr old = before ? before->find_shared(entry.key) : nullptr;
        if (!is_hidden_secret(*entry.value)) {
            entries.push_back(
                {entry.key, entry.line, entry.column, with_kept_secrets(entry.value, old)});
        } else if (old) {
            entries.push_back({entry.key, entry.line, entry.column, old});
        }
    }
    return map_node(std::move(entries), node->line, node->column);
}

}  // namespace trunkline::mgmt
