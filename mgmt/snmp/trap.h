// What managers are told when an alarm is raised, changed or cleared: the family's traps, with the
// sixteen varbinds that all of them share (AcBoard MIB).
#pragma once

#include "mgmt/alarms/alarm_table.h"
#include "mgmt/snmp/mib.h"

#include <chrono>
#include <string>
#include <vector>

namespace trunkline::mgmt {

struct Trap {
    Oid oid;
    std::vector<VarBind> varbinds;
};

/// Of the alarm, with a severity of cleared when it is over. `serial` is the appliance's.
Trap trap_of(const Alarm& alarm, const std::string& serial);
/// "Initialization Ended": the appliance is there.
Trap started_trap(std::chrono::system_clock::time_point when, const std::string& serial);

/// Of a trap with that number, also where an alarm's row has it.
Oid trap_oid(uint32_t number);

}  // namespace trunkline::mgmt
