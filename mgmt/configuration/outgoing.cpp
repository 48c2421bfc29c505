#include "mgmt/configuration/outgoing.h"

#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/json_tree.h"
#include "mgmt/configuration/rows.h"
#include "mgmt/configuration/value_map.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// Walks down a path, in the catalogue and in the tree at once.
class Walk {
public:
    Walk(const ConfigNodePtr& root, const Catalogue& catalogue)
        : node_(root), catalogue_(catalogue) {}

    std::expected<void, std::string> step(const ConfigStep& step) {
        const std::string* const key = std::get_if<std::string>(&step);
        return key != nullptr ? into(*key) : to_row(std::get<std::size_t>(step));
    }

    json result() const {
        if (parameter_ != nullptr) {
            if (!node_) {
                return nullptr;
            }
            const ConfigNodePtr row = map_node({{parameter_->name, 0, 0, node_}});
            return to_json(*row, catalogue_, path_)[parameter_->name];
        }
        if (!node_ || node_->kind == ConfigNode::Kind::nothing) {
            return at_list() ? json::array() : json::object();
        }
        return to_json(*node_, catalogue_, path_);
    }

private:
    bool at_list() const {
        const Table* table = catalogue_.table(path_);
        return table != nullptr && table->is_list && !in_row_;
    }

    std::expected<void, std::string> into(const std::string& key) {
        const Table* table = catalogue_.table(path_);
        const std::vector<std::string> children = catalogue_.children(path_);
        if (at_list()) {
            return std::unexpected(
                fmt::format("found '{}' behind the table {}; allowed: the number of a row, as "
                            "{}[0].{}",
                            key, shown_, shown_, key));
        }
        if (parameter_ == nullptr && std::ranges::find(children, key) != children.end()) {
            path_ += (path_.empty() ? "" : ".") + key;
        } else if (parameter_ == nullptr && table != nullptr && table->parameter(key) != nullptr) {
            parameter_ = table->parameter(key);
        } else {
            return std::unexpected(unknown(key, table, children));
        }
        shown_ += (shown_.empty() ? "" : ".") + key;
        node_ = node_ ? node_->find_shared(key) : nullptr;
        in_row_ = false;
        return {};
    }

    std::string unknown(const std::string& key, const Table* table,
                        std::vector<std::string> names) const {
        if (parameter_ != nullptr) {
            names.clear();
        } else if (table != nullptr) {
            for (const Parameter& parameter : table->parameters) {
                names.push_back(parameter.name);
            }
        }
        return fmt::format("found '{}'{}; allowed: {}", key, shown_.empty() ? "" : " in " + shown_,
                           names.empty() ? "nothing below a parameter" : list_names(names));
    }

    std::expected<void, std::string> to_row(std::size_t number) {
        if (!at_list()) {
            return std::unexpected(
                fmt::format("found row {} of {}, which has no rows", number, shown_));
        }
        const auto position = node_ ? position_of_row(*node_, number) : std::nullopt;
        if (!position) {
            return std::unexpected(fmt::format("there is no row {} in {}", number, shown_));
        }
        node_ = node_->items[*position];
        shown_ += fmt::format("[{}]", number);
        in_row_ = true;
        return {};
    }

    ConfigNodePtr node_;
    const Catalogue& catalogue_;
    std::string path_;   ///< in the catalogue
    std::string shown_;  ///< with the rows
    const Parameter* parameter_ = nullptr;
    bool in_row_ = false;
};

}  // namespace

ConfigNodePtr with_hidden_secrets(const ConfigNodePtr& root, const Catalogue& catalogue) {
    const ConfigNodePtr hidden = *from_json(hidden_secret());
    return with_changed_values(root, catalogue, is_secret,
                               [&](const ConfigNodePtr& value, const std::string&) {
                                   return value->kind == ConfigNode::Kind::map ? value : hidden;
                               });
}

std::expected<json, std::string> json_at(const ConfigNodePtr& root, std::string_view path,
                                         const Catalogue& catalogue) {
    Walk walk(root, catalogue);
    for (const ConfigStep& step : config_path(path)) {
        if (auto stepped = walk.step(step); !stepped) {
            return std::unexpected(stepped.error());
        }
    }
    return walk.result();
}

}  // namespace trunkline::mgmt
