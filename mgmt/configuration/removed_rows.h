// Faults of references to rows that a change takes away or names anew: they are told of the row
// that was changed, as whoever changed it did not touch what refers to it.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"

namespace trunkline::mgmt {

/// `faults` are those of `changed`, with the numbers of rows in their paths; `running` was right.
/// Of all references to one row the first is named, and the others are counted.
ConfigFaults told_of_removed_rows(ConfigFaults faults, const ConfigNodePtr& running,
                                  const ConfigNodePtr& changed, const Catalogue& catalogue,
                                  ConfigWords words);

}  // namespace trunkline::mgmt
