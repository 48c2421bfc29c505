#include "mgmt/access/local_users.h"

#include "mgmt/access/password.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace trunkline::mgmt {

namespace {

/// What is compared for users that do not exist: no password has it.
const std::string nobody =
    "$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
constexpr std::size_t most_remembered = 256;

std::array<unsigned char, 32> random_key() {
    std::array<unsigned char, 32> key{};
    if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
        std::abort();
    }
    return key;
}

}  // namespace

LocalUsers::LocalUsers() : key_(random_key()) {}

void LocalUsers::set(std::vector<LocalUser> users) {
    const std::lock_guard guard(lock_);
    for (const LocalUser& before : users_) {
        if (std::ranges::find(users, before) == users.end()) {
            tokens_.revoke(before.user_name);
            sessions_.revoke(before.user_name);
        }
    }
    users_ = std::move(users);
    right_.clear();
}

std::optional<LocalUser> LocalUsers::find(const std::string& user_name) const {
    const auto found = std::ranges::find(users_, user_name, &LocalUser::user_name);
    return found == users_.end() ? std::nullopt : std::optional(*found);
}

std::optional<AccessLevel> LocalUsers::level_of(const std::string& user_name) const {
    const std::lock_guard guard(lock_);
    const auto user = find(user_name);
    return user ? std::optional(user->user_level) : std::nullopt;
}

LocalUsers::Digest LocalUsers::digest_of(const LocalUser& user, std::string_view password) const {
    std::string text = user.user_name;
    for (const std::string_view part : {std::string_view(user.password.reveal()), password}) {
        text += '\0';
        text += part;
    }
    Digest digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    return digest;
}

bool LocalUsers::is_remembered(const Digest& digest, Time now) const {
    const auto found = right_.find(digest);
    return found != right_.end() && found->second > now;
}

bool LocalUsers::matches(const LocalUser* user, std::string_view password) const {
    if (user == nullptr) {
        password_matches(password, nobody);
        return false;
    }
    return password_matches(password, user->password.reveal());
}

SignIn LocalUsers::sign_in(const std::string& user_name, std::string_view password,
                           const std::string& address, Time now) {
    using Outcome = SignIn::Outcome;
    std::unique_lock guard(lock_);
    const auto user = find(user_name);
    const Digest digest = user ? digest_of(*user, password) : Digest{};
    if (user && is_remembered(digest, now)) {
        return {Outcome::signed_in, user->user_level, {}};
    }
    if (const auto wait = guard_.wait(user_name, address, now)) {
        return {Outcome::blocked, {}, *wait};
    }
    if (waiting_ >= most_waiting) {
        return {Outcome::busy, {}, std::chrono::seconds(1)};
    }
    ++waiting_;
    guard.unlock();
    hashing_.acquire();
    guard.lock();
    // Others may have failed meanwhile: many guesses at once are no way around the guard.
    const auto wait = guard_.wait(user_name, address, now);
    bool right = false;
    if (!wait) {
        guard.unlock();
        right = matches(user ? &*user : nullptr, password);
        guard.lock();
    }
    --waiting_;
    hashing_.release();
    if (wait) {
        return {Outcome::blocked, {}, *wait};
    }
    if (!right) {
        guard_.failed(user_name, address, user ? user->block_duration : LocalUser{}.block_duration,
                      now);
        return {Outcome::wrong, {}, {}};
    }
    if (find(user_name) != user) {
        return {Outcome::wrong, {}, {}};  // he was changed while his password was looked at
    }
    guard_.succeeded(user_name, address);
    if (right_.size() >= most_remembered) {
        right_.clear();
    }
    right_.insert_or_assign(digest, now + remembered);
    return {Outcome::signed_in, user->user_level, {}};
}

std::optional<std::string> LocalUsers::issue_token(const std::string& user_name, AccessLevel level,
                                                   std::chrono::seconds lifetime, Time now) {
    const std::lock_guard guard(lock_);
    const auto user = find(user_name);
    if (!user) {
        return std::nullopt;
    }
    return tokens_.issue({user_name, std::min(level, user->user_level)}, now + lifetime, now);
}

std::optional<Tokens::Holder> LocalUsers::token_holder(const std::string& token, Time now) const {
    const std::lock_guard guard(lock_);
    return tokens_.holder(token, now);
}

std::optional<std::string> LocalUsers::open_session(const std::string& user_name,
                                                    std::chrono::seconds idle, Time now) {
    const std::lock_guard guard(lock_);
    const auto user = find(user_name);
    if (!user) {
        return std::nullopt;
    }
    return sessions_.issue({user_name, user->user_level}, now + idle, now);
}

std::optional<Tokens::Holder> LocalUsers::session_holder(const std::string& session,
                                                         std::optional<std::chrono::seconds> idle,
                                                         Time now) {
    const std::lock_guard guard(lock_);
    return idle ? sessions_.renew(session, now + *idle, now) : sessions_.holder(session, now);
}

void LocalUsers::close_session(const std::string& session) {
    const std::lock_guard guard(lock_);
    sessions_.end(session);
}

}  // namespace trunkline::mgmt
