#include "mgmt/command_line.h"

#include "board/model.h"
#include "mgmt/access/sign_in_command.h"
#include "mgmt/appliance_request.h"
#include "mgmt/board_commands.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/shell.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/configuration/convert.h"
#include "mgmt/configuration/notes.h"
#include "mgmt/configuration/summary.h"
#include "mgmt/firmware/firmware_commands.h"
#include "mgmt/model_view.h"
#include "mgmt/operator_client.h"
#include "mgmt/schema.h"
#include "mgmt/show_client.h"
#include "mgmt/version.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <iostream>

namespace trunkline::mgmt {

namespace {

constexpr int wrong_usage = 2;
constexpr const char* sysfs = "/sys";

void print_faults(const ConfigFaults& faults) {
    for (const ConfigFault& fault : faults) {
        std::cerr << fault.to_string() << '\n';
    }
}

/// What `command` makes of the configuration at `path`, or 1 with its faults.
int with_configuration(const std::string& path,
                       const std::function<int(const ApplianceConfig&)>& command) {
    const auto config = load_config_file(path);
    if (!config) {
        print_faults(config.error());
        return 1;
    }
    return command(*config);
}

int check(const std::string& path, const PortDevices& devices) {
    const Catalogue catalogue = built_in_catalogue();
    const auto loaded = load_configuration(path, catalogue, devices);
    if (!loaded) {
        const auto& [faults, notes] = loaded.error();
        print_faults(faults);
        for (const std::string& note : notes) {
            std::cerr << note << '\n';
        }
        std::cerr << fmt::format("{}: {} fault{}, nothing would be applied\n", path, faults.size(),
                                 faults.size() == 1 ? "" : "s");
        return 1;
    }
    std::cout << config_summary(loaded->config, config_notes(*loaded, catalogue));
    return 0;
}

int list_models() {
    for (const std::string& name : board::model_names()) {
        const auto model = board::load_model(name);
        std::cout << fmt::format("{:<16} {}\n", name, model ? model->title : "");
    }
    return 0;
}

int show_model(const std::string& name) {
    const auto model = board::load_model(name);
    if (!model) {
        std::cerr << model.error().message << '\n';
        return 1;
    }
    std::cout << model_text(*model);
    return 0;
}

/// CLI11's tree of commands, each of which notes itself in a CommandLine.
class Commands {
public:
    explicit Commands(CommandLine& result) : result_(result) {
        app_.name("trunkline");
        app_.require_subcommand(1);
        app_.set_version_flag("--version", std::string("trunkline ") + version);
        app_.failure_message(CLI::FailureMessage::simple);
        add_configuration_commands();
        add_show_commands();
        add_operator_commands();
        add_model_commands();
        add_board_commands();
        add_sign_in_commands();
        add_firmware_commands();
    }

    CLI::App& app() { return app_; }

private:
    CLI::App* add(CLI::App& parent, const char* name, const char* help,
                  CommandLine::Command command) {
        CLI::App* added = parent.add_subcommand(name, help);
        added->callback([this, command] { result_.command = command; });
        return added;
    }

    void add_configuration_commands() {
        using enum CommandLine::Command;
        CLI::App* runs = add(app_, "run", "boot the appliance in the foreground", run);
        add_config(*runs);
        add_ports(*runs);
        CLI::App* checks =
            add(app_, "check", "check a configuration and say what would be applied", check);
        add_config(*checks);
        add_ports(*checks);
        CLI::Option* diff = checks->add_flag("--diff", result_.diff,
                                             "say what it would change of what the appliance runs");
        checks
            ->add_option("--against", result_.against,
                         "with --diff: of this file, without asking the appliance")
            ->needs(diff);
        add_socket(*checks);
        CLI::App* convert_command =
            add(app_, "convert", "write a configuration in the other format, ini or YAML", convert);
        convert_command->add_option("IN", result_.config, "configuration file (YAML or ini)")
            ->required();
        convert_command
            ->add_option("OUT", result_.target_file,
                         "file to write: .ini, or YAML with any other end")
            ->required();
        add_ports(*convert_command);
        add(app_, "schema", "print the JSON Schema of configuration files", schema);
    }

    void add_show_commands() {
        using enum CommandLine::Command;
        CLI::App* show = app_.add_subcommand("show", "ask the running appliance");
        show->require_subcommand(1);
        CLI::App* registration =
            add(*show, "registration", "the registrations and how they are", show_registration);
        registration->add_flag(
            "--watch", result_.watch,
            "go on until Ctrl-C: redrawn on a terminal, changes alone otherwise");
        registration->add_option("NAME", result_.name, "one registration by its name");
        registration->add_flag("--trace", result_.trace,
                               "its last flows, message by message, with the digest explained");
        CLI::App* proxy_sets = add(
            *show, "proxy-sets", "the servers of the proxy sets and how they are", show_proxy_sets);
        CLI::App* not_in_effect =
            add(*show, "not-in-effect", "parameters that are set and do not act yet",
                show_not_in_effect);
        CLI::App* counters =
            add(*show, "counters", "ports, packet counters and graph nodes", show_counters);
        for (CLI::App* command : {registration, proxy_sets, not_in_effect, counters}) {
            command->add_flag("--json", result_.json, "print JSON");
            add_socket(*command);
        }
    }

    void add_socket(CLI::App& command) {
        command.add_option("--socket", result_.socket,
                           "local socket of the appliance (administration.local_socket)");
    }

    void add_operator_commands() {
        using enum CommandLine::Command;
        constexpr const char* targets = "all, device, trunk-group N, or the NAME of a registration";
        CLI::App* registers = add(app_, "register", "register now", register_now);
        CLI::App* unregisters = add(
            app_, "unregister", "remove registrations until they are registered again", unregister);
        for (CLI::App* command : {registers, unregisters}) {
            command->add_option("TARGET", words_, targets)
                ->required()
                ->each([this](const std::string& word) {
                    result_.target += (result_.target.empty() ? "" : " ") + word;
                });
            add_socket(*command);
        }
        CLI::App* applies = add(
            app_, "apply", "make another configuration the running one, without a restart", apply);
        applies->add_option("CONFIG", result_.config, "configuration file (YAML or ini)")
            ->required();
        add_socket(*applies);
        CLI::App* cli_command = add(app_, "cli", "the command line of the running appliance", cli);
        cli_command->add_option("-c", result_.commands, "run this command, and others given so")
            ->allow_extra_args(false);
        add_socket(*cli_command);
    }

    void add_model_commands() {
        using enum CommandLine::Command;
        CLI::App* model = app_.add_subcommand("model", "the hardware models");
        model->require_subcommand(1);
        add(*model, "list", "names of the models", model_list);
        add(*model, "show", "modules, ports, fans, capacity and sensors of a model", model_show)
            ->add_option("NAME", result_.model, "name of the model")
            ->required();
    }

    void add_board_commands() {
        using enum CommandLine::Command;
        CLI::App* board = app_.add_subcommand("board", "the machine's NICs");
        board->require_subcommand(1);
        add(*board, "probe", "the NICs on PCI, their drivers, and what a port binds them to",
            board_probe);
        add_config(
            *add(*board, "bind", "hand the NICs of a configuration's ports to DPDK", board_bind));
        add_config(*add(*board, "memory", "MiB of packet memory that a configuration asks for",
                        board_memory));
    }

    void add_sign_in_commands() {
        using enum CommandLine::Command;
        CLI::App* sign_in = app_.add_subcommand(
            "sign-in", "the users of a configuration, for the machine's own sign-in (PAM)");
        sign_in->require_subcommand(1);
        add_config(*add(*sign_in, "names", "their names, a line each", sign_in_names));
        add_config(*add(*sign_in, "check",
                        "whether standard input is the password of the user $PAM_USER",
                        sign_in_check));
        add_config(*add(*sign_in, "closed",
                        "addresses that do not carry OAMP, where nobody signs in, a line each",
                        sign_in_closed));
    }

    void add_firmware_commands() {
        using enum CommandLine::Command;
        CLI::App* firmware =
            app_.add_subcommand("firmware", "the two firmwares of a box booted from the image");
        firmware->require_subcommand(1);
        add(*firmware, "show", "which slot runs, which the next start boots, and what is in them",
            firmware_show);
        add(*firmware, "install", "put a firmware into the other slot, to be tried once",
            firmware_install)
            ->add_option("FILE", result_.firmware, "signed firmware file; - is standard input")
            ->required();
        add(*firmware, "commit", "keep the running one, once it is found good", firmware_commit);
        add(*firmware, "on-trial", "exit code 0 while the running one is on trial",
            firmware_on_trial);
        add(*firmware, "factory-reset", "forget configuration, keys and logs at the next start",
            firmware_factory_reset);
    }

    void add_ports(CLI::App& command) {
        command
            .add_option("--port", result_.ports,
                        "the device of a port: GE_1=eth0, GE_1=2 (the second NIC) or "
                        "GE_1=0000:00:04.0; once a port")
            ->allow_extra_args(false)
            ->check([](const std::string& port) {
                const auto devices = read_port_devices(std::span(&port, 1));
                return devices ? "" : devices.error();
            });
    }

    void add_config(CLI::App& command) {
        command.add_option("CONFIG", result_.config, "configuration file (YAML or ini)")
            ->required();
    }

    CommandLine& result_;
    std::vector<std::string> words_;  ///< of a target
    CLI::App app_{"Trunkline, a session border controller that boots from one YAML file"};
};

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
    CommandLine result;
    Commands commands(result);
    if (argc < 2 && !is_login_shell(argv[0])) {
        std::cerr << commands.app().help();
        result.done = true;
        result.exit_code = wrong_usage;
        return result;
    }
    // sshd and login(1) call a user's shell so: "-trunkline-cli", or "trunkline-cli -c COMMAND".
    std::vector<const char*> words(argv, argv + argc);
    if (is_login_shell(argv[0])) {
        words[0] = "trunkline";
        words.insert(words.begin() + 1, "cli");
    }
    try {
        commands.app().parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::ParseError& error) {
        result.done = true;
        // --help and --version come this way too, with 0.
        result.exit_code = commands.app().exit(error, std::cout, std::cerr) == 0 ? 0 : wrong_usage;
    }
    return result;
}

PortDevices devices_of(const CommandLine& command_line) {
    return read_port_devices(command_line.ports).value_or(PortDevices{});  // they were checked
}

int run_command(const CommandLine& command_line) {
    using enum CommandLine::Command;
    switch (command_line.command) {
        case check:
            return command_line.diff ? show_difference(command_line, std::cout, std::cerr)
                                     : mgmt::check(command_line.config, devices_of(command_line));
        case convert:
            return convert_configuration(command_line.config, command_line.target_file, std::cerr,
                                         devices_of(command_line));
        case schema:
            std::cout << config_schema(built_in_catalogue()).dump(2) << '\n';
            return 0;
        case show_registration:
            return mgmt::show_registration(command_line, std::cout, std::cerr,
                                           ::isatty(STDOUT_FILENO) == 1);
        case show_proxy_sets:
            return mgmt::show_proxy_sets(command_line, std::cout, std::cerr,
                                         ::isatty(STDOUT_FILENO) == 1);
        case show_not_in_effect:
            return mgmt::show_not_in_effect(command_line, std::cout, std::cerr);
        case show_counters:
            return mgmt::show_counters(command_line, std::cout, std::cerr);
        case register_now:
            return act(command_line, "register", std::cout, std::cerr);
        case unregister:
            return act(command_line, "unregister", std::cout, std::cerr);
        case apply:
            return mgmt::apply(command_line, std::cout, std::cerr);
        case cli:
            return run_cli({local_socket_of(command_line), command_line.commands});
        case model_list:
            return list_models();
        case model_show:
            return show_model(command_line.model);
        case board_probe:
            return probe_board(sysfs, std::cout, std::cerr);
        case board_bind:
            return with_configuration(command_line.config, [](const ApplianceConfig& config) {
                return bind_ports(config.board, sysfs, std::cout, std::cerr);
            });
        case board_memory:
            return with_configuration(command_line.config, [](const ApplianceConfig& config) {
                std::cout << config.board.memory_megabytes << '\n';
                return 0;
            });
        case sign_in_names:
            return with_configuration(command_line.config, [](const ApplianceConfig& config) {
                return print_sign_in_names(config.administration, std::cout, std::cerr);
            });
        case sign_in_closed:
            return with_configuration(command_line.config, [](const ApplianceConfig& config) {
                return print_closed_addresses(config.network, std::cout);
            });
        case sign_in_check:
            return with_configuration(command_line.config, [](const ApplianceConfig& config) {
                const char* user = std::getenv("PAM_USER");
                return check_sign_in(config.administration, user == nullptr ? "" : user, std::cin);
            });
        case firmware_show:
        case firmware_install:
        case firmware_commit:
        case firmware_on_trial:
        case firmware_factory_reset:
            return run_firmware_command(command_line, std::cout, std::cerr);
        case none:
        case run:
            break;
    }
    return wrong_usage;
}

}  // namespace trunkline::mgmt
