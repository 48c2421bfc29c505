#include "mgmt/file_writer.h"

#include "board/file_descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace trunkline::mgmt {

namespace {

std::unexpected<board::Error> failed(const std::string& path) {
    const std::string why = std::error_code(errno, std::generic_category()).message();
    return std::unexpected(board::Error{
        fmt::format("cannot write {} ({}); what was there is there still", path, why)});
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace

board::Expected<void> write_file(const std::string& path, std::string_view text) {
    std::string fresh = path + ".XXXXXX";
    const board::FileDescriptor file(::mkostemp(fresh.data(), O_CLOEXEC));  // mode 0600
    if (file.get() < 0) {
        return failed(path);
    }
    const bool is_written = write_all(file.get(), text) && ::fsync(file.get()) == 0 &&
                            std::rename(fresh.c_str(), path.c_str()) == 0;
    if (!is_written) {
        auto error = failed(path);
        ::unlink(fresh.c_str());
        return error;
    }
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const board::FileDescriptor directory(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) {
        return std::unexpected(board::Error{
            fmt::format("{} is written, and may be lost with the power: its folder cannot be "
                        "synchronised",
                        path)});
    }
    return {};
}

}  // namespace trunkline::mgmt
