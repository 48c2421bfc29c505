// Writes a configuration as YAML that read_yaml() reads back as the same tree.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

#include <string>

namespace trunkline::mgmt {

/// A key a line; values of a list in brackets. Texts that another reader of YAML would take for a
/// number, a truth value or nothing stand in quotes where the catalogue has a text.
std::string write_yaml(const ConfigNode& root, const Catalogue& catalogue);

}  // namespace trunkline::mgmt
