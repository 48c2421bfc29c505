// What is right in a configuration and still does less than its reader may expect.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/config_file.h"

#include <string>
#include <vector>

namespace trunkline::mgmt {

/// A line each, for people: what was told when it was read, then "proxy-set 9: ..." in the words
/// that it was written in; of the latter at most 100, then how many more there are.
std::vector<std::string> config_notes(const LoadedConfiguration& loaded,
                                      const Catalogue& catalogue);

}  // namespace trunkline::mgmt
