#include "mgmt/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace trunkline::mgmt {

namespace {

std::string last_error() {
    return std::error_code(errno, std::generic_category()).message();
}

}  // namespace

std::string path_in(const std::string& folder, const std::string& path) {
    return (std::filesystem::path(folder) / path).lexically_normal().string();
}

std::expected<board::FileDescriptor, std::string> open_regular_file(const std::string& path) {
    // O_NONBLOCK: a FIFO without a writer must not hold up the start.
    board::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return std::unexpected(last_error());
    }
    if (S_ISDIR(status.st_mode)) {
        return std::unexpected("it is a folder");
    }
    if (!S_ISREG(status.st_mode)) {
        return std::unexpected("it is no regular file");
    }
    return file;
}

}  // namespace trunkline::mgmt
