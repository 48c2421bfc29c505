#include "mgmt/access/local_peer.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/socket.h>

#include <array>

namespace trunkline::mgmt {

namespace {

/// "" for a number that no user has.
std::string name_of(uid_t user) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> texts{};
    ::getpwuid_r(user, &entry, texts.data(), texts.size(), &found);
    return found == nullptr ? "" : found->pw_name;
}

}  // namespace

std::optional<uid_t> peer_user(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return std::nullopt;
    }
    return peer.uid;
}

std::expected<Caller, std::string> caller_of(uid_t user, uid_t own, const UserLevels& users) {
    std::string name = name_of(user);
    if (user == 0 || user == own) {
        if (name.empty()) {
            name = fmt::format("user {}", user);
        }
        return Caller{name + " (CLI)", AccessLevel::master};
    }
    if (name.empty()) {
        return std::unexpected(
            fmt::format("Unix user {} has no name on this system, and the appliance knows its "
                        "users by name; use one of them, or root",
                        user));
    }
    const auto level = users(name);
    if (!level) {
        return std::unexpected(
            fmt::format("Unix user '{}' is no user of this appliance; give it a row in "
                        "administration.web_and_cli.local_users, or use root",
                        name));
    }
    return Caller{name + " (CLI)", *level};
}

}  // namespace trunkline::mgmt
