// How the value of one parameter stands in an ini file: numbers for names, a column for each part.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/ini/ini_document.h"
#include "mgmt/configuration/node.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// What the reading of one value came to.
struct IniReading {
    ConfigNodePtr node;  ///< nullptr: the parameter is not given
    /// Why the value cannot be taken, for people; empty: it was.
    std::string refused;
};

/// `values` are those of ini_names(parameter), in order; all from one file. Ranges and texts are
/// not judged here: the validator judges the tree that comes of it.
IniReading read_ini_value(const Parameter& parameter, std::span<const IniValue> values);

/// How a secret is written; the caller decides what may be shown to whom.
using IniSecret = std::string (*)(const ConfigNode& secret);

/// As read_ini_value() reads it, with the quotes that a table's row needs: one text a name.
/// `node` == nullptr: the default, or what stands for "not given".
std::vector<std::string> write_ini_value(const Parameter& parameter, const ConfigNode* node,
                                         IniSecret secret);

/// `text` in `quote`s; a quote within stands there twice.
std::string in_ini_quotes(std::string_view text, char quote);

}  // namespace trunkline::mgmt
