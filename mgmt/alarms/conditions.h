// What is wrong with the appliance as it is now, by kind of alarm: pure functions of what can be
// seen. AlarmTable::follow() makes alarms of it. Texts and severities are those of the family's
// alarms where these are known.
#pragma once

#include "board/config.h"
#include "board/source.h"
#include "mgmt/alarms/alarm_table.h"
#include "sipstack/administrative_state.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace trunkline::mgmt {

using AlarmConditions = std::vector<AlarmCondition>;

struct SeenLink {
    std::string port;
    bool up = false;
    board::Source source = board::Source::reported;
    bool is_enabled = true;
};

/// Ports without a link that are to have one. What a lab injected is an alarm like any other, whose
/// text says so.
AlarmConditions link_conditions(std::span<const SeenLink> links);
/// Ethernet groups none of whose ports has a link; injected where that holds for one of them.
AlarmConditions group_conditions(std::span<const board::EthernetGroup> groups,
                                 std::span<const SeenLink> links);
/// The appliance is locked.
AlarmConditions admin_state_conditions(sipstack::AdministrativeState state);
/// Proxy sets whose keep-alive finds servers offline. `sets` is of the reply to "show proxy-sets".
AlarmConditions proxy_conditions(const nlohmann::json& sets);
/// DNS is silent or fails for a name of the proxy sets. `interface` is the row of IP Interfaces
/// that has the servers.
AlarmConditions dns_conditions(const nlohmann::json& sets, std::size_t interface);

/// The box runs another configuration than it was given, as that one was refused or could not be
/// started: what starts the appliance leaves the reason in a file beside the startup file
/// (docs/appliance.md), which goes when somebody saves a configuration.
AlarmConditions refused_configuration_conditions(const std::string& startup_file);

struct CertificateEnd {
    std::size_t context = 0;  ///< its row in TLS Contexts
    std::string name;         ///< of that row
    std::chrono::system_clock::time_point end;
};

/// Certificates that end within 60 days (minor), a week (major), or have ended (critical).
AlarmConditions certificate_conditions(std::span<const CertificateEnd> ends,
                                       std::chrono::system_clock::time_point now);

}  // namespace trunkline::mgmt
