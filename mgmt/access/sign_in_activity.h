// Who signs in and out, for the activity log, in the words of the appliance family:
//   WEB: Successful login at 192.0.2.10:443. User: Admin. Session: Web (198.51.100.7)
// Any thread.
#pragma once

#include <spdlog/logger.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace trunkline::mgmt {

class SignInActivity {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// Who comes with a password each time is told again when he was away for so long.
    static constexpr std::chrono::minutes away{5};

    /// The way in: "Web", "REST". `where` is the address and port that is signed in at.
    SignInActivity(std::shared_ptr<spdlog::logger> log, std::string_view way,
                   std::string_view where);

    void succeeded(std::string_view user, std::string_view remote) const;
    /// One request of somebody who has no session: the first one is told.
    void came(const std::string& user, const std::string& remote, Time now);
    /// A warning: the others are information.
    void refused(std::string_view user, std::string_view remote) const;
    void left(std::string_view user, std::string_view remote) const;
    /// His session ended by itself.
    void expired(std::string_view user, std::string_view remote) const;

private:
    std::string line(std::string_view what, std::string_view user, std::string_view remote) const;

    const std::shared_ptr<spdlog::logger> log_;
    const std::string way_, where_;
    std::mutex lock_;                                            ///< guards what follows
    std::map<std::pair<std::string, std::string>, Time> there_;  ///< user and remote -> last seen
};

}  // namespace trunkline::mgmt
