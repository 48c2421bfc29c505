#include "mgmt/rest/table_edits.h"

#include "mgmt/configuration/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

namespace {

constexpr const char* row_key = "row";

/// `now`'s rows by their numbers.
std::map<std::size_t, json> by_number(const json& list) {
    std::map<std::size_t, json> rows;
    std::size_t next = 0;
    for (const json& row : list.is_array() ? list : json::array()) {
        const std::size_t number = row.value(row_key, next);
        rows.emplace(number, row);
        next = number + 1;
    }
    return rows;
}

void append(json& to, json from) {
    for (json& edit : from) {
        to.push_back(std::move(edit));
    }
}

std::string joined(const std::string& pointer, const std::string& part) {
    std::string escaped;
    for (const char c : part) {
        escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return pointer + "/" + escaped;
}

std::string shown(const json& value) {
    return in_quotes(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

bool is_secret(const json& value) {
    return value.is_string() ||
           (value.is_object() && value.size() == 1 &&
            (value.contains("file") || value.contains("env") || value.contains("set")));
}

/// Whether `value` has the type of JSON that the parameter's schema names. What it says is for the
/// configuration to be judged.
bool has_type_of(const Parameter& parameter, const json& value) {
    switch (parameter.type) {
        case ValueType::boolean:
            return value.is_boolean();
        case ValueType::integer:
            return value.is_number_integer();
        case ValueType::secret:
            return is_secret(value);
        case ValueType::range:
        case ValueType::enumeration:
        case ValueType::text:
        case ValueType::ip:
        case ValueType::prefix:
        case ValueType::mac:
        case ValueType::host_port:
        case ValueType::reference:
            return value.is_string();
    }
    std::abort();
}

std::optional<BodyFault> wrong_type(const Parameter& parameter, const json& value,
                                    const std::string& pointer) {
    const auto fault = [&](const json& found, const std::string& at, const std::string& allowed) {
        const std::string what =
            parameter.type == ValueType::secret ? "another type of JSON" : shown(found);
        return BodyFault{at,
                         fmt::format("{}: found {}; allowed: {}", parameter.name, what, allowed)};
    };
    const std::string allowed =
        (parameter.type == ValueType::boolean || parameter.type == ValueType::integer)
            ? parameter.allowed()
            : "a JSON string: " + parameter.allowed();
    if (!parameter.list) {
        return has_type_of(parameter, value) ? std::nullopt
                                             : std::optional(fault(value, pointer, allowed));
    }
    if (!value.is_array()) {
        return fault(value, pointer, "a JSON array, of each member " + allowed);
    }
    for (std::size_t at = 0; at < value.size(); ++at) {
        if (!has_type_of(parameter, value[at])) {
            return fault(value[at], joined(pointer, fmt::format("{}", at)), allowed);
        }
    }
    return std::nullopt;
}

TableEdits edits_of_list(const Catalogue& catalogue, const Table& table,
                         const std::vector<std::size_t>& rows, const json& body, const json& now,
                         const std::string& pointer);

TableEdits edits_of_row(const Catalogue& catalogue, const Table& table,
                        const std::vector<std::size_t>& rows, const json& body, const json& now,
                        bool is_whole, const std::string& pointer) {
    if (!body.is_object()) {
        return std::unexpected(BodyFault{pointer, "an object with parameters is wanted here"});
    }
    json set = json::object(), left_out = json::array();
    for (const Parameter& parameter : table.parameters) {
        const auto given = body.find(parameter.name);
        if (given != body.end() && !given->is_null()) {
            if (auto fault = wrong_type(parameter, *given, joined(pointer, parameter.name))) {
                return std::unexpected(*std::move(fault));
            }
            set[parameter.name] = *given;
        } else if ((is_whole || given != body.end()) && now.is_object() &&
                   now.contains(parameter.name)) {
            left_out.push_back(parameter.name);
        }
    }
    json edits = json::array({{{"table", table.path},
                               {"rows", rows},
                               {"set", std::move(set)},
                               {"left_out", std::move(left_out)},
                               {"removes_row", false}}});
    const auto inner_ones = inner_tables(catalogue, table);
    for (const Table* const inner_table : inner_ones) {
        const std::string name(inner_table->name());
        const auto given = body.find(name);
        if (given == body.end() && !is_whole) {
            continue;
        }
        const json empty = inner_table->is_list ? json::array() : json::object();
        const json& wanted = given == body.end() || given->is_null() ? empty : *given;
        const json there = now.is_object() ? now.value(name, json()) : json();
        auto inner = inner_table->is_list ? edits_of_list(catalogue, *inner_table, rows, wanted,
                                                          there, joined(pointer, name))
                                          : edits_of_row(catalogue, *inner_table, rows, wanted,
                                                         there, is_whole, joined(pointer, name));
        if (!inner) {
            return inner;
        }
        append(edits, *std::move(inner));
    }
    for (const auto& [key, unused] : body.items()) {
        const bool is_inner = std::ranges::any_of(
            inner_ones, [&](const Table* inner_table) { return inner_table->name() == key; });
        if (key != row_key && !is_inner && table.parameter(key) == nullptr) {
            return std::unexpected(BodyFault{
                joined(pointer, key), fmt::format("{} has no parameter '{}'", table.path, key)});
        }
    }
    return edits;
}

TableEdits edits_of_list(const Catalogue& catalogue, const Table& table,
                         const std::vector<std::size_t>& rows, const json& body, const json& now,
                         const std::string& pointer) {
    if (!body.is_array()) {
        return std::unexpected(BodyFault{pointer, "a list of rows is wanted here"});
    }
    auto gone = by_number(now);
    const auto before = gone;
    json edits = json::array(), written = json::array();
    std::size_t next = 0;
    for (std::size_t at = 0; at < body.size(); ++at) {
        const std::string here = joined(pointer, fmt::format("{}", at));
        const json number = body[at].is_object() ? body[at].value(row_key, json(next)) : json(next);
        if (!number.is_number_unsigned() || number.get<std::size_t>() < next ||
            number.get<std::size_t>() >= table.most_rows) {
            return std::unexpected(BodyFault{
                joined(here, row_key),
                fmt::format("{}: found {}; allowed: a number of {}..{}, above that of the row "
                            "before",
                            row_key, shown(number), next, table.most_rows - 1)});
        }
        auto inside = rows;
        inside.push_back(number.get<std::size_t>());
        next = inside.back() + 1;
        const auto old = before.find(inside.back());
        auto row = edits_of_row(catalogue, table, inside, body[at],
                                old == before.end() ? json() : old->second, true, here);
        if (!row) {
            return row;
        }
        gone.erase(inside.back());
        append(written, *std::move(row));
    }
    for (const auto& [number, unused] : gone) {
        auto inside = rows;
        inside.push_back(number);
        edits.push_back({{"table", table.path}, {"rows", inside}, {"removes_row", true}});
    }
    append(edits, std::move(written));
    return edits;
}

}  // namespace

std::vector<const Table*> inner_tables(const Catalogue& catalogue, const Table& table) {
    std::vector<const Table*> inner;
    for (const Table& candidate : catalogue.tables()) {
        if (table.is_list && catalogue.list_above(candidate) == &table) {
            inner.push_back(&candidate);
        }
    }
    return inner;
}

json with_row_numbers(json rows, const Catalogue& catalogue, const Table& table) {
    std::size_t next = 0;
    for (json& row : rows) {
        next = row.value(row_key, next);
        row[row_key] = next++;
        number_inner_rows(row, catalogue, table);
    }
    return rows;
}

void number_inner_rows(json& row, const Catalogue& catalogue, const Table& table) {
    for (const Table* const inner : inner_tables(catalogue, table)) {
        const auto found = row.find(std::string(inner->name()));
        if (inner->is_list && found != row.end()) {
            *found = with_row_numbers(std::move(*found), catalogue, *inner);
        }
    }
}

std::size_t next_row(const json& rows) {
    const auto numbered = by_number(rows);
    return numbered.empty() ? 0 : numbered.rbegin()->first + 1;
}

TableEdits row_edits(const Catalogue& catalogue, const Table& table, std::vector<std::size_t> rows,
                     const json& body, const json& now, bool is_whole) {
    return edits_of_row(catalogue, table, rows, body, now, is_whole, "");
}

TableEdits list_edits(const Catalogue& catalogue, const Table& table,
                      const std::vector<std::size_t>& rows, const json& body, const json& now) {
    return edits_of_list(catalogue, table, rows, body, now, "");
}

}  // namespace trunkline::mgmt
