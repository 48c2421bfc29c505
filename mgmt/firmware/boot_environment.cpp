#include "mgmt/firmware/boot_environment.h"

#include "board/file_descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view head = "# GRUB Environment Block";
constexpr std::size_t block_bytes = 1024;

std::unexpected<board::Error> failure(const std::string& path, const std::string& reason) {
    return std::unexpected(board::Error{fmt::format("{}: {}", path, reason)});
}

std::string last_reason() {
    return std::error_code(errno, std::generic_category()).message();
}

}  // namespace

board::Expected<BootEnvironment> read_boot_environment(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line) || line != head) {
        return failure(path, "the loader's environment block is not there; is this the image?");
    }
    BootEnvironment environment;
    while (std::getline(file, line) && !line.starts_with('#')) {
        const std::size_t equals = line.find('=');
        const std::string name = line.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : line.substr(equals + 1);
        if (name == "active") {
            environment.active = value;
        } else if (name == "trial") {
            environment.trial = value;
        }
    }
    return environment;
}

board::Expected<void> write_boot_environment(const std::string& path,
                                             const BootEnvironment& environment) {
    std::string block = fmt::format("{}\nactive={}\n", head, environment.active);
    if (!environment.trial.empty()) {
        block += fmt::format("trial={}\n", environment.trial);
    }
    block.resize(block_bytes, '#');
    // Another size would be another file to the loader, which writes to the same sectors.
    const board::FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file ||
        ::pwrite(file.get(), block.data(), block.size(), 0) != static_cast<ssize_t>(block.size()) ||
        ::fsync(file.get()) != 0) {
        return failure(path, last_reason());
    }
    return {};
}

}  // namespace trunkline::mgmt
