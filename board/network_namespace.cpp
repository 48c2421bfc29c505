#include "board/network_namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace trunkline::board {

namespace {

bool same_file(int a, int b) {
    struct stat first {};
    struct stat second {};
    return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

Error no_entry(const std::string& what, int error) {
    const char* advice = error == EPERM ? "; run as root or with CAP_SYS_ADMIN" : "";
    return {fmt::format("cannot enter {}: {}{}", what, strerror(error), advice)};
}

}  // namespace

int NetworkNamespaceScope::open_current() {
    return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

Expected<NetworkNamespaceScope> NetworkNamespaceScope::enter(const std::string& name) {
    if (name.empty()) {
        return NetworkNamespaceScope(-1);
    }
    if (name.find('/') != std::string::npos || name == "." || name == "..") {
        return std::unexpected(Error{fmt::format(
            "'{}' is no name of a network namespace; give one of 'ip netns list'", name)});
    }
    const std::string path = "/run/netns/" + name;
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        const int error = errno;
        const std::string advice =
            error == ENOENT ? fmt::format("; make it with 'ip netns add {}'", name) : std::string();
        return std::unexpected(Error{
            fmt::format("cannot open network namespace {}: {}{}", name, strerror(error), advice)});
    }
    auto scope = enter(descriptor);
    close(descriptor);
    if (!scope) {
        return std::unexpected(
            Error{fmt::format("network namespace {}: {}", name, scope.error().message)});
    }
    return scope;
}

Expected<NetworkNamespaceScope> NetworkNamespaceScope::enter(int descriptor) {
    const int previous = open_current();
    if (previous < 0) {
        return std::unexpected(no_entry("a network namespace (is /proc mounted?)", errno));
    }
    if (same_file(previous, descriptor)) {
        close(previous);
        return NetworkNamespaceScope(-1);
    }
    if (setns(descriptor, CLONE_NEWNET) != 0) {
        const int error = errno;
        close(previous);
        return std::unexpected(no_entry("a network namespace", error));
    }
    return NetworkNamespaceScope(previous);
}

NetworkNamespaceScope::~NetworkNamespaceScope() {
    if (previous_ < 0) {
        return;
    }
    if (setns(previous_, CLONE_NEWNET) != 0) {
        std::perror("cannot leave a network namespace");
        std::abort();
    }
    close(previous_);
}

NetworkNamespaceScope::NetworkNamespaceScope(NetworkNamespaceScope&& other) noexcept
    : previous_(std::exchange(other.previous_, -1)) {}

}  // namespace trunkline::board
