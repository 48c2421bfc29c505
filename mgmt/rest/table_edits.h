// From what a client puts to a table of the configuration to the edits that make it so: REST has
// whole rows and lists, the configuration is changed by edits.
#pragma once

#include "mgmt/catalogue/catalogue.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// A list with "row" in every row, where the configuration has it at gaps alone.
nlohmann::json with_row_numbers(nlohmann::json rows, const Catalogue& catalogue,
                                const Table& table);

/// The same for the lists inside one row.
void number_inner_rows(nlohmann::json& row, const Catalogue& catalogue, const Table& table);
/// The number after the last one of a list.
std::size_t next_row(const nlohmann::json& rows);

/// What the client gave is wrong: where in its body (a JSON pointer, RFC 6901), and what.
struct BodyFault {
    std::string pointer, message;
};
using TableEdits = std::expected<nlohmann::json, BodyFault>;  ///< an array of edits

/// `rows` are the numbers that lead to the row of `table`, or to the settings (none). `now` is what
/// stands there (an object, or null). With `is_whole` parameters and inner lists that `body` does
/// not have are left out; otherwise they stay, and null leaves one out.
TableEdits row_edits(const Catalogue& catalogue, const Table& table, std::vector<std::size_t> rows,
                     const nlohmann::json& body, const nlohmann::json& now, bool is_whole);
/// The whole list below the row `rows`: rows that `body` does not have go.
TableEdits list_edits(const Catalogue& catalogue, const Table& table,
                      const std::vector<std::size_t>& rows, const nlohmann::json& body,
                      const nlohmann::json& now);

/// The tables inside the rows of `table`.
std::vector<const Table*> inner_tables(const Catalogue& catalogue, const Table& table);

}  // namespace trunkline::mgmt
