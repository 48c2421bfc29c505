// The appliance as SNMP shows it: who it is (SNMPv2-MIB), its ports (IF-MIB), its alarms (the
// family's AC-ALARM-MIB), and its chassis (chassis_mib.h).
#pragma once

#include "mgmt/snmp/mib.h"

#include <nlohmann/json.hpp>

#include <vector>

namespace trunkline::mgmt {

/// Replies of the control thread; of one that is not "ok" there are no objects.
struct MibFacts {
    nlohmann::json system;    ///< "system status"
    nlohmann::json counters;  ///< "show counters"
    nlohmann::json active;    ///< "alarms active"
    nlohmann::json history;   ///< "alarms history"
    nlohmann::json hardware;  ///< "show hardware"
};

/// What the objects of appliance_mib() are under.
std::vector<Oid> appliance_subtrees();
Mib appliance_mib(const MibFacts& facts);

}  // namespace trunkline::mgmt
