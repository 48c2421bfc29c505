// Where an alarm about a registration comes from, as the appliance family names it: by the row of
// the account and that of the IP group that it registers with, "Board#1/IPGroup#1/Account#0".
#pragma once

#include "mgmt/configuration/node.h"
#include "sipstack/registration/status.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trunkline::mgmt {

/// The control thread's. A table of all accounts is made when the first of them is asked for, and
/// again after these tables have changed.
class RegistrationSources {
public:
    /// `running` gives the running configuration, in canonical form.
    explicit RegistrationSources(std::function<ConfigNodePtr()> running);

    /// Of a registration by its name. What is no account, or is no longer configured, is named by
    /// what it is: "Board#1/TrunkGroup#2", "Board#1/Endpoint#2001", "Board#1/Device#0",
    /// "Board#1/User#alice", "Board#1/Account#office".
    std::string of(sipstack::RegistrantKind kind, std::string_view name);

private:
    void read();

    const std::function<ConfigNodePtr()> running_;
    ConfigNodePtr accounts_, groups_;                           ///< that `places_` was made of
    std::unordered_map<std::string_view, std::string> places_;  ///< of accounts, by their names
};

}  // namespace trunkline::mgmt
