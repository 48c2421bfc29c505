#include "mgmt/configuration/difference.h"

#include "mgmt/configuration/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::string text_of(const Parameter* parameter, const ConfigNode& node) {
    if (parameter != nullptr && parameter->type == ValueType::secret) {
        return "(a secret)";
    }
    switch (node.kind) {
        case ConfigNode::Kind::nothing:
        case ConfigNode::Kind::scalar:
            return node.text;
        case ConfigNode::Kind::sequence: {
            std::string text;
            for (const ConfigNodePtr& item : node.items) {
                text += (text.empty() ? "" : ", ") + text_of(parameter, *item);
            }
            return "[" + text + "]";
        }
        case ConfigNode::Kind::map: {
            std::string text;
            for (const ConfigNode::Entry& entry : node.entries) {
                text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", entry.key,
                                    text_of(parameter, *entry.value));
            }
            return "{" + text + "}";
        }
    }
    std::abort();
}

class Comparison {
public:
    explicit Comparison(const Catalogue& catalogue) : catalogue_(catalogue) {}

    std::vector<ConfigDifference> run(const ConfigNode& before, const ConfigNode& after) && {
        maps("", "", &before, &after);
        return std::move(found_);
    }

private:
    static std::string join(const std::string& path, const std::string& key) {
        return path.empty() ? key : path + "." + key;
    }

    void maps(const std::string& catalogue_path, const std::string& path, const ConfigNode* before,
              const ConfigNode* after) {
        if (before == after) {
            return;
        }
        const Table* table = catalogue_.table(catalogue_path);
        if (table != nullptr) {
            for (const Parameter& parameter : table->parameters) {
                values(parameter, join(path, parameter.name), child(before, parameter.name),
                       child(after, parameter.name));
            }
        }
        for (const std::string& name : catalogue_.children(catalogue_path)) {
            const std::string inner = join(catalogue_path, name);
            const Table* known = catalogue_.table(inner);
            if (known != nullptr && known->is_list) {
                rows(*known, join(path, name), child(before, name), child(after, name));
            } else {
                maps(inner, join(path, name), child(before, name), child(after, name));
            }
        }
    }

    static const ConfigNode* child(const ConfigNode* node, std::string_view key) {
        return node == nullptr ? nullptr : node->find(key);
    }

    void values(const Parameter& parameter, std::string path, const ConfigNode* before,
                const ConfigNode* after) {
        const bool is_same = before == after || (before != nullptr && after != nullptr &&
                                                 same_content(*before, *after));
        if (is_same) {
            return;
        }
        ConfigDifference difference;
        difference.path = std::move(path);
        difference.needs_reset = parameter.reset;
        if (before != nullptr) {
            difference.before = text_of(&parameter, *before);
        }
        if (after != nullptr) {
            difference.after = text_of(&parameter, *after);
        }
        found_.push_back(std::move(difference));
    }

    static std::map<std::size_t, const ConfigNode*> by_number(const ConfigNode* list) {
        std::map<std::size_t, const ConfigNode*> rows;
        if (list != nullptr) {
            const auto numbers = row_numbers(*list);
            for (std::size_t at = 0; at < numbers.size(); ++at) {
                rows[numbers[at]] = list->items[at].get();
            }
        }
        return rows;
    }

    void rows(const Table& table, const std::string& path, const ConfigNode* before,
              const ConfigNode* after) {
        if (before == after) {
            return;
        }
        const auto old_rows = by_number(before), new_rows = by_number(after);
        for (const auto& [number, row] : old_rows) {
            const std::string row_path = fmt::format("{}[{}]", path, number);
            const auto now = new_rows.find(number);
            if (now == new_rows.end()) {
                whole_row(table, row_path, row, nullptr);
            } else {
                maps(table.path, row_path, row, now->second);
            }
        }
        for (const auto& [number, row] : new_rows) {
            if (!old_rows.contains(number)) {
                whole_row(table, fmt::format("{}[{}]", path, number), nullptr, row);
            }
        }
    }

    void whole_row(const Table& table, std::string path, const ConfigNode* before,
                   const ConfigNode* after) {
        const auto name = [&](const ConfigNode* row) -> std::optional<std::string> {
            if (row == nullptr) {
                return std::nullopt;
            }
            const ConfigNode* key = table.key.empty() ? nullptr : row->find(table.key);
            return key == nullptr ? "" : key->text;
        };
        ConfigDifference difference;
        difference.path = std::move(path);
        difference.before = name(before);
        difference.after = name(after);
        difference.is_row = true;
        difference.needs_reset = std::ranges::any_of(
            table.parameters, [](const Parameter& parameter) { return parameter.reset; });
        found_.push_back(std::move(difference));
    }

    const Catalogue& catalogue_;
    std::vector<ConfigDifference> found_;
};

}  // namespace

std::string ConfigDifference::to_string() const {
    std::string text = before && after ? "~ " : before ? "- " : "+ ";
    text += path;
    if (is_row) {
        const std::string& name = before ? *before : *after;
        text += name.empty() ? "" : " " + name;
    } else if (before && after) {
        text += fmt::format(": {} -> {}", *before, *after);
    } else {
        text += fmt::format(": {}", before ? *before : *after);
    }
    return text + (needs_reset ? " (after a reset)" : "");
}

std::vector<ConfigDifference> difference(const ConfigNode& before, const ConfigNode& after,
                                         const Catalogue& catalogue) {
    return Comparison(catalogue).run(before, after);
}

bool needs_reset(std::span<const ConfigDifference> differences) {
    return std::ranges::any_of(differences, &ConfigDifference::needs_reset);
}

}  // namespace trunkline::mgmt
