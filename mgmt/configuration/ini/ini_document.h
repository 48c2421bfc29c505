// An ini file of the appliance family as it is written: scalars, and tables whose FORMAT line names
// the columns of their rows. What names and values mean is not known here. Both dialects are read:
// columns with the table's name before them (7.0) and without it (7.4).
#pragma once

#include "mgmt/configuration/fault.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

struct IniValue {
    std::string text;  ///< without its quotes
    bool is_quoted = false;
    int line = 0, column = 0;  ///< from 1, column in bytes

    /// Nothing at all between two commas, or $$: the column's default.
    bool is_left_out() const { return !is_quoted && (text.empty() || text == "$$"); }
};

/// NAME = value.
struct IniScalar {
    std::string name;  ///< as written; names are the same in upper and lower case
    IniValue value;
};

struct IniRow {
    std::size_t index = 0;
    std::vector<IniValue> values;  ///< as many as the table has columns
    int line = 0, column = 0;
    std::string text;  ///< all that stands after '=', without the ';'
};

/// [ Name ] ... [ \Name ]
struct IniTable {
    std::string name;
    std::vector<std::string> columns;  ///< without the table's name before them
    std::vector<IniRow> rows;
    int line = 0, column = 0;
};

struct IniDocument {
    std::vector<IniScalar> scalars;
    std::vector<IniTable> tables;
};

/// Largest text that is read, in bytes.
inline constexpr std::size_t largest_ini_text = 32U << 20;

/// Reads `text`; lines end with CR LF or LF, ';' begins a comment. What cannot be read is appended
/// to `faults` with `origin` as its file, and the rest is read all the same.
IniDocument read_ini_document(std::string_view text, const std::string& origin,
                              ConfigFaults& faults);

/// Names of ini files are the same in upper and lower case.
bool same_ini_name(std::string_view left, std::string_view right);

}  // namespace trunkline::mgmt
