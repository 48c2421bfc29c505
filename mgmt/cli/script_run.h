// Runs a script of the command line for somebody who sent it as a file: what its lines configure is
// gathered and applied at once, so that a wrong line leaves nothing done in part. A line that acts
// otherwise (write, reload, register) has what stands before it applied first. A row that the
// script leaves open at its end is applied, too.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/copy.h"
#include "mgmt/cli/output.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

struct ScriptResult {
    bool is_done = false;
    std::string output;      ///< of all lines that ran
    std::size_t line = 0;    ///< that failed, from 1; 0: none did, or it is not known which
    std::size_t acts = 0;    ///< lines from the first that were applied before that; 0: none
    nlohmann::json refusal;  ///< of the control thread, where it was that
};

/// Of one that failed: "nothing of it acts", "its lines 1 to 12 act, the others do not".
std::string what_acts(const ScriptResult& result);
/// Whether a request of a session leaves everything as it is.
bool only_looks(std::string_view command);

/// Output beyond this is left out, and that it was is told.
inline constexpr std::size_t most_script_output = std::size_t{4} << 20;

/// `ask` as CommandTable answers. Blocks for as long as that takes.
ScriptResult run_script(std::string_view script, const Catalogue& catalogue,
                        const std::function<nlohmann::json(const nlohmann::json&)>& ask);

/// Where the lines of a script write; ScriptResult::output stays empty.
struct ScriptOutputs {
    CliOutput& output;
    CliOutput& errors;
};
/// The same for somebody who runs a file of his own, and whose files `copy` may bring and fetch.
ScriptResult run_script(std::string_view script, const Catalogue& catalogue,
                        const std::function<nlohmann::json(const nlohmann::json&)>& ask,
                        const ScriptOutputs& outputs, CliTransfer transfer);

}  // namespace trunkline::mgmt
