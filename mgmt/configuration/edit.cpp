#include "mgmt/configuration/edit.h"

#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/rows.h"
#include "mgmt/configuration/value_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// A key on the way to a table, and the number of the row where the key is that of a list.
struct Step {
    std::string key;
    const Table* list = nullptr;
    std::size_t row = 0;
};

/// The way to the table; fewer rows than lists lead to the last list itself.
std::vector<Step> way_to(const ConfigEdit& edit, const Catalogue& catalogue, std::size_t& lists) {
    std::vector<Step> steps;
    std::string path;
    std::string_view rest = edit.table;
    lists = 0;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('.'), rest.size());
        Step step{std::string(rest.substr(0, end)), nullptr, 0};
        path += (path.empty() ? "" : ".") + step.key;
        const Table* table = catalogue.table(path);
        if (table != nullptr && table->is_list) {
            step.list = table;
            step.row = lists < edit.rows.size() ? edit.rows[lists] : 0;
            ++lists;
        }
        steps.push_back(std::move(step));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return steps;
}

class Editor {
public:
    Editor(const ConfigEdit& edit, const Catalogue& catalogue)
        : edit_(edit), catalogue_(catalogue), table_(catalogue.table(edit.table)) {
        steps_ = way_to(edit, catalogue, lists_);
    }

    std::expected<ConfigNodePtr, ConfigFault> apply(const ConfigNodePtr& root) {
        if (table_ == nullptr || lists_ != edit_.rows.size()) {
            std::vector<std::string> names;
            for (const Table& table : catalogue_.tables()) {
                names.push_back(table.path);
            }
            return std::unexpected(
                fault(table_ == nullptr ? "no such table"
                                        : fmt::format("{} row numbers", edit_.rows.size()),
                      table_ == nullptr ? list_names(names) : fmt::format("{} of them", lists_)));
        }
        if (auto unknown = unknown_parameter()) {
            return std::unexpected(std::move(*unknown));
        }
        return changed(root, 0);
    }

    ConfigNodePtr find(ConfigNodePtr node) const {
        for (const Step& step : steps_) {
            node = node ? node->find_shared(step.key) : nullptr;
            if (node && step.list != nullptr) {
                const auto position = position_of_row(*node, step.row);
                node = position ? node->items[*position] : nullptr;
            }
        }
        return node;
    }

private:
    ConfigFault fault(std::string found, std::string allowed) const {
        return {"", 0, 0, path_of(edit_, catalogue_), std::move(found), std::move(allowed), ""};
    }

    std::optional<ConfigFault> unknown_parameter() const {
        std::vector<std::string> names;
        for (const Parameter& parameter : table_->parameters) {
            names.push_back(parameter.name);
        }
        const auto is_unknown = [&](const std::string& name) {
            return table_->parameter(name) == nullptr;
        };
        for (const ConfigNode::Entry& entry : edit_.set) {
            if (is_unknown(entry.key)) {
                return fault("parameter " + in_quotes(entry.key), list_names(names));
            }
        }
        for (const std::string& name : edit_.left_out) {
            if (is_unknown(name)) {
                return fault("parameter " + in_quotes(name), list_names(names));
            }
        }
        for (const ConfigPart& part : edit_.parts) {
            if (is_unknown(part.parameter)) {
                return fault("parameter " + in_quotes(part.parameter), list_names(names));
            }
        }
        return std::nullopt;
    }

    std::expected<ConfigNodePtr, ConfigFault> changed(const ConfigNodePtr& node, std::size_t at) {
        if (at == steps_.size()) {
            return with_parameters(node);
        }
        const Step& step = steps_[at];
        const ConfigNodePtr child = node ? node->find_shared(step.key) : nullptr;
        auto fresh = step.list == nullptr ? changed(child, at + 1) : changed_list(child, at);
        if (!fresh) {
            return fresh;
        }
        const ConfigPath here{step.key};
        if ((*fresh)->entries.empty() && (*fresh)->items.empty()) {
            return without_node(node ? node : map_node({}), here);
        }
        return with_node(node, here, *std::move(fresh));
    }

    std::expected<ConfigNodePtr, ConfigFault> changed_list(const ConfigNodePtr& list,
                                                           std::size_t at) {
        const Step& step = steps_[at];
        const auto position = list ? position_of_row(*list, step.row) : std::nullopt;
        const bool is_last = at + 1 == steps_.size();
        if (!position && (!is_last || edit_.removes_row)) {
            return std::unexpected(
                fault(fmt::format("row {} of {}", step.row, step.list->path), "a row that exists"));
        }
        if (is_last && edit_.removes_row) {
            return without_row(list, step.row);
        }
        auto row = changed(position ? list->items[*position] : nullptr, at + 1);
        if (!row) {
            return row;
        }
        return with_row(list, step.row, position ? *std::move(row) : named(*row, step));
    }

    /// A row without a name gets the one that ini files give it.
    static ConfigNodePtr named(const ConfigNodePtr& row, const Step& step) {
        const Table& list = *step.list;
        const Parameter* key = list.key.empty() ? nullptr : list.parameter(list.key);
        if (key == nullptr || key->type != ValueType::text || row->find(list.key) != nullptr) {
            return row;
        }
        return with_node(row, ConfigPath{list.key},
                         scalar_node(fmt::format("{}_{}", list.ini, step.row)));
    }

    ConfigNodePtr with_parameters(ConfigNodePtr node) const {
        node = node && node->kind == ConfigNode::Kind::map ? node : map_node({});
        for (const std::string& name : edit_.left_out) {
            node = without_node(node, ConfigPath{name});
        }
        for (const ConfigNode::Entry& entry : edit_.set) {
            node = with_node(node, ConfigPath{entry.key}, entry.value);
        }
        if (!edit_.parts.empty()) {
            for (const Parameter& parameter : table_->parameters) {
                node = with_parts(node, parameter);
            }
        }
        return node;
    }

    /// All parts of a value at once: a list forgets which of its members were left out.
    ConfigNodePtr with_parts(const ConfigNodePtr& node, const Parameter& parameter) const {
        const ConfigNode* const now = node->find(parameter.name);
        std::optional<std::vector<std::string>> parts;
        int line = 0, column = 0;
        for (const ConfigPart& given : edit_.parts) {
            if (given.parameter != parameter.name) {
                continue;
            }
            if (!parts) {
                parts =
                    value_parts(parameter, now != nullptr ? now : parameter.default_value.get(), 0);
            }
            parts->resize(std::max(parts->size(), given.part + 1));
            (*parts)[given.part] = given.value ? given.value->text : "";
            line = given.value ? given.value->line : line;
            column = given.value ? given.value->column : column;
        }
        if (!parts) {
            return node;
        }
        const ConfigNodePtr value = joined_value(parameter, *parts, line, column);
        const ConfigPath here{parameter.name};
        return value ? with_node(node, here, value) : without_node(node, here);
    }

    const ConfigEdit& edit_;
    const Catalogue& catalogue_;
    const Table* const table_;
    std::size_t lists_ = 0;
    std::vector<Step> steps_;
};

}  // namespace

std::string path_of(const ConfigEdit& edit, const Catalogue& catalogue) {
    std::size_t lists = 0;
    std::string path;
    std::size_t given = 0;
    for (const Step& step : way_to(edit, catalogue, lists)) {
        path += (path.empty() ? "" : ".") + step.key;
        if (step.list != nullptr && given++ < edit.rows.size()) {
            path += fmt::format("[{}]", step.row);
        }
    }
    return path;
}

ConfigNodePtr edited_node(const ConfigNodePtr& root, const ConfigEdit& edit,
                          const Catalogue& catalogue) {
    return Editor(edit, catalogue).find(root);
}

std::expected<ConfigNodePtr, ConfigFault> apply_edits(ConfigNodePtr root,
                                                      std::span<const ConfigEdit> edits,
                                                      const Catalogue& catalogue) {
    for (const ConfigEdit& edit : edits) {
        auto changed = Editor(edit, catalogue).apply(root);
        if (!changed) {
            return changed;
        }
        root = *std::move(changed);
    }
    return root;
}

}  // namespace trunkline::mgmt
