#include "mgmt/access/first_administrator.h"

#include "mgmt/access/password.h"
#include "mgmt/file_writer.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace trunkline::mgmt {

namespace {

board::Error failure(const std::string& path, const std::string& reason) {
    return {
        fmt::format("cannot keep the password of user 'Admin' in {}: {}; name another folder "
                    "in administration.web_and_cli.folder, or give the configuration a user",
                    path, reason)};
}

}  // namespace

std::string first_password_file(const std::string& folder) {
    return (std::filesystem::path(folder) / "admin.password").string();
}

board::Expected<LocalUser> first_administrator(
    const std::string& path, const std::function<void(const std::string& password)>& tell) {
    LocalUser user;
    user.user_name = "Admin";
    user.user_level = AccessLevel::master;
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
        std::ifstream file(path);
        std::string hash;
        if (!std::getline(file, hash) || !is_password_hash(hash)) {
            return std::unexpected(failure(path, "it holds no password hash; remove it"));
        }
        user.password = sipstack::Secret(hash);
        return user;
    }
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    const std::string password = random_password();
    const std::string hash = hash_password(password);
    if (const auto written = write_file(path, hash + "\n"); !written) {
        return std::unexpected(failure(path, written.error().message));
    }
    user.password = sipstack::Secret(hash);
    tell(password);
    return user;
}

}  // namespace trunkline::mgmt
