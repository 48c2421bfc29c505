// `trunkline firmware ...`: the commands about the image's firmware, as their user sees them. For
// root on a box that was booted from the image.
#pragma once

#include "mgmt/command_line.h"
#include "mgmt/firmware/slots.h"

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace trunkline::mgmt {

/// How many registrations there are; nothing: the appliance does not answer.
using CountRegistered = std::function<std::optional<std::size_t>()>;

/// Puts the firmware of a file ("-": standard input) into the other slot, and notes how many
/// registrations stand, for it to be measured by. Exit code 1 with the reason.
int firmware_install(const std::string& file, const FirmwarePaths& paths,
                     const CountRegistered& standing, std::ostream& out, std::ostream& errors);

/// Which slot runs, which is booted next, and the version of the firmware in each.
int firmware_show(const FirmwarePaths& paths, std::ostream& out, std::ostream& errors);

/// Exit code 0 when the running firmware is on trial, 1 when it is not.
int firmware_on_trial(const FirmwarePaths& paths);

/// When to look again, and when to give up: the clock is handed in.
struct FirmwareTrial {
    std::chrono::seconds patience{600};
    std::function<std::chrono::steady_clock::time_point()> now;
    std::function<void()> wait;  ///< between two looks
};

/// What a trial asks of the appliance.
struct TrialledAppliance {
    /// Registrations that a registrar granted since it started; those that it knows from before
    /// say nothing of this firmware.
    CountRegistered granted;
    std::function<void()> register_all;
};

/// Waits until the appliance is found good: it answers, and, if its firmware is on trial, as many
/// registrations are granted to it, which it is told to ask for, as stood when that was installed.
/// Then the running slot is committed. Exit code 1 when the patience ends first.
int firmware_commit(const FirmwarePaths& paths, const TrialledAppliance& appliance,
                    const FirmwareTrial& trial, std::ostream& out, std::ostream& errors);

/// At the next start the box forgets configuration, keys and logs.
int firmware_factory_reset(const FirmwarePaths& paths, std::ostream& out, std::ostream& errors);

/// The command of that line, on this machine.
int run_firmware_command(const CommandLine& command_line, std::ostream& out, std::ostream& errors);

}  // namespace trunkline::mgmt
