// Writes a configuration as an ini file of the appliance family, in the shape of its version 7.4:
// what is not a default, tables with a FORMAT line, CR LF.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/ini/ini_columns.h"
#include "mgmt/configuration/node.h"

#include <string>
#include <vector>

namespace trunkline::mgmt {

/// Secrets as they stand in YAML: in clear, or where they are.
std::string secret_in_clear(const ConfigNode& secret);

/// The head that devices write: what the file is of, a line each.
std::vector<std::string> ini_header(const ConfigNodePtr& root);

/// `root` is canonical() and was judged. `header` lines stand at the top, as comments.
std::string write_ini(const ConfigNodePtr& root, const Catalogue& catalogue,
                      const std::vector<std::string>& header, IniSecret secret);

}  // namespace trunkline::mgmt
