// A value that is given in parts, as ini files have a column for each of them and the command line
// a word: an address and its prefix length, the ends of a range, the members of a short list.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

#include <cstddef>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// Of what is configured as `value` (nullptr: nothing is). There are at least `count`; "" for one
/// that is not there.
std::vector<std::string> value_parts(const Parameter& parameter, const ConfigNode* value,
                                     std::size_t count);

/// The value that has these parts, at `line` and `column`; nullptr: there is none. What is missing
/// of it is for the value to be judged.
ConfigNodePtr joined_value(const Parameter& parameter, const std::vector<std::string>& parts,
                           int line, int column);

/// Whether `text` is a whole value rather than the first part of one: "192.0.2.10/24", "1-30".
bool is_whole_value(const Parameter& parameter, const std::string& text);

}  // namespace trunkline::mgmt
