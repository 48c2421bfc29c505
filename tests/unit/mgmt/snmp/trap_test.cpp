#include "mgmt/snmp/trap.h"

#include "mgmt/alarms/alarm_kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using namespace std::chrono_literals;

constexpr auto when =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 9h + 15min + 2s + 391ms;

Alarm account_alarm(AlarmSeverity severity) {
    return {.id = 32'010,
            .name = "acAccountRegistrationAlarm",
            .source = "Board#1/Account#office",
            .description = "Registration failure for account office",
            .severity = severity,
            .when = when};
}

const MibValue& value_of(const Trap& trap, std::size_t varbind) {
    return trap.varbinds.at(varbind - 1).value;
}

TEST(Trap, HasTheSixteenVarbindsOfTheFamilyInTheirOrder) {
    const Trap trap = trap_of(account_alarm(AlarmSeverity::major), "TL-1");
    EXPECT_EQ(trap.oid, (Oid{1, 3, 6, 1, 4, 1, 5003, 9, 10, 1, 21, 2, 0, 164}));
    ASSERT_EQ(trap.varbinds.size(), 16U);
    for (uint32_t i = 1; i <= trap.varbinds.size(); ++i) {
        EXPECT_EQ(trap.varbinds[i - 1].oid, (Oid{1, 3, 6, 1, 4, 1, 5003, 9, 10, 1, 21, 1, i, 0}));
    }
    EXPECT_EQ(value_of(trap, 1), MibValue(163));
    EXPECT_EQ(value_of(trap, 2), MibValue("Registration failure for account office"));
    EXPECT_EQ(value_of(trap, 3), MibValue("Board#1/Account#office"));
    EXPECT_EQ(value_of(trap, 4), MibValue(4));
    EXPECT_EQ(value_of(trap, 6), MibValue(2)) << "quality of service";
    EXPECT_EQ(value_of(trap, 7), MibValue(5)) << "communications protocol error";
    EXPECT_EQ(value_of(trap, 12), MibValue(4));
    EXPECT_EQ(value_of(trap, 16), MibValue("TL-1"));
}

TEST(Trap, HasADateOfElevenBytesInUtc) {
    const Trap trap = trap_of(account_alarm(AlarmSeverity::major), "");
    EXPECT_EQ(value_of(trap, 11), MibValue(std::string{7, '\xea', 11, 21, 9, 15, 2, 3, '+', 0, 0}));
}

TEST(Trap, KeepsTheUniqueNumberWithinTheMibsRange) {
    EXPECT_EQ(value_of(trap_of(account_alarm(AlarmSeverity::major), ""), 5), MibValue(9));
}

TEST(Trap, OfAnAlarmThatIsOverDiffersBySeverityAlone) {
    const Trap trap = trap_of(account_alarm(AlarmSeverity::cleared), "");
    EXPECT_EQ(trap.oid.back(), 164U);
    EXPECT_EQ(value_of(trap, 4), MibValue(0));
}

TEST(Trap, OfTheStartSaysThatInitializationEnded) {
    const Trap trap = started_trap(when, "TL-1");
    EXPECT_EQ(trap.oid.back(), 4U);
    EXPECT_EQ(value_of(trap, 1), MibValue(3));
    EXPECT_EQ(value_of(trap, 2), MibValue("Initialization Ended"));
    EXPECT_EQ(value_of(trap, 4), MibValue(0));
    EXPECT_EQ(value_of(trap, 6), MibValue(4)) << "equipment";
}

TEST(AlarmKind, IsFoundByItsName) {
    EXPECT_EQ(alarm_kind("acgwAdminStateChange").number, 7U);
    EXPECT_EQ(static_cast<int>(alarm_kind("acgwAdminStateChange").cause), 71);
    EXPECT_EQ(alarm_kind("acBoardEthernetLinkAlarm").number, 10U);
    EXPECT_EQ(alarm_kind("acProxyConnectionLost").number, 94U);
    EXPECT_EQ(alarm_kind("acActiveAlarmTableOverflow").number, 12U);
}

}  // namespace
}  // namespace trunkline::mgmt
