// Runs a script of the command line for somebody who sent it as a file: what its lines configure is
// gathered and applied at once, so that a wrong line leaves nothing done in part. A line that acts
// otherwise (write, reload, register) has what stands before it applied first.
#pragma once

#include "mgmt/catalogue/catalogue.h"

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
    nlohmann::json refusal;  ///< of the control thread, where it was that
};

/// Output beyond this is left out, and that it was is told.
inline constexpr std::size_t most_script_output = std::size_t{4} << 20;

/// `ask` as CommandTable answers. Blocks for as long as that takes.
ScriptResult run_script(std::string_view script, const Catalogue& catalogue,
                        const std::function<nlohmann::json(const nlohmann::json&)>& ask);

}  // namespace trunkline::mgmt
