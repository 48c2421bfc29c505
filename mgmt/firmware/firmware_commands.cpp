#include "mgmt/firmware/firmware_commands.h"

#include "mgmt/appliance_request.h"
#include "mgmt/file_writer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <thread>

namespace trunkline::mgmt {

namespace {

constexpr std::chrono::seconds between_looks{1};

int fail(std::ostream& errors, const board::Error& error) {
    errors << error.message << '\n';
    return 1;
}

/// What an installation noted; 0 where there was none.
std::size_t registered_before(const FirmwarePaths& paths) {
    std::size_t count = 0;
    std::ifstream(paths.registered_before) >> count;
    return count;
}

bool stands(const nlohmann::json& row) {
    return row.value("registered", false);
}

/// Stands by an answer to this start of the appliance.
bool is_granted(const nlohmann::json& row) {
    return stands(row) && row.value("last_status", 0) / 100 == 2;
}

std::optional<std::size_t> count_rows(const CommandLine& command_line,
                                      bool (*counts)(const nlohmann::json& row)) {
    const auto reply = request_appliance(command_line, {{"command", "show registration"}});
    if (!reply || !reply->contains("registrations")) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(std::ranges::count_if((*reply)["registrations"], counts));
}

}  // namespace

int firmware_install(const std::string& file, const FirmwarePaths& paths,
                     const CountRegistered& standing, std::ostream& out, std::ostream& errors) {
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened) {
            return fail(errors, {fmt::format("{}: cannot be read", file)});
        }
    }
    const auto registered = standing();
    const auto installed =
        install_firmware(file == "-" ? std::cin : opened, registered.value_or(0), paths);
    if (!installed) {
        return fail(errors, {fmt::format("{}: {}", file == "-" ? "standard input" : file,
                                         installed.error().message)});
    }
    out << fmt::format(
        "firmware {} is installed and tried at the next start; kept when {}\n", installed->version,
        registered ? fmt::format("{} registrations are granted to it, as stand now", *registered)
                   : "it answers, whatever is registered: the appliance does not answer "
                     "now, so nobody knows how many registrations to ask for");
    return 0;
}

int firmware_show(const FirmwarePaths& paths, std::ostream& out, std::ostream& errors) {
    const auto state = slot_state(paths);
    if (!state) {
        return fail(errors, state.error());
    }
    out << fmt::format("running slot {}{}, next start slot {}\n", state->running,
                       state->on_trial() ? " (on trial)" : "", state->next);
    for (const char* const slot : {"a", "b"}) {
        const auto version = slot_version(paths, slot);
        out << fmt::format("slot {}: {}\n", slot,
                           version ? "firmware " + *version : "no firmware that says its version");
    }
    return 0;
}

int firmware_on_trial(const FirmwarePaths& paths) {
    const auto state = slot_state(paths);
    return state && state->on_trial() ? 0 : 1;
}

int firmware_commit(const FirmwarePaths& paths, const TrialledAppliance& appliance,
                    const FirmwareTrial& trial, std::ostream& out, std::ostream& errors) {
    const auto state = slot_state(paths);
    if (!state) {
        return fail(errors, state.error());
    }
    const std::size_t wanted = state->on_trial() ? registered_before(paths) : 0;
    const auto give_up = trial.now() + trial.patience;
    std::optional<std::size_t> granted;
    bool asked = false;
    while (!(granted = appliance.granted()) || *granted < wanted) {
        if (granted && !asked) {
            appliance.register_all();
            asked = true;
        }
        if (trial.now() >= give_up) {
            return fail(errors,
                        {granted ? fmt::format("{} registrations are granted, {} stood before",
                                               *granted, wanted)
                                 : "the appliance does not answer"});
        }
        trial.wait();
    }
    if (const auto committed = commit_firmware(paths); !committed) {
        return fail(errors, committed.error());
    }
    out << fmt::format("slot {} is good: {}\n", state->running,
                       state->on_trial() ? fmt::format("{} registrations are granted", *granted)
                                         : "the appliance answers");
    return 0;
}

int firmware_factory_reset(const FirmwarePaths& paths, std::ostream& out, std::ostream& errors) {
    if (const auto state = slot_state(paths); !state) {
        return fail(errors, state.error());
    }
    if (const auto marked = write_file(paths.factory_reset, ""); !marked) {
        return fail(errors, marked.error());
    }
    out << "the next start forgets configuration, keys and logs\n";
    return 0;
}

int run_firmware_command(const CommandLine& command_line, std::ostream& out, std::ostream& errors) {
    using enum CommandLine::Command;
    const FirmwarePaths paths;
    switch (command_line.command) {
        case firmware_install:
            return mgmt::firmware_install(
                command_line.firmware, paths, [&] { return count_rows(command_line, stands); }, out,
                errors);
        case firmware_on_trial:
            return mgmt::firmware_on_trial(paths);
        case firmware_commit: {
            FirmwareTrial trial;
            trial.now = [] { return std::chrono::steady_clock::now(); };
            trial.wait = [] { std::this_thread::sleep_for(between_looks); };
            const TrialledAppliance appliance{
                [&] { return count_rows(command_line, is_granted); },
                [&] {
                    request_appliance(command_line, {{"command", "register"}, {"target", "all"}});
                }};
            return mgmt::firmware_commit(paths, appliance, trial, out, errors);
        }
        case firmware_factory_reset:
            return mgmt::firmware_factory_reset(paths, out, errors);
        default:
            return mgmt::firmware_show(paths, out, errors);
    }
}

}  // namespace trunkline::mgmt
