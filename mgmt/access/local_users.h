// The appliance's users and who of them is at the door: passwords, tokens, blocked accounts. Any
// thread.
#pragma once

#include "mgmt/access/caller.h"
#include "mgmt/access/login_guard.h"
#include "mgmt/access/tokens.h"
#include "sipstack/config.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// A row of the Local Users table.
struct LocalUser {
    std::string user_name;
    sipstack::Secret password;  ///< a hash (access/password.h), or as it stands
    AccessLevel user_level = AccessLevel::monitor;
    std::chrono::seconds block_duration{60};  ///< after wrong passwords; 0 blocks nobody
    bool operator==(const LocalUser&) const = default;
};

struct SignIn {
    enum class Outcome {
        signed_in,
        wrong,    ///< user or password; nobody is told which
        blocked,  ///< too many wrong ones: try again after `wait`
        busy,     ///< too many sign in at once
    };
    Outcome outcome = Outcome::wrong;
    AccessLevel level = AccessLevel::monitor;
    std::chrono::seconds wait{0};
};

class LocalUsers {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// Passwords that are hashed at once, and that wait for it: each takes memory and a core.
    static constexpr std::size_t most_hashing = 2, most_waiting = 16;
    /// A right password is not hashed again for so long.
    static constexpr std::chrono::seconds remembered{300};

    LocalUsers();

    /// Who is gone, or has another password or level, holds no token and no session any more.
    void set(std::vector<LocalUser> users);
    std::optional<AccessLevel> level_of(const std::string& user_name) const;

    /// Takes as long for a user who does not exist. Blocks for a hash; never on the control thread.
    SignIn sign_in(const std::string& user_name, std::string_view password,
                   const std::string& address, Time now);

    /// A token of `level` or less for a user; an unknown user has none.
    std::optional<std::string> issue_token(const std::string& user_name, AccessLevel level,
                                           std::chrono::seconds lifetime, Time now);
    std::optional<Tokens::Holder> token_holder(const std::string& token, Time now) const;

    /// A session of somebody who signed in, good for `idle` from its last use; its secret name.
    std::optional<std::string> open_session(const std::string& user_name, std::chrono::seconds idle,
                                            Time now);
    /// Whose session it is; with `idle` this is a use of it.
    std::optional<Tokens::Holder> session_holder(const std::string& session,
                                                 std::optional<std::chrono::seconds> idle,
                                                 Time now);
    void close_session(const std::string& session);

private:
    using Digest = std::array<unsigned char, 32>;

    std::optional<LocalUser> find(const std::string& user_name) const;
    Digest digest_of(const LocalUser& user, std::string_view password) const;
    bool is_remembered(const Digest& digest, Time now) const;
    bool matches(const LocalUser* user, std::string_view password) const;

    mutable std::mutex lock_;
    std::vector<LocalUser> users_;
    LoginGuard guard_;
    Tokens tokens_, sessions_;
    std::map<Digest, Time> right_;  ///< until when
    std::size_t waiting_ = 0;

    const Digest key_;  ///< of digest_of(); this process's own
    std::counting_semaphore<most_hashing> hashing_{most_hashing};
};

}  // namespace trunkline::mgmt
