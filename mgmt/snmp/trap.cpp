#include "mgmt/snmp/trap.h"

#include "mgmt/alarms/alarm_kinds.h"
#include "mgmt/snmp/date_and_time.h"
#include "mgmt/utc_text.h"

#include <utility>

namespace trunkline::mgmt {

namespace {

const Oid traps{1, 3, 6, 1, 4, 1, 5003, 9, 10, 1, 21};  // acTrap
/// The MIB's range of a unique number.
constexpr uint64_t unique_numbers = 32001;

}  // namespace

Oid trap_oid(uint32_t number) {
    return below(traps, {2, 0, number});
}

Trap trap_of(const Alarm& alarm, const std::string& serial) {
    const AlarmKind& kind = alarm_kind(alarm.name);
    Trap trap{trap_oid(kind.number), {}};
    uint32_t at = 0;
    const auto add = [&](MibValue value) {
        trap.varbinds.push_back({below(traps, {1, ++at, 0}), std::move(value)});
    };
    const auto severity = static_cast<int32_t>(alarm.severity);
    add(static_cast<int32_t>(kind.number) - 1);  // the "name" is a number, one less than the trap's
    add(alarm.description);
    add(alarm.source);
    add(severity);
    add(static_cast<int32_t>(alarm.id % unique_numbers));
    add(static_cast<int32_t>(kind.type));
    add(static_cast<int32_t>(kind.cause));
    add("");  // additional info 1 to 3
    add("");
    add("");
    add(date_and_time(utc_text(std::chrono::floor<std::chrono::milliseconds>(alarm.when))));
    add(severity);  // of the system
    add("");        // device name, info and description are filled in by the family's manager
    add("");
    add("");
    add(serial);
    return trap;
}

Trap started_trap(std::chrono::system_clock::time_point when, const std::string& serial) {
    return trap_of({.name = std::string(board_started_event.name),
                    .source = "",
                    .description = "Initialization Ended",
                    .severity = AlarmSeverity::cleared,
                    .when = when},
                   serial);
}

}  // namespace trunkline::mgmt
