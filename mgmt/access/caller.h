// Who asks the appliance for something, and how much he may do. Whoever lets a request in (local
// socket, REST) says who it is from; what a command needs stands in the CommandTable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// The numbers are those of the appliance family's user levels; who has more may do all that who
/// has less may.
enum class AccessLevel : uint8_t {
    monitor = 50,                  ///< look
    administrator = 100,           ///< change settings, act on registrations
    security_administrator = 200,  ///< users, certificates, what secrets there are
    master = 220,                  ///< everything, other security administrators included
};

/// "Security Administrator", as operators read it.
constexpr std::string_view to_text(AccessLevel level) {
    switch (level) {
        case AccessLevel::monitor:
            return "Monitor";
        case AccessLevel::administrator:
            return "Administrator";
        case AccessLevel::security_administrator:
            return "Security Administrator";
        case AccessLevel::master:
            return "Master";
    }
    return "unknown";
}

struct Caller {
    std::string who;  ///< for the activity log: "admin (REST 192.0.2.7)", "root (CLI)"
    AccessLevel level = AccessLevel::monitor;
};

}  // namespace trunkline::mgmt
