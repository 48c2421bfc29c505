// What a slot says of itself: the version of the firmware in it, in the slot's last bytes, behind
// the file system. It is taken away before another firmware is written, and written once that is
// whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace trunkline::mgmt {

/// At the slot's end; no firmware reaches into them. tools/image_builder/disk.py writes the first.
constexpr uint64_t slot_label_bytes = 4096;

/// Waits for the disk. No version takes the label away. `slot` is a partition that is open for
/// writing; false: errno says why not.
bool write_slot_label(int slot, const std::optional<std::string>& version);

/// nullopt: it has none, as no firmware that is whole was written there, or none that says so.
std::optional<std::string> read_slot_label(const std::string& path);

}  // namespace trunkline::mgmt
