// The command line of the one binary (CLI11): what was asked for, and the commands that need no
// appliance of their own.
#pragma once

#include "mgmt/configuration/port_devices.h"

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
        model_show,
        board_probe,
        board_bind,
        board_memory,
        sign_in_names,
        sign_in_check,
        sign_in_closed,
        firmware_show,
        firmware_install,
        firmware_commit,
        firmware_on_trial,
        firmware_factory_reset
    };
    Command command = Command::none;
    std::string config;                ///< run, check, apply, convert, board, sign-in
    std::string target_file;           ///< convert
    std::vector<std::string> ports;    ///< run, check, convert: "GE_1=eth0", as read_port_devices()
    bool diff = false;                 ///< check: tell what would change
    std::string against;               ///< of that: another file; empty = what the appliance runs
    std::string socket;                ///< of the appliance; empty = the default path
    bool json = false, watch = false;  ///< show
    bool trace = false;                ///< show registration
    std::string name;                  ///< show registration: one row; empty = all
    std::string target;                ///< register, unregister: "all", "trunk group 1"...
    std::vector<std::string> commands;  ///< cli: -c
    std::string model;                  ///< model show
    std::string firmware;               ///< firmware install: a file
    /// Set when nothing is left to do (--help, --version, wrong usage): leave with `exit_code`.
    bool done = false;
    int exit_code = 0;  ///< 0, or 2 for wrong usage
};

CommandLine parse_command_line(int argc, char** argv);
/// What --port says.
PortDevices devices_of(const CommandLine& command_line);

/// Exit code of every command but `run`.
int run_command(const CommandLine& command_line);

}  // namespace trunkline::mgmt
