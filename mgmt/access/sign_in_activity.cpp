#include "mgmt/access/sign_in_activity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

}  // namespace

SignInActivity::SignInActivity(std::shared_ptr<spdlog::logger> log, std::string_view way,
                               std::string_view where)
    : log_(std::move(log)), way_(way), where_(where) {}

std::string SignInActivity::line(std::string_view what, std::string_view user,
                                 std::string_view remote) const {
    return fmt::format("activity  {}: {} at {}. User: {}. Session: {} ({})", upper(way_), what,
                       where_, user, way_, remote);
}

void SignInActivity::succeeded(std::string_view user, std::string_view remote) const {
    log_->info("{}", line("Successful login", user, remote));
}

void SignInActivity::came(const std::string& user, const std::string& remote, Time now) {
    bool is_new = false;
    {
        const std::lock_guard guard(lock_);
        std::erase_if(there_, [now](const auto& one) { return one.second + away <= now; });
        is_new = there_.insert_or_assign({user, remote}, now).second;
    }
    if (is_new) {
        succeeded(user, remote);
    }
}

void SignInActivity::refused(std::string_view user, std::string_view remote) const {
    log_->warn("{}", line("Failed login", user, remote));
}

void SignInActivity::left(std::string_view user, std::string_view remote) const {
    log_->info("{}", line("Logout", user, remote));
}

void SignInActivity::expired(std::string_view user, std::string_view remote) const {
    log_->info("{}", line("Session expired", user, remote));
}

}  // namespace trunkline::mgmt
