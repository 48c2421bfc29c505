// The command line of the one binary (CLI11): what was asked for, and the commands that need no
// appliance of their own.
#pragma once

#include <string>
#include <vector>

namespace trunkline::mgmt {

struct CommandLine {
    enum class Command {
        none,
        run,
        check,
        convert,
        schema,
        show_registration,
        show_proxy_sets,
        show_not_in_effect,
        show_counters,
        register_now,
        unregister,
        apply,
        cli,
        model_list,
        model_show
    };
    Command command = Command::none;
    std::string config;                 ///< run, check, apply, convert
    std::string target_file;            ///< convert
    bool diff = false;                  ///< check: tell what would change
    std::string against;                ///< of that: another file; empty = what the appliance runs
    std::string socket;                 ///< of the appliance; empty = the default path
    bool json = false, watch = false;   ///< show
    bool trace = false;                 ///< show registration
    std::string name;                   ///< show registration: one row; empty = all
    std::string target;                 ///< register, unregister: "all", "trunk group 1"...
    std::vector<std::string> commands;  ///< cli: -c
    std::string model;                  ///< model show
    /// Set when nothing is left to do (--help, --version, wrong usage): leave with `exit_code`.
    bool done = false;
    int exit_code = 0;  ///< 0, or 2 for wrong usage
};

CommandLine parse_command_line(int argc, char** argv);

/// Exit code of every command but `run`.
int run_command(const CommandLine& command_line);

}  // namespace trunkline::mgmt
