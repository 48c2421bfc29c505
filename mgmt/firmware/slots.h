// The two slots of the appliance's disk: which one runs, and putting another firmware into the
// other.
#pragma once

#include "board/error.h"
#include "mgmt/firmware/firmware_file.h"

#include <istream>
#include <optional>
#include <string>

namespace trunkline::mgmt {

/// Where the image has what this works with; files of a test stand in for them.
struct FirmwarePaths {
    std::string environment = "/boot/efi/grub/grubenv";
    std::string slots = "/dev/disk/by-partlabel/trunkline-";  ///< and "a" or "b"
    std::string kernel_command_line = "/proc/cmdline";
    std::string public_key = "/usr/share/trunkline/firmware.pem";
    std::string registered_before = "/data/firmware/registered-before";
    std::string factory_reset = "/data/factory-reset";
};

struct SlotState {
    std::string running;  ///< "a" or "b"
    std::string active;   ///< booted at each start
    std::string next;     ///< booted at the next one
    /// The running one is to be found good yet: the next start boots `active`.
    bool on_trial() const { return running != active; }
};

/// Errors: this is not the image.
board::Expected<SlotState> slot_state(const FirmwarePaths& paths);

/// Of the firmware that the slot, "a" or "b", has; nullopt: it says none (slot_label.h).
std::optional<std::string> slot_version(const FirmwarePaths& paths, const std::string& slot);

/// Writes the firmware to the slot that does not run, reads it back, and has the loader try it once
/// at the next start. Until then nothing else changes, so the power may go at any point. Errors:
/// not signed, damaged, too large, the running one is on trial itself, another installation, the
/// disk. A firmware that is refused leaves one that waits for its trial as it is. `registered`: how
/// many registrations stand now; noted as what the trial has to come to.
board::Expected<FirmwareManifest> install_firmware(std::istream& file, std::size_t registered,
                                                   const FirmwarePaths& paths);

/// The running slot is booted from now on. Nothing to do where it is already.
board::Expected<void> commit_firmware(const FirmwarePaths& paths);

}  // namespace trunkline::mgmt
