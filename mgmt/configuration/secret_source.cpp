#include "mgmt/configuration/secret_source.h"

#include "mgmt/configuration/fault.h"
#include "mgmt/regular_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr std::size_t largest_secret_file = 64U << 10;

std::string reason_of(int error) {
    return std::error_code(error, std::generic_category()).message();
}

SecretFault unreadable(const std::string& path, const std::string& reason) {
    return {fmt::format("the unreadable file {} ({})", in_quotes(path), reason),
            "a file that this user may read, with the secret as its only line",
            "write the secret there, or name another file"};
}

std::expected<std::string, SecretFault> read_all(int fd, const std::string& path) {
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t size = ::read(fd, piece.data(), piece.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return std::unexpected(unreadable(path, reason_of(errno)));
        }
        if (size == 0) {
            return text;
        }
        text.append(piece.data(), static_cast<std::size_t>(size));
        if (text.size() > largest_secret_file) {
            return std::unexpected(
                unreadable(path, fmt::format("more than {} bytes", largest_secret_file)));
        }
    }
}

}  // namespace

std::expected<sipstack::Secret, SecretFault> secret_from_file(const std::string& path,
                                                              const std::string& folder) {
    const std::string whole = path_in(folder, path);
    const auto file = open_regular_file(whole);
    if (!file) {
        return std::unexpected(unreadable(whole, file.error()));
    }
    auto text = read_all(file->get(), whole);
    if (!text) {
        return std::unexpected(text.error());
    }
    if (text->ends_with('\n')) {
        text->pop_back();
    }
    if (text->ends_with('\r')) {
        text->pop_back();
    }
    if (text->empty()) {
        return std::unexpected(SecretFault{"the empty file " + in_quotes(whole),
                                           "a file with the secret as its only line",
                                           "write the secret there, or name another file"});
    }
    return sipstack::Secret(*std::move(text));
}

std::expected<sipstack::Secret, SecretFault> secret_from_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
        return std::unexpected(
            SecretFault{fmt::format("environment variable {}, which is {}", in_quotes(name),
                                    value == nullptr ? "not set" : "empty"),
                        "a variable of this process's environment",
                        fmt::format("set {} before the start", name)});
    }
    return sipstack::Secret(value);
}

}  // namespace trunkline::mgmt
