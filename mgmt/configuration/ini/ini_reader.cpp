#include "mgmt/configuration/ini/ini_reader.h"

#include "mgmt/configuration/fault_collector.h"
#include "mgmt/configuration/ini/ini_columns.h"
#include "mgmt/configuration/ini/ini_document.h"
#include "mgmt/configuration/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::string folded(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

/// A parameter that a column or a scalar is one part of.
struct Place {
    const Table* table = nullptr;
    const Parameter* parameter = nullptr;
    std::size_t part = 0;
    bool is_other_name = false;  ///< of Parameter::ini_also
};

using Places = std::unordered_map<std::string, Place>;

void add_places(const Table& table, Places& places) {
    for (const Parameter& parameter : table.parameters) {
        const auto names = ini_names(parameter);
        for (std::size_t part = 0; part < names.size(); ++part) {
            places[folded(names[part])] = {&table, &parameter, part, false};
        }
        for (const std::string& other : parameter.ini_also) {
            places[folded(other.substr(other.find('_') + 1))] = {&table, &parameter, 0, true};
        }
    }
}

/// A row of a list while it is put together.
struct Row {
    std::size_t number = 0;
    int line = 0, column = 0;
    std::vector<ConfigNode::Entry> entries;
    std::map<std::string, std::vector<ConfigNode::Entry>> groups;  ///< by the name of their table
    std::map<std::string, std::map<std::size_t, Row>> lists;       ///< by the name of their table
};
using Rows = std::map<std::size_t, Row>;

class Reader {
public:
    Reader(const std::string& origin, const Catalogue& catalogue, const ConfigNodePtr& base)
        : origin_(origin), catalogue_(catalogue), base_(base) {
        for (const Table& table : catalogue.tables()) {
            const Table* outer = table.is_list ? &table : catalogue.list_above(table);
            add_places(table, outer == nullptr ? scalars_ : columns_[outer->path]);
        }
    }

    std::expected<IniConfiguration, RefusedConfiguration> read(std::string_view text) {
        const IniDocument document = read_ini_document(text, origin_, faults_);
        for (const ConfigFault& fault : faults_) {
            broken_tables_.insert(folded(fault.path));
        }
        read_scalars(document);
        for (const bool inner : {false, true}) {
            for (const IniTable& table : document.tables) {
                read_table(table, inner);
            }
        }
        for (auto& [path, rows] : lists_) {
            put_list(*catalogue_.table(path), rows);
        }
        if (!aside_.empty()) {
            root_ = with_node(root_, config_path("kept_aside"), sequence_node(std::move(aside_)));
        }
        name_references();
        if (!faults_.empty()) {
            return std::unexpected(RefusedConfiguration{std::move(faults_), std::move(notes_)});
        }
        return IniConfiguration{std::move(root_), std::move(notes_)};
    }

private:
    void note(int line, int column, const std::string& text) {
        notes_.push_back(fmt::format("{}:{}:{}: {}", origin_, line, column, text));
    }

    void refuse(const IniValue& value, const std::string& path, const std::string& allowed) {
        faults_.push_back(
            {origin_, value.line, value.column, path, in_quotes(value.text), allowed, ""});
    }

    void keep_aside(std::vector<std::pair<std::string, std::string>> columns, int line,
                    int column) {
        std::vector<ConfigNode::Entry> entries;
        for (auto& [key, text] : columns) {
            entries.push_back(
                {std::move(key), line, column, scalar_node(std::move(text), line, column)});
        }
        aside_.push_back(map_node(std::move(entries), line, column));
    }

    void keep_scalar_aside(const IniScalar& scalar) {
        const IniValue& value = scalar.value;
        keep_aside({{"column", scalar.name},
                    {"value", value.is_quoted ? in_ini_quotes(value.text, '\'') : value.text}},
                   value.line, 1);
    }

    void read_scalars(const IniDocument& document) {
        for (const IniScalar& scalar : document.scalars) {
            const auto place = scalars_.find(folded(scalar.name));
            const IniValue& value = scalar.value;
            if (place == scalars_.end()) {
                note(value.line, 1,
                     fmt::format("{} is not known here; it is kept aside", scalar.name));
                keep_scalar_aside(scalar);
                continue;
            }
            const Parameter& parameter = *place->second.parameter;
            const ConfigPath path = config_path(place->second.table->path + "." + parameter.name);
            IniValue given = value;
            given.is_quoted = given.is_quoted || given.text.empty();  // it is there, if empty
            auto read = read_ini_value(parameter, std::span(&given, 1));
            if (!read.refused.empty() && parameter.type == ValueType::secret) {
                note(value.line, value.column,
                     scalar.name + " is hidden; allowed: " + read.refused);
                keep_scalar_aside(scalar);
            } else if (!read.refused.empty()) {
                refuse(value, scalar.name, read.refused);
            } else if (read.node) {
                root_ = with_node(root_, path, std::move(read.node));
            }
        }
    }

    const Table* list_named(std::string_view name) const {
        const auto found = std::ranges::find_if(catalogue_.tables(), [&](const Table& table) {
            return table.is_list && same_ini_name(table.ini, name);
        });
        return found == catalogue_.tables().end() ? nullptr : &*found;
    }

    /// Lists inside the rows of others come second, when those rows are known.
    void read_table(const IniTable& table, bool inner) {
        const Table* known = list_named(table.name);
        if (known == nullptr) {
            if (!inner) {
                keep_table_aside(table);
            }
            return;
        }
        const Table* outer = catalogue_.list_above(*known);
        if ((outer != nullptr) != inner) {
            return;
        }
        const std::vector<const Place*> places = places_of(table, *known);
        for (const IniRow& row : table.rows) {
            Row* target =
                inner ? inner_row(table, row, *known, *outer) : &lists_[known->path][row.index];
            if (target != nullptr) {
                target->line = row.line;
                target->column = row.column;
                read_row(table, row, *known, places, *target);
            }
        }
    }

    void keep_table_aside(const IniTable& table) {
        note(table.line, table.column,
             fmt::format("table {} is not known here; it is kept aside", table.name));
        std::string format;
        for (const std::string& column : table.columns) {
            format += (format.empty() ? "" : ", ") + column;
        }
        keep_aside({{"table", table.name}, {"value", format}}, table.line, table.column);
        for (const IniRow& row : table.rows) {
            keep_aside({{"table", table.name},
                        {"table_row", fmt::format("{}", row.index)},
                        {"value", row.text}},
                       row.line, row.column);
        }
    }

    bool is_number_of_row(const Table& table, std::string_view column) const {
        const auto is = [&](const std::string& name) {
            return !name.empty() && same_ini_name(column, name.substr(name.find('_') + 1));
        };
        return is(table.ini_parent) || is(table.ini_position);
    }

    /// One a column; nullptr for those that are not known, which is noted, and for row numbers.
    std::vector<const Place*> places_of(const IniTable& table, const Table& known) {
        const Places& columns = columns_.at(known.path);
        std::vector<const Place*> places;
        for (const std::string& column : table.columns) {
            const auto place = columns.find(folded(column));
            places.push_back(place == columns.end() ? nullptr : &place->second);
            if (place == columns.end() && !is_number_of_row(known, column)) {
                note(table.line, table.column,
                     fmt::format("column {} of {} is not known here; it is kept aside", column,
                                 table.name));
                refuse_misspelt(table, known, column);
            }
        }
        return places;
    }

    /// A column that has to be there, is not, and has almost the name of this one.
    void refuse_misspelt(const IniTable& table, const Table& known, const std::string& column) {
        std::vector<std::string> missing;
        for (const Parameter& parameter : known.parameters) {
            for (const std::string& name :
                 parameter.required ? ini_names(parameter) : std::vector<std::string>{}) {
                if (std::ranges::none_of(table.columns, [&](const std::string& given) {
                        return same_ini_name(given, name);
                    })) {
                    missing.push_back(name);
                }
            }
        }
        const std::string advice = FaultCollector("").nearest(column, missing);
        if (!advice.empty()) {
            faults_.push_back({origin_, table.line, table.column, table.name,
                               "column " + in_quotes(column), "", advice});
        }
    }

    static std::optional<std::size_t> number_in(const IniTable& table, const IniRow& row,
                                                std::string_view column) {
        column.remove_prefix(column.find('_') + 1);
        for (std::size_t at = 0; at < table.columns.size(); ++at) {
            if (!same_ini_name(table.columns[at], column)) {
                continue;
            }
            const std::string& text = row.values[at].text;
            std::size_t number = 0;
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), number);
            return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                            : std::nullopt;
        }
        return std::nullopt;
    }

    /// The rows of a list that is in no other, in the configuration that the file adds to.
    const NumberedRows& rows_of_base(const Table& list) {
        const auto [rows, is_new] = base_rows_.try_emplace(list.path);
        if (is_new && base_) {
            rows->second = numbered_rows(node_at(base_, config_path(list.path)));
        }
        return rows->second;
    }

    Row* inner_row(const IniTable& table, const IniRow& row, const Table& known,
                   const Table& outer) {
        const auto parent = number_in(table, row, known.ini_parent);
        Rows& above = lists_[outer.path];
        if (parent && rows_of_base(outer).contains(*parent) && !above.contains(*parent)) {
            above[*parent] = {*parent, row.line, row.column, {}, {}, {}};
        }
        const auto found = parent ? above.find(*parent) : above.end();
        if (found == above.end()) {
            if (broken_tables_.contains(folded(outer.ini))) {
                return nullptr;  // the row may be one that could not be read, as was told
            }
            faults_.push_back({origin_, row.line, row.column, table.name,
                               parent ? fmt::format("row {} of {}", *parent, outer.ini)
                                      : "no " + known.ini_parent,
                               fmt::format("the number of a row of [ {} ]", outer.ini), ""});
            return nullptr;
        }
        Rows& rows = found->second.lists[std::string(known.name())];
        const auto position = number_in(table, row, known.ini_position);
        return &rows[position.value_or(rows.empty() ? 0 : rows.rbegin()->first + 1)];
    }

    void read_row(const IniTable& table, const IniRow& row, const Table& known,
                  const std::vector<const Place*>& places, Row& target) {
        target.number = row.index;
        std::map<const Parameter*, std::vector<IniValue>> values;
        std::map<const Parameter*, std::vector<std::size_t>> others;  // columns of its other names
        for (std::size_t at = 0; at < places.size(); ++at) {
            const Place* place = places[at];
            const IniValue& value = row.values[at];
            if (place == nullptr) {
                if (!value.text.empty() && !is_number_of_row(known, table.columns[at])) {
                    keep_column_aside(table, row, at);
                }
                continue;
            }
            auto& parts = values[place->parameter];
            parts.resize(std::max(parts.size(), ini_names(*place->parameter).size()));
            if (place->is_other_name) {
                others[place->parameter].push_back(at);
            } else {
                parts[place->part] = value;
            }
        }
        for (const auto& [parameter, columns] : others) {
            take_other_names(table, row, *parameter, columns, values[parameter].front());
        }
        for (const Table& part : catalogue_.tables()) {
            if (&part != &known && (part.is_list || catalogue_.list_above(part) != &known)) {
                continue;
            }
            for (const Parameter& parameter : part.parameters) {
                const auto given = values.find(&parameter);
                if (given != values.end()) {
                    take(table, row, known, part, parameter, given->second, target);
                }
            }
        }
        add_missing_key(known, row, target);
    }

    /// Of several columns for one parameter its own counts, or else the first that has a value.
    void take_other_names(const IniTable& table, const IniRow& row, const Parameter& parameter,
                          const std::vector<std::size_t>& columns, IniValue& counts) {
        std::string of = ini_names(parameter).front();
        for (const std::size_t at : columns) {
            const IniValue& value = row.values[at];
            if (counts.text.empty()) {
                counts = value;
                of = table.columns[at];
            } else if (!value.text.empty() && value.text != counts.text) {
                note(value.line, value.column,
                     fmt::format("{} of {} {} is another than {}, which acts; it is kept aside",
                                 table.columns[at], table.name, row.index, of));
                keep_column_aside(table, row, at);
            }
        }
    }

    void take(const IniTable& table, const IniRow& row, const Table& known, const Table& part,
              const Parameter& parameter, const std::vector<IniValue>& values, Row& target) {
        const IniReading read = read_ini_value(parameter, values);
        const IniValue& first = values.front();
        if (!read.refused.empty() && parameter.type == ValueType::secret) {
            note(first.line, first.column, parameter.ini + " is hidden; allowed: " + read.refused);
            keep_aside({{"table", table.name},
                        {"table_row", fmt::format("{}", row.index)},
                        {"column", ini_names(parameter).front()},
                        {"value", in_ini_quotes(first.text, '"')}},
                       first.line, first.column);
        } else if (!read.refused.empty()) {
            refuse(first, fmt::format("{} {}: {}", table.name, row.index, parameter.ini),
                   read.refused);
        } else if (read.node) {
            auto& entries =
                &part == &known ? target.entries : target.groups[std::string(part.name())];
            entries.push_back({parameter.name, first.line, first.column, read.node});
        }
    }

    void keep_column_aside(const IniTable& table, const IniRow& row, std::size_t at) {
        const IniValue& value = row.values[at];
        keep_aside({{"table", table.name},
                    {"table_row", fmt::format("{}", row.index)},
                    {"column", table.columns[at]},
                    {"value", value.is_quoted ? in_ini_quotes(value.text, '"') : value.text}},
                   value.line, value.column);
    }

    /// Older files have no names where rows need one now. What is there already has its name.
    void add_missing_key(const Table& known, const IniRow& row, Row& target) {
        const Parameter* key = known.key.empty() ? nullptr : known.parameter(known.key);
        if (key == nullptr || key->type != ValueType::text ||
            rows_of_base(known).contains(row.index) ||
            std::ranges::find(target.entries, known.key, &ConfigNode::Entry::key) !=
                target.entries.end()) {
            return;
        }
        target.entries.insert(
            target.entries.begin(),
            {known.key, row.line, row.column,
             scalar_node(fmt::format("{}_{}", known.ini, row.index), row.line, row.column)});
    }

    static ConfigNodePtr list_of(Rows& rows) {
        std::vector<ConfigNodePtr> items;
        std::size_t next = 0;
        for (auto& [number, row] : rows) {
            std::vector<ConfigNode::Entry> entries = std::move(row.entries);
            if (number != next) {
                entries.insert(entries.begin(),
                               {std::string(row_key), row.line, row.column,
                                scalar_node(fmt::format("{}", number), row.line, row.column)});
            }
            next = number + 1;
            for (auto& [name, group] : row.groups) {
                entries.push_back(
                    {name, row.line, row.column, map_node(std::move(group), row.line, row.column)});
            }
            for (auto& [name, inner] : row.lists) {
                entries.push_back({name, row.line, row.column, list_of(inner)});
            }
            items.push_back(map_node(std::move(entries), row.line, row.column));
        }
        const int line = items.empty() ? 0 : items.front()->line;
        return sequence_node(std::move(items), line, 1);
    }

    void put_list(const Table& table, Rows& rows) {
        if (!rows.empty()) {
            root_ = with_node(root_, config_path(table.path), list_of(rows));
        }
    }

    /// Older files refer to rows by their numbers.
    void name_references() {
        for (const Table& table : catalogue_.tables()) {
            const ConfigNodePtr list =
                table.is_list ? node_at(root_, config_path(table.path)) : nullptr;
            if (!list || catalogue_.list_above(table) != nullptr) {
                continue;
            }
            std::vector<ConfigNodePtr> items = list->items;
            bool is_changed = false;
            for (ConfigNodePtr& item : items) {
                for (const Parameter& parameter : table.parameters) {
                    if (const ConfigNodePtr named = named_reference(parameter, *item)) {
                        item = with_node(item, ConfigPath{parameter.name}, named);
                        is_changed = true;
                    }
                }
            }
            if (is_changed) {
                root_ = with_node(root_, config_path(table.path),
                                  sequence_node(std::move(items), list->line, list->column));
            }
        }
    }

    /// The row's name in place of its number; nullptr: it is a name, or none of a row.
    ConfigNodePtr named_reference(const Parameter& parameter, const ConfigNode& row) {
        const ConfigNode* given =
            parameter.type == ValueType::reference ? row.find(parameter.name) : nullptr;
        if (given == nullptr || given->kind != ConfigNode::Kind::scalar) {
            return nullptr;
        }
        const Table* target = catalogue_.table(parameter.reference);
        if (target->parameter(target->key)->type != ValueType::text) {
            return nullptr;
        }
        const auto [known, is_new] = targets_.try_emplace(target->path);
        if (is_new) {
            add_names(*target, rows_of_base(*target), known->second);
            add_names(*target, numbered_rows(node_at(root_, config_path(target->path))),
                      known->second);
        }
        const auto numbered = known->second.by_number.find(given->text);
        if (known->second.names.contains(given->text) ||
            numbered == known->second.by_number.end()) {
            return nullptr;
        }
        return scalar_node(numbered->second, given->line, given->column);
    }

    struct Target {
        std::set<std::string> names;
        std::unordered_map<std::string, std::string> by_number;
    };

    static void add_names(const Table& table, const NumberedRows& rows, Target& to) {
        for (const auto& [number, row] : rows) {
            if (const ConfigNode* name = row->find(table.key)) {
                to.names.insert(name->text);
                to.by_number[fmt::format("{}", number)] = name->text;
            }
        }
    }

    const std::string& origin_;
    const Catalogue& catalogue_;
    const ConfigNodePtr& base_;                      ///< nullptr: the file is all there is
    std::map<std::string, NumberedRows> base_rows_;  ///< by the path of their list
    Places scalars_;
    std::map<std::string, Places> columns_;  ///< by the path of their list
    std::map<std::string, Rows> lists_;      ///< by path
    ConfigNodePtr root_ = map_node({}, 1, 1);
    std::vector<ConfigNodePtr> aside_;
    std::map<std::string, Target> targets_;
    ConfigFaults faults_;
    std::set<std::string> broken_tables_;  ///< that could not be read in whole, folded()
    std::vector<std::string> notes_;
};

}  // namespace

std::expected<IniConfiguration, RefusedConfiguration> read_ini(std::string_view text,
                                                               const std::string& origin,
                                                               const Catalogue& catalogue,
                                                               const ConfigNodePtr& base) {
    return Reader(origin, catalogue, base).read(text);
}

bool is_ini(std::string_view path, std::string_view text) {
    if (path.size() > 4 && same_ini_name(path.substr(path.size() - 4), ".ini")) {
        return true;
    }
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != text.npos && (text[first] == ';' || text[first] == '[');
}

}  // namespace trunkline::mgmt
