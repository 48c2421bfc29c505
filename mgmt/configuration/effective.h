// What of a configuration acts before a reset: ports, addresses, listening sockets and certificates
// are bound at power-on, all else follows the configuration. The `reset` marks of the catalogue
// decide.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

namespace trunkline::mgmt {

/// `configured` with what acts after a reset alone as `booted` has it: marked parameters, and which
/// rows there are of tables with marked parameters. Both are canonical(), and so is the result. It
/// is not judged: what was configured may refer to a row that is not there before the reset.
ConfigNodePtr effective_configuration(const ConfigNodePtr& configured, const ConfigNodePtr& booted,
                                      const Catalogue& catalogue);

/// Whether rows of `table` come and go with a reset alone.
bool has_bound_rows(const Table& table);

}  // namespace trunkline::mgmt
