#include "mgmt/firmware/slot_label.h"

#include "board/file_descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view magic = "TRUNKLINE SLOT 1\n";

/// -1: there is no room for it.
off_t place_of_label(int slot) {
    const off_t end = ::lseek(slot, 0, SEEK_END);
    return end < static_cast<off_t>(slot_label_bytes) ? -1
                                                      : end - static_cast<off_t>(slot_label_bytes);
}

}  // namespace

bool write_slot_label(int slot, const std::optional<std::string>& version) {
    std::string label = version ? fmt::format("{}{}\n", magic, *version) : "";
    label.resize(slot_label_bytes, '\0');
    const off_t place = place_of_label(slot);
    return place >= 0 &&
           ::pwrite(slot, label.data(), label.size(), place) ==
               static_cast<ssize_t>(label.size()) &&
           ::fsync(slot) == 0;
}

std::optional<std::string> read_slot_label(const std::string& path) {
    const board::FileDescriptor slot(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const off_t place = slot ? place_of_label(slot.get()) : -1;
    std::string label(slot_label_bytes, '\0');
    if (place < 0 || ::pread(slot.get(), label.data(), label.size(), place) !=
                         static_cast<ssize_t>(label.size())) {
        return std::nullopt;
    }
    const std::size_t end = label.find('\n', magic.size());
    if (!label.starts_with(magic) || end == std::string::npos) {
        return std::nullopt;
    }
    const std::string version = label.substr(magic.size(), end - magic.size());
    // It goes to a terminal.
    const bool is_plain = std::ranges::all_of(version, [](char c) { return c >= ' ' && c <= '~'; });
    return version.empty() || !is_plain ? std::nullopt : std::optional(version);
}

}  // namespace trunkline::mgmt
