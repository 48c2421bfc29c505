#include "mgmt/syslog/syslog_message.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace trunkline::mgmt {

namespace {

constexpr unsigned local0 = 16;

}  // namespace

SyslogSeverity syslog_severity(spdlog::level::level_enum level) {
    switch (level) {
        case spdlog::level::trace:
        case spdlog::level::debug:
            return SyslogSeverity::debug;
        case spdlog::level::warn:
            return SyslogSeverity::warning;
        case spdlog::level::err:
            return SyslogSeverity::error;
        case spdlog::level::critical:
            return SyslogSeverity::critical;
        default:
            return SyslogSeverity::notice;
    }
}

SyslogSeverity syslog_severity(AlarmSeverity severity) {
    return severity >= AlarmSeverity::major ? SyslogSeverity::warning : SyslogSeverity::notice;
}

std::string to_text(const SyslogMessage& message, const SyslogBoard& board) {
    const auto since_epoch =
        std::chrono::duration_cast<std::chrono::milliseconds>(message.when.time_since_epoch());
    const std::string id = message.session ? fmt::format("SID={}:{}:{}", board.mac_tail,
                                                         board.starts, *message.session)
                                           : fmt::format("BID={}:{}", board.mac_tail, board.starts);
    const std::string number = message.number ? fmt::format("(N {}) ", *message.number) : "";
    return fmt::format("<{}>[S={}] [{}]  {}{} [Time:{:%d-%m@%H:%M:%S}.{:03}]{}{}",
                       local0 * 8 + static_cast<unsigned>(message.severity), message.sequence, id,
                       number, message.text,
                       fmt::gmtime(std::chrono::system_clock::to_time_t(message.when)),
                       since_epoch.count() % 1000, message.body.empty() ? "" : "\n", message.body);
}

std::string alarm_text(const Alarm& alarm) {
    return fmt::format(
        "{}-ALARM:{}; Textual Description: {}; Severity:{}; Source:{}; "
        "Unique ID:{}; Additional Info1:; Additional Info2:; Additional Info3:;",
        alarm.severity == AlarmSeverity::cleared ? "CLEAR" : "RAISE", alarm.name, alarm.description,
        to_string(alarm.severity), alarm.source, alarm.id);
}

}  // namespace trunkline::mgmt
