#include "mgmt/syslog/syslog_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace trunkline::mgmt {
namespace {

using namespace std::chrono_literals;

constexpr auto when = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 9h + 15min + 2s;

TEST(SyslogMessageTest, IsWrittenAsTheFamilyWritesIt) {
    EXPECT_EQ(to_text({SyslogSeverity::notice, 4711, 10211, "Activity Log: a", when + 118ms},
                      {"1a2b3c", 7}),
              "<133>[S=4711] [BID=1a2b3c:7]  (N 10211) Activity Log: a [Time:21-11@09:15:02.118]");
    EXPECT_THAT(to_text({SyslogSeverity::emergency, 1, 1, "x", when}, {}),
                testing::StartsWith("<128>[S=1]"));
    EXPECT_THAT(to_text({SyslogSeverity::debug, 1, 1, "x", when}, {}),
                testing::StartsWith("<135>[S=1]"));
}

TEST(SyslogMessageTest, WhatBelongsToASessionSaysWhichAndMayHaveLinesOfItsOwn) {
    EXPECT_EQ(to_text({SyslogSeverity::notice, 2, 3, "title", when, 901, "REGISTER\r\nVia\r\n"},
                      {"1a2b3c", 7}),
              "<133>[S=2] [SID=1a2b3c:7:901]  (N 3) title [Time:21-11@09:15:02.000]\n"
              "REGISTER\r\nVia\r\n");
}

TEST(SyslogMessageTest, AnAlarmHasAllThatItsReadersLookFor) {
    Alarm alarm{12,
                "acAccountRegistrationAlarm",
                "Board#1/IPGroup#1/Account#0",
                "Registration failure for account office",
                AlarmSeverity::major,
                when};
    // As tools take it apart.
    const std::regex pattern(
        "(RAISE|CLEAR)-ALARM:([^;]+); Textual Description: ([^;]*); Severity:([^;]+); "
        "Source:([^;]+); Unique ID:([0-9]+); Additional Info1:([^;]*);.*");
    std::smatch parts;
    const std::string raised = alarm_text(alarm);
    ASSERT_TRUE(std::regex_match(raised, parts, pattern)) << raised;
    EXPECT_EQ(parts[1], "RAISE");
    EXPECT_EQ(parts[2], alarm.name);
    EXPECT_EQ(parts[3], alarm.description);
    EXPECT_EQ(parts[4], "major");
    EXPECT_EQ(parts[5], alarm.source);
    EXPECT_EQ(parts[6], "12");
    alarm.severity = AlarmSeverity::cleared;
    EXPECT_THAT(alarm_text(alarm), testing::StartsWith("CLEAR-ALARM:acAccountRegistrationAlarm;"));
}

TEST(SyslogMessageTest, AnAlarmHasNoNumber) {
    const Alarm alarm{12,
                      "acAccountRegistrationAlarm",
                      "Board#1/IPGroup#1/Account#0",
                      "Registration failure for account ITSP1",
                      AlarmSeverity::major,
                      when};
    const std::string text = alarm_text(alarm);
    EXPECT_EQ(
        to_text({syslog_severity(alarm.severity), 4714, {}, text, when + 118ms}, {"1a2b3c", 7}),
        "<132>[S=4714] [BID=1a2b3c:7]  RAISE-ALARM:acAccountRegistrationAlarm; Textual "
        "Description: Registration failure for account ITSP1; Severity:major; "
        "Source:Board#1/IPGroup#1/Account#0; Unique ID:12; Additional Info1:; Additional Info2:; "
        "Additional Info3:; [Time:21-11@09:15:02.118]");
}

TEST(SyslogMessageTest, TheMoreItMattersTheLowerTheNumber) {
    EXPECT_EQ(syslog_severity(spdlog::level::err), SyslogSeverity::error);
    EXPECT_EQ(syslog_severity(spdlog::level::warn), SyslogSeverity::warning);
    EXPECT_EQ(syslog_severity(spdlog::level::info), SyslogSeverity::notice);
    EXPECT_EQ(syslog_severity(spdlog::level::debug), SyslogSeverity::debug);
    EXPECT_EQ(syslog_severity(AlarmSeverity::critical), SyslogSeverity::warning);
    EXPECT_EQ(syslog_severity(AlarmSeverity::major), SyslogSeverity::warning);
    EXPECT_EQ(syslog_severity(AlarmSeverity::minor), SyslogSeverity::notice);
    EXPECT_EQ(syslog_severity(AlarmSeverity::indeterminate), SyslogSeverity::notice);
    EXPECT_EQ(syslog_severity(AlarmSeverity::cleared), SyslogSeverity::notice);
}

}  // namespace
}  // namespace trunkline::mgmt
