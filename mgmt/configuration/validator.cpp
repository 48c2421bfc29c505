#include "mgmt/configuration/validator.h"

#include "mgmt/catalogue/binding.h"
#include "mgmt/catalogue/value_reader.h"
#include "mgmt/configuration/named.h"
#include "mgmt/configuration/rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

std::string join(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
}

/// A table with what binds it and its defaults as values.
struct BoundTable {
    const Table* table = nullptr;
    void (*open)(ApplianceConfig&) = nullptr;
    std::vector<void (*)(ApplianceConfig&, const Value&)> setters;  ///< one a parameter
    std::vector<std::optional<Value>> defaults;                     ///< one a parameter
};

class Validator {
public:
    Validator(const Catalogue& catalogue, const std::string& folder, FaultCollector& faults)
        : catalogue_(catalogue), folder_(folder), faults_(faults) {
        bind_tables();
    }

    ApplianceConfig run(const ConfigNode& root) {
        collect_row_keys(root);
        if (root.kind == ConfigNode::Kind::nothing) {
            faults_.add(root, "", "an empty file", list_names(catalogue_.children("")),
                        "start from a file in conf/");
        } else {
            read_map("", "", &root);
        }
        return std::move(config_);
    }

private:
    void bind_tables() {
        const std::vector<TableBinding> bindings = all_bindings();
        for (const Table& table : catalogue_.tables()) {
            const auto found = std::ranges::find(bindings, table.path, &TableBinding::path);
            // A table of which nothing acts yet has none.
            const TableBinding binding =
                found == bindings.end() ? TableBinding{table.path, open_nothing, {}} : *found;
            BoundTable bound{&table, binding.open, {}, {}};
            for (const Parameter& parameter : table.parameters) {
                const auto field =
                    std::ranges::find(binding.fields, parameter.name, &FieldBinding::parameter);
                const bool is_bound = field != binding.fields.end();
                if (!is_bound && parameter.waits_for.empty()) {
                    std::abort();  // bindings and catalogue are built together and tested to agree
                }
                bound.setters.push_back(is_bound ? field->set : set_nothing);
                bound.defaults.push_back(
                    parameter.default_value
                        ? read_value(parameter, *parameter.default_value, "", {}, "", faults_)
                        : std::nullopt);
            }
            tables_.emplace(table.path, std::move(bound));
        }
    }

    /// References may point forward, so the keys of all rows are known before any row is read.
    void collect_row_keys(const ConfigNode& root) {
        for (const Table& table : catalogue_.tables()) {
            if (table.key.empty()) {
                continue;
            }
            const ConfigNode* node = &root;
            for (std::size_t at = 0; node != nullptr && at < table.path.size();) {
                const std::size_t dot = std::min(table.path.find('.', at), table.path.size());
                node = node->find(std::string_view(table.path).substr(at, dot - at));
                at = dot + 1;
            }
            if (node == nullptr) {
                continue;
            }
            for (std::size_t row = 0; row < node->items.size(); ++row) {
                const ConfigNode* key = node->items[row]->find(table.key);
                if (key != nullptr && key->kind == ConfigNode::Kind::scalar) {
                    rows_.add(table.path, key->text, row);
                }
            }
        }
    }

    const BoundTable* bound(const std::string& catalogue_path) const {
        const auto at = tables_.find(catalogue_path);
        return at == tables_.end() ? nullptr : &at->second;
    }

    /// A group of settings, a row of a list, or a mere branch of the tree. `node` is nullptr where
    /// the file leaves it out; defaults are filled in all the same.
    void read_map(const std::string& catalogue_path, const std::string& path,
                  const ConfigNode* node) {
        const BoundTable* table = bound(catalogue_path);
        const std::vector<std::string> children = catalogue_.children(catalogue_path);
        if (node != nullptr && node->kind == ConfigNode::Kind::nothing) {
            node = nullptr;  // the head of a section whose lines are all commented out
        }
        if (node != nullptr && node->kind != ConfigNode::Kind::map) {
            faults_.add(*node, path, kind_of(*node),
                        "a map with the keys " + list_names(keys_of(table, children)));
            return;
        }
        if (node != nullptr) {
            refuse_unknown_keys(table, children, path, *node);
        }
        if (table != nullptr) {
            read_parameters(*table, path, node);
        }
        for (const std::string& child : children) {
            read_child(join(catalogue_path, child), join(path, child),
                       node == nullptr ? nullptr : node->find(child), node);
        }
    }

    void read_child(const std::string& catalogue_path, const std::string& path,
                    const ConfigNode* node, const ConfigNode* parent) {
        const BoundTable* child = bound(catalogue_path);
        if (child != nullptr && child->table->is_list) {
            read_list(*child, path, node, parent);
            return;
        }
        if (child != nullptr && child->table->required &&
            (node == nullptr || node->kind == ConfigNode::Kind::nothing)) {
            if (parent != nullptr) {
                faults_.add(*parent, path, "nothing",
                            "a map with the keys " + list_names(keys_of(child, {})),
                            how_to_give(*child->table));
            }
            return;
        }
        read_map(catalogue_path, path, node);
    }

    /// Of a group of which one key is enough.
    static std::string how_to_give(const Table& table) {
        return table.one_of.empty()
                   ? ""
                   : fmt::format("give {}", fmt::join(named_each(table, table.one_of), " or "));
    }

    static std::vector<std::string> named_each(const Table& table,
                                               std::span<const std::string> names) {
        std::vector<std::string> words;
        for (const std::string& name : names) {
            words.push_back(named(join(table.path, name)));
        }
        return words;
    }

    void read_list(const BoundTable& table, const std::string& path, const ConfigNode* node,
                   const ConfigNode* parent) {
        const std::size_t rows = node == nullptr ? 0 : node->items.size();
        const bool empty = node == nullptr || node->kind == ConfigNode::Kind::nothing;
        const std::string allowed = fmt::format("a list of {}..{} rows, each a map",
                                                table.table->fewest_rows, table.table->most_rows);
        if (!empty && node->kind != ConfigNode::Kind::sequence) {
            faults_.add(*node, path, kind_of(*node), allowed,
                        node->kind == ConfigNode::Kind::map ? "put '- ' before each row" : "");
            return;
        }
        if (rows < table.table->fewest_rows && parent != nullptr) {
            faults_.add(empty ? *parent : *node, path,
                        node == nullptr ? "nothing" : fmt::format("{} rows", rows), allowed);
        }
        if (rows > table.table->most_rows) {
            faults_.add(*node, path, fmt::format("{} rows", rows), allowed);
            return;
        }
        KnownKeys known_keys;
        std::size_t next_number = 0;
        for (std::size_t row = 0; row < rows; ++row) {
            const ConfigNode& item = *node->items[row];
            const std::string row_path = fmt::format("{}[{}]", path, row);
            table.open(config_);
            if (item.kind == ConfigNode::Kind::nothing) {
                faults_.add(item, row_path, "nothing",
                            "a map with the keys " + list_names(keys_of(&table, {})));
                continue;
            }
            next_number = check_row_number(*table.table, row_path, item, next_number);
            refuse_second_row(*table.table, row_path, item, next_number - 1, known_keys);
            read_map(table.table->path, row_path, &item);
        }
    }

    /// The number after that of this row.
    std::size_t check_row_number(const Table& table, const std::string& path, const ConfigNode& row,
                                 std::size_t least) {
        const ConfigNode* given = row.find(row_key);
        const std::optional<std::size_t> number = given == nullptr ? least : row_number(row);
        if (!number || *number < least || *number >= table.most_rows) {
            faults_.add(*given, join(path, row_key), in_quotes(given->text),
                        fmt::format("a number of {}..{}, above that of the row before", least,
                                    table.most_rows - 1),
                        "leave it out to number the rows one by one");
            return least + 1;
        }
        return *number + 1;
    }

    /// Keys of the rows so far, each with what is known of its row's place.
    struct KnownRow {
        int line = 0;
        std::size_t number = 0;
    };
    using KnownKeys = std::unordered_map<std::string, KnownRow>;

    void refuse_second_row(const Table& table, const std::string& path, const ConfigNode& row,
                           std::size_t number, KnownKeys& known_keys) {
        const ConfigNode* key = table.key.empty() ? nullptr : row.find(table.key);
        if (key == nullptr || key->kind != ConfigNode::Kind::scalar || table.several_rows_a_key) {
            return;
        }
        const auto [known, is_new] = known_keys.emplace(key->text, KnownRow{key->line, number});
        if (!is_new) {
            const auto& [line, first] = known->second;
            faults_.add(*key, join(path, table.key), in_quotes(key->text) + " a second time",
                        "each once",
                        line > 0 ? fmt::format("the row in line {} has it already", line)
                                 : fmt::format("row {} has it already", first));
        }
    }

    static std::vector<std::string> keys_of(const BoundTable* table,
                                            const std::vector<std::string>& children) {
        std::vector<std::string> keys;
        if (table != nullptr) {
            for (const Parameter& parameter : table->table->parameters) {
                keys.push_back(parameter.name);
            }
        }
        keys.insert(keys.end(), children.begin(), children.end());
        return keys;
    }

    void refuse_unknown_keys(const BoundTable* table, const std::vector<std::string>& children,
                             const std::string& path, const ConfigNode& node) {
        for (const ConfigNode::Entry& entry : node.entries) {
            const bool known =
                (table != nullptr && table->table->parameter(entry.key) != nullptr) ||
                (table != nullptr && table->table->is_list && entry.key == row_key) ||
                std::find(children.begin(), children.end(), entry.key) != children.end();
            if (known) {
                continue;
            }
            const std::string found = "key " + in_quotes(entry.key);
            const std::vector<std::string> keys = keys_of(table, children);
            std::string advice = faults_.nearest(entry.key, keys);
            if (entry.key == "<<") {
                advice = "merge keys are not read, write the keys out";
            }
            faults_.add(entry.line, entry.column, join(path, entry.key), found, list_names(keys),
                        advice);
        }
    }

    void read_parameters(const BoundTable& table, const std::string& path, const ConfigNode* node) {
        if (node != nullptr && !check_one_of(*table.table, path, *node)) {
            return;
        }
        for (std::size_t at = 0; at < table.table->parameters.size(); ++at) {
            const Parameter& parameter = table.table->parameters[at];
            const std::string parameter_path = join(path, parameter.name);
            const ConfigNode* given = node == nullptr ? nullptr : node->find(parameter.name);
            if (parameter.when && !applies(*table.table, *parameter.when, node)) {
                refuse_out_of_place(*table.table, parameter, parameter_path, node, given);
                continue;
            }
            if (given != nullptr) {
                if (const auto value =
                        read_value(parameter, *given, parameter_path, rows_, folder_, faults_)) {
                    table.setters[at](config_, *value);
                    // What equals the default asks for nothing that is not done.
                    if (!parameter.waits_for.empty() && table.defaults[at] != value) {
                        config_.stored.push_back({parameter_path, *value, parameter.waits_for});
                    }
                }
            } else if (parameter.required && node != nullptr) {
                faults_.add(*node, parameter_path, "nothing", parameter.allowed());
            } else if (table.defaults[at]) {
                table.setters[at](config_, *table.defaults[at]);
            }
        }
    }

    /// Of some parameters exactly one is given; false after a fault.
    bool check_one_of(const Table& table, const std::string& path, const ConfigNode& node) {
        if (table.one_of.empty()) {
            return true;
        }
        std::vector<std::string> given;
        for (const std::string& name : table.one_of) {
            if (node.find(name) != nullptr) {
                given.push_back(name);
            }
        }
        if (given.size() == 1) {
            return true;
        }
        faults_.add(node, path,
                    given.empty() ? "none of " + list_names(named_each(table, table.one_of))
                                  : list_names(named_each(table, given)) + " together",
                    "exactly one of " + list_names(named_each(table, table.one_of)));
        return false;
    }

    static const std::string* text_of(const Condition& condition, const ConfigNode* node) {
        const ConfigNode* decides = node == nullptr ? nullptr : node->find(condition.parameter);
        return decides == nullptr ? nullptr : &decides->text;
    }

    static bool applies(const Table& /*table*/, const Condition& condition,
                        const ConfigNode* node) {
        const std::string* text = text_of(condition, node);
        return text != nullptr && std::find(condition.values.begin(), condition.values.end(),
                                            *text) != condition.values.end();
    }

    void refuse_out_of_place(const Table& table, const Parameter& parameter,
                             const std::string& path, const ConfigNode* node,
                             const ConfigNode* given) {
        if (given == nullptr) {
            return;
        }
        const std::string* text = text_of(*parameter.when, node);
        if (text != nullptr &&
            table.parameter(parameter.when->parameter)->value(*text) == nullptr) {
            return;  // the value that decides is wrong itself, and that was told
        }
        std::vector<std::string> decisive;
        for (const std::string& value : parameter.when->values) {
            decisive.push_back(named(join(table.path, parameter.when->parameter), value));
        }
        faults_.add(*given, path, "'" + named(join(table.path, parameter.name)) + "'",
                    fmt::format("it with {} only", fmt::join(decisive, " or ")), "take it out");
    }

    const Catalogue& catalogue_;
    const std::string& folder_;
    FaultCollector& faults_;
    std::map<std::string, BoundTable> tables_;
    RowKeys rows_;
    ApplianceConfig config_;
};

}  // namespace

ApplianceConfig read_config(const ConfigNode& root, const Catalogue& catalogue,
                            const std::string& folder, FaultCollector& faults) {
    return Validator(catalogue, folder, faults).run(root);
}

}  // namespace trunkline::mgmt
