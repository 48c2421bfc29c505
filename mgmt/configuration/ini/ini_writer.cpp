#include "mgmt/configuration/ini/ini_writer.h"

#include "mgmt/configuration/port_devices.h"
#include "mgmt/configuration/rows.h"
#include "mgmt/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view line_end = "\r\n";

/// A column of a table: a part of a parameter, or what was kept aside.
struct Column {
    std::string name;
    const Table* table = nullptr;  ///< nullptr: kept aside
    const Parameter* parameter = nullptr;
    std::size_t part = 0;
    bool is_other_name = false;  ///< of Parameter::ini_also: written for its place alone
};

std::string without_table(std::string_view name) {
    return std::string(name.substr(name.find('_') + 1));
}

class Writer {
public:
    Writer(ConfigNodePtr root, const Catalogue& catalogue, IniSecret secret)
        : root_(std::move(root)), catalogue_(catalogue), secret_(secret) {
        sort_kept_aside();
    }

    std::string write(const std::vector<std::string>& header) {
        for (const std::string& text : header) {
            line(";" + text);
        }
        write_scalars();
        for (const Table& table : catalogue_.tables()) {
            if (table.is_list && table.path != aside_path) {
                write_table(table);
            }
        }
        for (const auto& [name, table] : unknown_tables_) {
            begin_table(name, table.format);
            for (const auto& [row, text] : table.rows) {
                line(fmt::format("{} {} = {};", name, row, text));
            }
            end_table(name);
        }
        return std::move(out_);
    }

private:
    static constexpr std::string_view aside_path = "kept_aside";

    struct UnknownTable {
        std::string format;
        std::vector<std::pair<std::string, std::string>> rows;
    };

    void line(std::string_view text) {
        out_ += text;
        out_ += line_end;
    }

    /// kept_aside by what it is: scalars, columns of known tables, whole tables.
    void sort_kept_aside() {
        const ConfigNodePtr list = node_at(root_, config_path(aside_path));
        if (!list) {
            return;
        }
        const auto text = [](const ConfigNode& row, std::string_view key) {
            const ConfigNode* node = row.find(key);
            return node == nullptr ? std::string() : node->text;
        };
        for (const ConfigNodePtr& row : list->items) {
            const std::string table = text(*row, "table"), column = text(*row, "column");
            const std::string number = text(*row, "table_row"), value = text(*row, "value");
            if (table.empty()) {
                unknown_scalars_.emplace_back(column, value);
            } else if (!column.empty()) {
                auto& columns = unknown_columns_[table];
                if (std::ranges::find(columns.names, column) == columns.names.end()) {
                    columns.names.push_back(column);
                }
                columns.values[{number, column}] = value;
            } else if (number.empty()) {
                unknown_tables_[table].format = value;
            } else {
                unknown_tables_[table].rows.emplace_back(number, value);
            }
        }
    }

    /// A parser forgets a section that comes a second time.
    void write_scalars() {
        std::vector<std::pair<std::string, std::string>> sections;
        for (const Table& table : catalogue_.tables()) {
            const ConfigNodePtr node = node_at(root_, config_path(table.path));
            if (table.is_list || !node || catalogue_.list_above(table) != nullptr) {
                continue;
            }
            for (const Parameter& parameter : table.parameters) {
                const ConfigNode* given = node->find(parameter.name);
                if (given == nullptr) {
                    continue;
                }
                const std::string heading =
                    table.ini.empty() ? "SYSTEM Params" : std::string(table.ini);
                auto section = std::ranges::find(sections, heading,
                                                 [](const auto& known) { return known.first; });
                if (section == sections.end()) {
                    section = sections.insert(sections.end(), {heading, ""});
                }
                section->second += fmt::format("{}{}", scalar(parameter, *given), line_end);
            }
        }
        for (const auto& [heading, lines] : sections) {
            line("");
            line("[" + heading + "]");
            out_ += lines;
        }
        if (!unknown_scalars_.empty()) {
            line("");
            line("[Kept aside]");
            for (const auto& [name, value] : unknown_scalars_) {
                line(fmt::format("{} = {}", name, value));
            }
        }
    }

    /// Texts stand in single quotes outside tables.
    std::string scalar(const Parameter& parameter, const ConfigNode& node) const {
        const std::string text = write_ini_value(parameter, &node, secret_).front();
        if (parameter.list && parameter.type == ValueType::enumeration) {
            std::string words;
            for (const ConfigNodePtr& item : node.items) {
                words += (words.empty() ? "" : ", ") + in_ini_quotes(item->text, '\'');
            }
            return fmt::format("{} = {}", parameter.ini, words);
        }
        return fmt::format("{} = {}", parameter.ini,
                           text.starts_with('"') ? in_ini_quotes(undo_quotes(text), '\'') : text);
    }

    static std::string undo_quotes(std::string_view text) {
        std::string inner;
        for (std::size_t at = 1; at + 1 < text.size(); ++at) {
            inner += text[at];
            at += text[at] == '"' ? 1U : 0U;
        }
        return inner;
    }

    void begin_table(const std::string& name, const std::string& format) {
        line("");
        line(fmt::format("[ {} ]", name));
        line("");
        line(fmt::format("FORMAT Index = {};", format));
    }
    void end_table(const std::string& name) {
        line("");
        line(fmt::format("[ \\{} ]", name));
    }

    std::vector<Column> columns_of(const Table& table) const {
        std::vector<Column> columns;
        for (const Table& part : catalogue_.tables()) {
            if (&part != &table && (part.is_list || catalogue_.list_above(part) != &table)) {
                continue;
            }
            for (const Parameter& parameter : part.parameters) {
                const auto names = ini_names(parameter);
                for (std::size_t at = 0; at < names.size(); ++at) {
                    columns.push_back({names[at], &part, &parameter, at, false});
                }
                for (const std::string& other : parameter.ini_also) {
                    if (has_place(table, without_table(other))) {
                        columns.push_back({without_table(other), &part, &parameter, 0, true});
                    }
                }
            }
        }
        sort_columns(table, columns);
        const auto unknown = unknown_columns_.find(table.ini);
        if (unknown != unknown_columns_.end()) {
            for (const std::string& name : unknown->second.names) {
                if (std::ranges::find(columns, name, &Column::name) == columns.end()) {
                    columns.push_back({name, nullptr, nullptr, 0, false});
                }
            }
        }
        return columns;
    }

    static void sort_columns(const Table& table, std::vector<Column>& columns) {
        const auto place = [&](const Column& column) {
            return std::ranges::find(table.ini_order, column.name) - table.ini_order.begin();
        };
        std::ranges::stable_sort(columns, {}, place);
    }

    static bool has_place(const Table& table, const std::string& column) {
        return std::ranges::find(table.ini_order, column) != table.ini_order.end();
    }

    using HeadAndRow = std::pair<std::string, ConfigNodePtr>;

    static const ConfigNode* given(const Column& column, const Table& table,
                                   const ConfigNode& row) {
        if (column.parameter == nullptr || column.is_other_name) {
            return nullptr;
        }
        const ConfigNode* map = column.table == &table ? &row : row.find(column.table->name());
        return map == nullptr ? nullptr : map->find(column.parameter->name);
    }

    /// What the appliance family does not have, or no longer, stands there only where a row has it.
    static void leave_out_unusual(const Table& table, const std::vector<HeadAndRow>& rows,
                                  std::vector<Column>& columns) {
        if (table.is_own) {
            return;
        }
        std::erase_if(columns, [&](const Column& column) {
            return !is_usual(table, column) &&
                   std::ranges::none_of(rows, [&](const HeadAndRow& row) {
                       return given(column, table, *row.second) != nullptr;
                   });
        });
    }

    static bool is_usual(const Table& table, const Column& column) {
        if (column.parameter == nullptr) {
            return true;
        }
        return (table.ini_order.empty() || has_place(table, column.name)) &&
               !column.table->is_own && !column.parameter->is_own;
    }

    /// Rows of a list within a list are numbered through; two columns tell where each belongs.
    void write_table(const Table& table) {
        const Table* outer = catalogue_.list_above(table);
        std::vector<HeadAndRow> rows;  // what comes first, and the row
        if (outer == nullptr) {
            collect_rows(node_at(root_, config_path(table.path)), "", rows);
        } else if (const ConfigNodePtr above = node_at(root_, config_path(outer->path))) {
            const auto numbers = row_numbers(*above);
            for (std::size_t at = 0; at < numbers.size(); ++at) {
                collect_rows(above->items[at]->find_shared(table.name()),
                             fmt::format("\"{}\", ", numbers[at]), rows);
            }
        }
        if (rows.empty()) {
            return;
        }
        std::vector<Column> columns = columns_of(table);
        leave_out_unusual(table, rows, columns);
        std::string format = outer == nullptr
                                 ? ""
                                 : fmt::format("{}, {}, ", without_table(table.ini_parent),
                                               without_table(table.ini_position));
        for (const Column& column : columns) {
            format += column.name + (&column == &columns.back() ? "" : ", ");
        }
        begin_table(table.ini, format);
        std::size_t through = 0;
        std::size_t next = 0;
        for (const auto& [head, row] : rows) {
            const std::size_t number =
                outer != nullptr ? through++ : row_number(*row).value_or(next);
            next = number + 1;
            write_row(table, number, head, *row, columns);
        }
        end_table(table.ini);
    }

    static void collect_rows(const ConfigNodePtr& list, const std::string& parent,
                             std::vector<HeadAndRow>& rows) {
        if (!list) {
            return;
        }
        const auto numbers = row_numbers(*list);
        for (std::size_t at = 0; at < numbers.size(); ++at) {
            rows.emplace_back(parent.empty() ? "" : fmt::format("{}{}, ", parent, numbers[at]),
                              list->items[at]);
        }
    }

    void write_row(const Table& table, std::size_t number, const std::string& head,
                   const ConfigNode& row, const std::vector<Column>& columns) {
        std::string text = fmt::format("{} {} = {}", table.ini, number, head);
        for (const Column& column : columns) {
            const ConfigNode* value = given(column, table, row);
            const std::string aside =
                value == nullptr ? aside_value(table.ini, number, column.name) : "";
            if (column.parameter == nullptr || !aside.empty()) {
                text += aside;
            } else {
                text += write_ini_value(*column.parameter, value, secret_)[column.part];
            }
            text += &column == &columns.back() ? ";" : ", ";
        }
        line(text);
    }

    std::string aside_value(const std::string& table, std::size_t row,
                            const std::string& column) const {
        const auto known = unknown_columns_.find(table);
        if (known == unknown_columns_.end()) {
            return "";
        }
        const auto found = known->second.values.find({fmt::format("{}", row), column});
        return found == known->second.values.end() ? "" : found->second;
    }

    struct UnknownColumns {
        std::vector<std::string> names;
        std::map<std::pair<std::string, std::string>, std::string> values;  ///< by row and name
    };

    const ConfigNodePtr root_;
    const Catalogue& catalogue_;
    const IniSecret secret_;
    std::string out_;
    std::vector<std::pair<std::string, std::string>> unknown_scalars_;
    std::map<std::string, UnknownColumns> unknown_columns_;
    std::map<std::string, UnknownTable> unknown_tables_;
};

}  // namespace

std::string secret_in_clear(const ConfigNode& secret) {
    if (secret.kind != ConfigNode::Kind::map || secret.entries.empty()) {
        return secret.text;
    }
    const ConfigNode::Entry& source = secret.entries.front();
    return fmt::format("{{{}: {}}}", source.key, source.value->text);
}

std::vector<std::string> ini_header(const ConfigNodePtr& root) {
    const auto text_at = [&](const char* path) {
        const ConfigNodePtr node = node_at(root, config_path(path));
        return node ? node->text : std::string();
    };
    const std::string address = text_at("ip_network.ip_interfaces[0].address");
    std::vector<std::string> lines{"**************", "** Ini File **", "**************"};
    if (const std::string model = text_at("appliance.model"); !model.empty()) {
        lines.push_back("Board: " + model);
    }
    lines.push_back(fmt::format("Software Version: {}", version));
    if (!address.empty()) {
        lines.push_back("Board IP Address: " + address.substr(0, address.find('/')));
    }
    return lines;
}

std::string write_ini(const ConfigNodePtr& root, const Catalogue& catalogue,
                      const std::vector<std::string>& header, IniSecret secret) {
    return Writer(without_placeholders(root), catalogue, secret).write(header);
}

}  // namespace trunkline::mgmt
