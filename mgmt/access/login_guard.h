// How often a wrong password may be tried: a user's account is blocked after a few, and an address
// that tries many is slowed down. Pure: time is handed in. The local socket does not come here, so
// nobody locks its operators out.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace trunkline::mgmt {

class LoginGuard {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Seconds = std::chrono::seconds;

    /// So many wrong passwords in a row block the account for its own time.
    static constexpr unsigned most_failures = 3;
    /// After this long without one they are forgotten.
    static constexpr Seconds memory{600};
    /// An address may fail so often at once, and then once each `address_period`.
    static constexpr unsigned address_burst = 10;
    static constexpr Seconds address_period{6};
    /// Users, and addresses, that are remembered; the one that failed longest ago is forgotten.
    static constexpr std::size_t most_kept = 4096;

    /// How long nobody may try; nullopt: he may. An address from which the user signed in before is
    /// judged by its own failures: strangers who guess do not block it.
    std::optional<Seconds> wait(const std::string& user, const std::string& address,
                                Time now) const;
    void failed(const std::string& user, const std::string& address, Seconds block, Time now);
    void succeeded(const std::string& user, const std::string& address);

private:
    struct Failures {
        unsigned count = 0;
        Time last, blocked_until;
    };
    /// When the address would be as if it had never failed.
    struct Debt {
        Time paid_at;
    };
    using Account = std::pair<std::string, std::string>;  ///< user and known address, or ""

    Account account(const std::string& user, const std::string& address) const;

    std::map<Account, Failures> accounts_;
    std::map<std::string, Debt> addresses_;
    std::set<Account> known_;
};

}  // namespace trunkline::mgmt
