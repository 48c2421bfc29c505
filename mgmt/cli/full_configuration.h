// A configuration with the defaults written out, for `show running-config full`.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

namespace trunkline::mgmt {

/// `root` with every parameter that has a fixed default and a meaning where it stands: all
/// settings, and the rows that there are. What says the same as `root` when it is read.
ConfigNodePtr full_configuration(const ConfigNodePtr& root, const Catalogue& catalogue);

}  // namespace trunkline::mgmt
