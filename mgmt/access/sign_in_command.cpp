#include "mgmt/access/sign_in_command.h"

#include "mgmt/access/first_administrator.h"
#include "mgmt/access/password.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <string_view>

namespace trunkline::mgmt {

namespace {

constexpr std::string_view first_user = "Admin";

/// useradd(8): others could not stand in passwd(5) or at a shell's prompt. root is the system's
/// own: who signs in under that name would have its shell.
bool may_be_unix_name(const std::string& name) {
    static const std::regex pattern("[A-Za-z_][A-Za-z0-9_.-]{0,31}");
    return std::regex_match(name, pattern) && name != "root";
}

std::string stored_password(const AdministrationConfig& config, const std::string& user) {
    if (config.local_users.empty()) {
        std::string hash;
        if (user == first_user) {
            std::getline(std::ifstream(first_password_file(config.folder)), hash);
        }
        return hash;
    }
    const auto found = std::ranges::find(config.local_users, user, &LocalUser::user_name);
    return found == config.local_users.end() ? "" : found->password.reveal();
}

}  // namespace

int print_sign_in_names(const AdministrationConfig& config, std::ostream& out,
                        std::ostream& errors) {
    if (config.local_users.empty()) {
        out << first_user << '\n';
    }
    for (const LocalUser& user : config.local_users) {
        if (may_be_unix_name(user.user_name)) {
            out << user.user_name << '\n';
        } else {
            errors << fmt::format(
                "user '{}' signs in on the page and over REST alone; the console and SSH take up "
                "to "
                "32 letters, digits, '_', '.' and '-', a letter or '_' first, and not root\n",
                user.user_name);
        }
    }
    return 0;
}

int print_closed_addresses(const dataplane::NetworkConfig& network, std::ostream& out) {
    for (const dataplane::IpInterface& interface : network.ip_interfaces) {
        if (!interface.carries(dataplane::ApplicationType::oamp)) {
            out << interface.address.address.to_string() << '\n';
        }
    }
    return 0;
}

int check_sign_in(const AdministrationConfig& config, const std::string& user,
                  std::istream& input) {
    std::string password{std::istreambuf_iterator<char>(input), {}};
    password.resize(std::min(password.find('\0'), password.size()));
    const std::string stored = may_be_unix_name(user) ? stored_password(config, user) : "";
    // Nobody has the empty password, and a hash is asked in any case: it takes its time.
    const bool right = password_matches(
        password, stored.empty() ? std::string_view("$scrypt$ln=14,r=8,p=5$AAAA$AAAA") : stored);
    return right && !stored.empty() && !password.empty() ? 0 : 1;
}

}  // namespace trunkline::mgmt
