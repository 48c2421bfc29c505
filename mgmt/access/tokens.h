// Tokens that stand for somebody who signed in, for a while. Pure: time is handed in.
#pragma once

#include "mgmt/access/caller.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace trunkline::mgmt {

class Tokens {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::size_t most = 1024;

    struct Holder {
        std::string user;
        AccessLevel level = AccessLevel::monitor;
    };

    /// 256 random bits in hex, good until `expires`. With `most` of them the one that ends first
    /// makes room.
    std::string issue(Holder holder, Time expires, Time now);
    std::optional<Holder> holder(const std::string& token, Time now) const;
    /// The same, good until `expires` from now on.
    std::optional<Holder> renew(const std::string& token, Time expires, Time now);
    void end(const std::string& token);
    /// Ends all that a user holds.
    void revoke(const std::string& user);

private:
    struct Entry {
        Holder holder;
        Time expires;
    };
    /// By the token's SHA-256: a search leaks nothing of the token in time.
    std::map<std::string, Entry> entries_;
};

}  // namespace trunkline::mgmt
