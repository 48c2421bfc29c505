// A configuration as a script of the command line: `show running-config`, CLI script files. One
// that is loaded acts as a whole or not at all.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/value_words.h"
#include "mgmt/configuration/edit.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// `root` is canonical(). `area` is "voip", "network"... or "" for all of it.
std::string write_script(const ConfigNodePtr& root, const Catalogue& catalogue,
                         std::string_view area, const CliSecret& secret);

/// The edits that a script makes, in its order; all that is wrong with it is told, with its lines.
/// Lines that show something or save are left out: whoever runs the script does that.
std::expected<std::vector<ConfigEdit>, ConfigFaults> read_script(std::string_view text,
                                                                 const std::string& origin,
                                                                 const Catalogue& catalogue);

}  // namespace trunkline::mgmt
