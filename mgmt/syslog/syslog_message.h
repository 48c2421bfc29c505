// One syslog message as the appliance family writes it:
//   <133>[S=4711] [BID=1a2b3c:7]  (N 10211) text [Time:21-11@09:15:02.118]
//   <132>[S=4712] [BID=1a2b3c:7]  RAISE-ALARM:... [Time:21-11@09:15:04.391]
// One that belongs to a session has [SID=1a2b3c:7:SESSION] instead of BID.
// S counts what was given to be sent, so that a gap is a loss; N counts what was told, also what
// was not important enough to be sent, but for alarms, which have none. BID: the last three bytes
// of the MAC, and how often the box was started (000000:1 before the ports are open). Times are
// UTC.
#pragma once

#include "mgmt/alarms/alarm_table.h"
#include "mgmt/syslog/syslog_config.h"

#include <spdlog/common.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// What happens as a rule is of notice, as in the family.
SyslogSeverity syslog_severity(spdlog::level::level_enum level);
/// As in the family: critical and major alarms are warnings, the others and their ends of notice.
SyslogSeverity syslog_severity(AlarmSeverity severity);

struct SyslogBoard {
    std::string mac_tail = "000000";  ///< "1a2b3c"
    uint32_t starts = 1;
};

struct SyslogMessage {
    SyslogSeverity severity = SyslogSeverity::notice;
    uint64_t sequence = 0;
    std::optional<uint64_t> number;  ///< nullopt: an alarm
    std::string_view text;           ///< of one line
    std::chrono::system_clock::time_point when;
    std::optional<uint32_t> session{};
    std::string_view body{};  ///< lines that follow the time
};

/// With the priority of facility local0.
std::string to_text(const SyslogMessage& message, const SyslogBoard& board);

/// "RAISE-ALARM:acBoardEthernetLinkAlarm; Textual Description: ...", or CLEAR-ALARM.
std::string alarm_text(const Alarm& alarm);

}  // namespace trunkline::mgmt
