#include "mgmt/command_line.h"

#include "board/model.h"
#include "mgmt/appliance_request.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/cli/shell.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/configuration/convert.h"
#include "mgmt/configuration/summary.h"
#include "mgmt/operator_client.h"
#include "mgmt/schema.h"
#include "mgmt/show_client.h"
#include "mgmt/version.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <iostream>

namespace trunkline::mgmt {

namespace {

constexpr int wrong_usage = 2;

int check(const std::string& path) {
    const auto config = load_config_file(path);
    if (!config) {
        for (const ConfigFault& fault : config.error()) {
            std::cerr << fault.to_string() << '\n';
        }
        std::cerr << fmt::format("{}: {} fault{}, nothing would be applied\n", path,
                                 config.error().size(), config.error().size() == 1 ? "" : "s");
        return 1;
    }
    std::cout << config_summary(*config);
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
    std::cout << fmt::format("{}: {}, {}\n\nports\n", model->name, model->title, model->chassis);
    for (const board::ModelPort& port : model->ports) {
        std::cout << fmt::format("  {:<8} {} Mbit/s\n", port.label,
                                 fmt::join(port.speeds_mbps, ", "));
    }
    std::cout << fmt::format(
        "\ncapacity\n  {} signaling sessions, {} media sessions, {} SRTP sessions, {} registered "
        "users\n",
        model->capacity.signaling_sessions, model->capacity.media_sessions,
        model->capacity.srtp_sessions, model->capacity.registered_users);
    if (!model->sensors.empty()) {
        std::cout << "\nsensors\n";
    }
    for (const board::ModelSensor& sensor : model->sensors) {
        std::cout << fmt::format("  {:<20} minor {} {unit}, major {} {unit}, critical {} {unit}\n",
                                 sensor.name, sensor.minor, sensor.major, sensor.critical,
                                 fmt::arg("unit", sensor.unit));
    }
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
        add(app_, "run", "boot the appliance in the foreground", run)
            ->add_option("CONFIG", result_.config, "configuration file (YAML or ini)")
            ->required();
        CLI::App* checks =
            add(app_, "check", "check a configuration and say what would be applied", check);
        checks->add_option("CONFIG", result_.config, "configuration file (YAML or ini)")
            ->required();
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
        add(*model, "show", "ports, capacity and sensors of a model", model_show)
            ->add_option("NAME", result_.model, "name of the model")
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

int run_command(const CommandLine& command_line) {
    using enum CommandLine::Command;
    switch (command_line.command) {
        case check:
            return command_line.diff ? show_difference(command_line, std::cout, std::cerr)
                                     : mgmt::check(command_line.config);
        case convert:
            return convert_configuration(command_line.config, command_line.target_file, std::cerr);
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
        case none:
        case run:
            break;
    }
    return wrong_usage;
}

}  // namespace trunkline::mgmt
