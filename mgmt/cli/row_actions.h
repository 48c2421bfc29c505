// What can be done to the thing that a row of the configuration stands for, in the row's mode.
#pragma once

#include "mgmt/cli/command.h"
#include "mgmt/cli/configurator.h"

#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// "register-now" and "unregister-now" in rows of accounts and of trunk group settings.
std::vector<CliChoice> row_actions(const Configurator& mode);
bool is_row_action(std::string_view word);
/// `mode` is a row that has this action.
bool act_on_row(const CliCall& call, const Configurator& mode, std::string_view action);

}  // namespace trunkline::mgmt
