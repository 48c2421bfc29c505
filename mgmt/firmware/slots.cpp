#include "mgmt/firmware/slots.h"

#include "board/file_descriptor.h"
#include "mgmt/file_writer.h"
#include "mgmt/firmware/boot_environment.h"
#include "mgmt/firmware/sha256.h"
#include "mgmt/firmware/slot_label.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <vector>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view running_option = "trunkline.slot=";
constexpr std::size_t piece_bytes = 1U << 20;

std::unexpected<board::Error> failure(const std::string& what) {
    return std::unexpected(board::Error{what});
}

std::unexpected<board::Error> disk_failure(const std::string& path) {
    return failure(
        fmt::format("{}: {}", path, std::error_code(errno, std::generic_category()).message()));
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// "a" or "b", as the loader told the kernel; "" elsewhere.
std::string running_slot(const std::string& command_line) {
    std::istringstream words(text_of(command_line));
    for (std::string word; words >> word;) {
        if (word == "trunkline.slot=a" || word == "trunkline.slot=b") {
            return word.substr(running_option.size());
        }
    }
    return "";
}

/// A slot's partition, written from its beginning.
class SlotWriter {
public:
    explicit SlotWriter(std::string path)
        : path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CLOEXEC)) {}

    board::Expected<uint64_t> room() const {
        const off_t end = file_ ? ::lseek(file_.get(), 0, SEEK_END) : -1;
        if (end < 0) {
            return disk_failure(path_);
        }
        const auto size = static_cast<uint64_t>(end);
        return size - std::min(size, slot_label_bytes);
    }
    /// What is written from now on is the slot's beginning, and has no name yet.
    board::Expected<void> begin() {
        if (!write_slot_label(file_.get(), std::nullopt) || ::lseek(file_.get(), 0, SEEK_SET) < 0) {
            return disk_failure(path_);
        }
        return {};
    }
    board::Expected<void> name(const std::string& version) {
        if (!write_slot_label(file_.get(), version)) {
            return disk_failure(path_);
        }
        return {};
    }
    board::Expected<void> write(std::span<const char> piece) {
        while (!piece.empty()) {
            const ssize_t written = ::write(file_.get(), piece.data(), piece.size());
            if (written < 0) {
                return disk_failure(path_);
            }
            piece = piece.subspan(static_cast<std::size_t>(written));
        }
        return {};
    }
    /// What the disk has, not what memory remembers of it.
    board::Expected<std::string> hash_of(uint64_t size) {
        if (::fsync(file_.get()) != 0 || ::lseek(file_.get(), 0, SEEK_SET) < 0) {
            return disk_failure(path_);
        }
        // It tells its error by its result alone.
        if (const int error = ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_DONTNEED); error != 0) {
            errno = error;
            return disk_failure(path_);
        }
        Sha256 hash;
        std::vector<char> piece(piece_bytes);
        while (size > 0) {
            const ssize_t length =
                ::read(file_.get(), piece.data(), std::min<uint64_t>(size, piece.size()));
            if (length < 0) {
                return disk_failure(path_);
            }
            if (length == 0) {
                return failure(path_ + ": ended before what was written to it");
            }
            hash.add({piece.data(), static_cast<std::size_t>(length)});
            size -= static_cast<uint64_t>(length);
        }
        return hash.hex();
    }

private:
    const std::string path_;
    board::FileDescriptor file_;
};

board::Expected<void> write_slot(std::istream& file, const FirmwareManifest& manifest,
                                 const std::string& path) {
    SlotWriter slot(path);
    const auto room = slot.room();
    if (!room) {
        return std::unexpected(room.error());
    }
    if (manifest.size > *room) {
        return failure(fmt::format("the firmware has {} bytes, the slot has room for {}",
                                   manifest.size, *room));
    }
    if (auto begun = slot.begin(); !begun) {
        return begun;
    }
    const auto read = read_firmware_content(
        file, manifest, [&](std::span<const char> piece) { return slot.write(piece); });
    if (!read) {
        return read;
    }
    const auto hash = slot.hash_of(manifest.size);
    if (!hash) {
        return std::unexpected(hash.error());
    }
    if (*hash != manifest.sha256) {
        return failure(fmt::format("{}: the disk does not keep what is written to it", path));
    }
    return slot.name(manifest.version);
}

/// Held for as long as an installation takes.
board::Expected<board::FileDescriptor> lock_slots(const std::string& environment) {
    board::FileDescriptor lock(::open(environment.c_str(), O_RDONLY | O_CLOEXEC));
    if (!lock) {
        return disk_failure(environment);
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK
                   ? failure("another firmware is being installed; wait for its end")
                   : disk_failure(environment);
    }
    return lock;
}

}  // namespace

board::Expected<SlotState> slot_state(const FirmwarePaths& paths) {
    const std::string running = running_slot(paths.kernel_command_line);
    if (running.empty()) {
        return failure("this is not an appliance that was booted from its image");
    }
    const auto environment = read_boot_environment(paths.environment);
    if (!environment) {
        return std::unexpected(environment.error());
    }
    return SlotState{running, environment->active,
                     environment->trial.empty() ? environment->active : environment->trial};
}

std::optional<std::string> slot_version(const FirmwarePaths& paths, const std::string& slot) {
    return read_slot_label(paths.slots + slot);
}

board::Expected<FirmwareManifest> install_firmware(std::istream& file, std::size_t registered,
                                                   const FirmwarePaths& paths) {
    const auto state = slot_state(paths);
    if (!state) {
        return std::unexpected(state.error());
    }
    if (state->on_trial()) {
        return failure(
            "the running firmware is on trial itself; wait until it is found good, or "
            "restart to go back to the one before");
    }
    const auto manifest = read_firmware_manifest(file, text_of(paths.public_key));
    if (!manifest) {
        return std::unexpected(manifest.error());
    }
    const auto lock = lock_slots(paths.environment);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    // What is half written is never tried.
    const BootEnvironment as_it_runs{state->running, ""};
    if (auto done = write_boot_environment(paths.environment, as_it_runs); !done) {
        return std::unexpected(done.error());
    }
    const std::string other = state->running == "a" ? "b" : "a";
    if (auto done = write_slot(file, *manifest, paths.slots + other); !done) {
        return std::unexpected(done.error());
    }
    if (auto done = write_file(paths.registered_before, fmt::format("{}\n", registered)); !done) {
        return std::unexpected(done.error());
    }
    if (auto done = write_boot_environment(paths.environment, {state->running, other}); !done) {
        return std::unexpected(done.error());
    }
    return *manifest;
}

board::Expected<void> commit_firmware(const FirmwarePaths& paths) {
    const auto state = slot_state(paths);
    if (!state) {
        return std::unexpected(state.error());
    }
    if (!state->on_trial()) {
        return {};
    }
    return write_boot_environment(paths.environment, {state->running, ""});
}

}  // namespace trunkline::mgmt
