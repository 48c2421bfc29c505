// How the value of a parameter stands on the command line: names with hyphens, texts in quotes,
// members of a list one after the other.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/mode_tree.h"
#include "mgmt/cli/words.h"
#include "mgmt/configuration/node.h"

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// What stands for a secret, without quotes: the caller decides what may be shown to whom.
using CliSecret = std::function<std::string(const ConfigNode& secret)>;

/// "homing", "\"ITSP\"", "media control".
std::string to_cli(const Parameter& parameter, const ConfigNode& value, const CliSecret& secret);

/// The same of what a word of a mode gives, which may be a part of the value; "" for a part that is
/// not there.
std::string word_value(const CliParameter& word, const ConfigNode& value, const CliSecret& secret);

/// What `words` behind the name of `parameter` say; the validator judges it later. The error says
/// what is allowed there.
std::expected<ConfigNodePtr, std::string> from_cli(const Parameter& parameter,
                                                   std::span<const CliWord> words);

/// Names that may stand there, for completion; none where anything may.
std::vector<std::string> cli_choices(const Parameter& parameter);

}  // namespace trunkline::mgmt
