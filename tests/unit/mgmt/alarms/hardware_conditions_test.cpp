#include "mgmt/alarms/hardware_conditions.h"

#include "mgmt/alarms/alarm_kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using board::Hardware;
using board::UnitKind;
using board::UnitState;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Hardware box(const char* model) {
    return Hardware(*board::load_model(model));
}

TEST(HardwareConditions, ThereAreNoneOfABoxThatIsWell) {
    for (const std::string& name : board::model_names()) {
        const Hardware hardware = box(name.c_str());
        EXPECT_THAT(fan_tray_conditions(hardware.units()), IsEmpty()) << name;
        EXPECT_THAT(power_supply_conditions(hardware.units()), IsEmpty()) << name;
        EXPECT_THAT(temperature_conditions(hardware.temperatures()), IsEmpty()) << name;
    }
}

TEST(FanTrayConditions, AreWorseOfAMissingTray) {
    Hardware hardware = box("mediant-4000");
    ASSERT_TRUE(hardware.inject(UnitKind::fan_tray, 1, UnitState::missing));
    ASSERT_TRUE(hardware.inject(UnitKind::fan_tray, 2, UnitState::faulty));
    ASSERT_TRUE(hardware.inject(UnitKind::power_supply, 1, UnitState::faulty));
    const auto found = fan_tray_conditions(hardware.units());
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].source, "Chassis#0/FanTray#0");
    EXPECT_EQ(found[0].severity, AlarmSeverity::critical);
    EXPECT_EQ(found[0].description, "Fan tray 1 is missing (injected)");
    EXPECT_EQ(found[1].source, "Chassis#0/FanTray#1");
    EXPECT_EQ(found[1].severity, AlarmSeverity::major);
    EXPECT_EQ(found[1].description, "Fan tray 2 is faulty (injected)");
}

TEST(PowerSupplyConditions, AreMajor) {
    Hardware hardware = box("mediant-4000");
    ASSERT_TRUE(hardware.inject(UnitKind::power_supply, 2, UnitState::missing));
    ASSERT_TRUE(hardware.inject(UnitKind::fan_tray, 1, UnitState::missing));
    const auto found = power_supply_conditions(hardware.units());
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].source, "Chassis#0/PowerSupply#2");
    EXPECT_EQ(found[0].severity, AlarmSeverity::major);
    EXPECT_EQ(found[0].description, "Power supply 2 is missing (injected)");
}

TEST(TemperatureConditions, AreOneOfTheBoxAndNameSensorsWhereThereAreSeveral) {
    Hardware hardware = box("mediant-4000");
    ASSERT_TRUE(hardware.inject_temperature(71));
    auto found = temperature_conditions(hardware.temperatures());
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].source, "System#0");
    EXPECT_EQ(found[0].severity, AlarmSeverity::critical);
    EXPECT_EQ(found[0].description, "Board temperature too high (injected)");

    const std::vector<board::Temperature> several{
        {"inlet", 24, 70},
        {"cpu_1", 75, 70, board::Source::modelled, true},
        {"cpu_2", 80.5, 70, board::Source::modelled, true}};
    found = temperature_conditions(several);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].description,
              "Board Temperature Alarm: Sensors #2 (cpu_1), #3 (cpu_2) are 75, 80.5 degrees "
              "Celsius. Exceeded threshold of 70");
}

TEST(HardwareAlarms, HaveTheFamilysNumbersAndCauses) {
    EXPECT_EQ(alarm_kind("acBoardTemperatureAlarm").number, 3u);
    EXPECT_EQ(alarm_kind("acFanTrayAlarm").number, 29u);
    EXPECT_EQ(alarm_kind("acPowerSupplyAlarm").number, 30u);
    EXPECT_EQ(static_cast<int>(alarm_kind("acBoardTemperatureAlarm").cause), 50);
}

}  // namespace
}  // namespace trunkline::mgmt
