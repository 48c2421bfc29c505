// The chassis as the family's AC-SYSTEM-MIB has it: acSysModuleTable, acSysFanTrayTable and
// acSysPowerSupplyTable. Columns that nothing is known for are left out.
#pragma once

#include "mgmt/snmp/mib.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace trunkline::mgmt {

/// What the three tables are under.
Oid chassis_subtree();
/// `hardware` is the reply to "show hardware": of one that is not "ok" there are no rows.
void add_chassis(Mib& mib, const nlohmann::json& hardware, const std::string& version);

}  // namespace trunkline::mgmt
