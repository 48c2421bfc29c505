// `trunkline convert`: the same configuration in another format.
#pragma once

#include <ostream>
#include <string>

namespace trunkline::mgmt {

/// Reads and judges `from`, then writes `to`: ini where its name ends so, YAML otherwise; secrets
/// as they stand in `from`. Faults and notes go to `messages`. Returns the exit code; with 1
/// nothing was written.
int convert_configuration(const std::string& from, const std::string& to, std::ostream& messages);

}  // namespace trunkline::mgmt
