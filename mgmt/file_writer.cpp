#include "mgmt/file_writer.h"

#include "board/file_descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
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

std::string folder_of(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

bool let_read(int fd, FileReaders readers, const std::string& folder) {
    if (readers == FileReaders::owner) {
        return true;  // as mkostemp made it
    }
    struct stat of_folder {};
    constexpr uid_t same_owner = static_cast<uid_t>(-1);
    constexpr mode_t readable = 0640;
    return ::stat(folder.c_str(), &of_folder) == 0 &&
           ::fchown(fd, same_owner, of_folder.st_gid) == 0 && ::fchmod(fd, readable) == 0;
}

}  // namespace

board::Expected<void> write_file(const std::string& path, std::string_view text,
                                 FileReaders readers) {
    std::string fresh = path + ".XXXXXX";
    const board::FileDescriptor file(::mkostemp(fresh.data(), O_CLOEXEC));  // mode 0600
    if (file.get() < 0) {
        return failed(path);
    }
    const std::string folder = folder_of(path);
    const bool is_written = let_read(file.get(), readers, folder) && write_all(file.get(), text) &&
                            ::fsync(file.get()) == 0 &&
                            std::rename(fresh.c_str(), path.c_str()) == 0;
    if (!is_written) {
        auto error = failed(path);
        ::unlink(fresh.c_str());
        return error;
    }
    const board::FileDescriptor directory(
        ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) {
        return std::unexpected(board::Error{
            fmt::format("{} is written, and may be lost with the power: its folder cannot be "
                        "synchronised",
                        path)});
    }
    return {};
}

}  // namespace trunkline::mgmt
