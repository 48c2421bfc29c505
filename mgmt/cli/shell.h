// `trunkline cli`: the command line over the appliance's local socket, at a terminal or for a
// script; the login shell of SSH users too.
#pragma once

#include <string>
#include <vector>

namespace trunkline::mgmt {

struct CliShellOptions {
    std::string socket;                 ///< administration.local_socket of the appliance
    std::vector<std::string> commands;  ///< -c; none: lines come from the standard input
};

/// The exit code: 0, or 1 when a command of a script failed or the appliance is lost. A script ends
/// with its first command that fails. Ignores SIGPIPE of the process; at a terminal SIGINT ends the
/// command that runs, and nothing else.
int run_cli(const CliShellOptions& options);

/// Whether the binary was called by this name as a login shell ("-trunkline-cli", or by sshd for
/// a single command "trunkline-cli -c COMMAND").
bool is_login_shell(const char* called_as);

}  // namespace trunkline::mgmt
