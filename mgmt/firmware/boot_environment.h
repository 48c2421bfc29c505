// GRUB's environment block (grubenv): which slot of the disk is booted. The loader reads it at
// every start; tools/image_builder/grub/grub.cfg says how.
#pragma once

#include "board/error.h"

#include <string>

namespace trunkline::mgmt {

/// `active` is booted at every start ("a" or "b"), but `trial`, where it is not empty, once: the
/// loader forgets it before it boots that slot.
struct BootEnvironment {
    std::string active = "a";
    std::string trial;
    bool operator==(const BootEnvironment&) const = default;
};

/// Errors: unreadable, or no environment block.
board::Expected<BootEnvironment> read_boot_environment(const std::string& path);

/// Writes it in place, as GRUB does, and waits for the disk. All that is ever written fits the
/// block's first sector, which a disk writes whole or not at all: whenever the power goes, the
/// loader finds what was there before or what is there now.
board::Expected<void> write_boot_environment(const std::string& path,
                                             const BootEnvironment& environment);

}  // namespace trunkline::mgmt
