#include "board/hardware.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trunkline::board {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Hardware box() {
    return Hardware(*load_model("mediant-4000"));
}

std::vector<std::string> names_of(const Hardware& hardware) {
    std::vector<std::string> names;
    for (const Unit& unit : hardware.units()) {
        names.push_back(unit.name);
    }
    return names;
}

const Unit& unit_of(const Hardware& hardware, UnitKind kind, unsigned number) {
    return *std::ranges::find_if(hardware.units(), [&](const Unit& unit) {
        return unit.kind == kind && unit.number == number;
    });
}

TEST(Hardware, HasTheFittedModulesFansAndSuppliesOfItsModelAndAllIsWell) {
    const Hardware hardware = box();
    EXPECT_THAT(names_of(hardware), ElementsAre("SBC CPU", "Fan tray 1", "Fan tray 2",
                                                "Power supply 1", "Power supply 2"));
    for (const Unit& unit : hardware.units()) {
        EXPECT_EQ(unit.state, UnitState::ok) << unit.name;
        EXPECT_EQ(unit.source, Source::modelled) << unit.name;
    }
    ASSERT_EQ(hardware.temperatures().size(), 1u);
    EXPECT_EQ(hardware.temperatures()[0].celsius, 40);
    EXPECT_EQ(hardware.temperatures()[0].source, Source::modelled);
    EXPECT_FALSE(hardware.temperatures()[0].is_too_high);
}

TEST(Hardware, AnInjectedFaultStandsUntilItIsClearedAndSaysThatItIsOne) {
    Hardware hardware = box();
    ASSERT_TRUE(hardware.inject(UnitKind::fan_tray, 2, UnitState::faulty));
    ASSERT_TRUE(hardware.inject(UnitKind::power_supply, 1, UnitState::missing));
    EXPECT_EQ(unit_of(hardware, UnitKind::fan_tray, 2).state, UnitState::faulty);
    EXPECT_EQ(unit_of(hardware, UnitKind::fan_tray, 2).source, Source::injected);
    EXPECT_EQ(unit_of(hardware, UnitKind::fan_tray, 1).state, UnitState::ok);
    EXPECT_EQ(unit_of(hardware, UnitKind::power_supply, 1).state, UnitState::missing);
    ASSERT_TRUE(hardware.clear(UnitKind::fan_tray, 2));
    EXPECT_EQ(unit_of(hardware, UnitKind::fan_tray, 2).state, UnitState::ok);
    EXPECT_EQ(unit_of(hardware, UnitKind::fan_tray, 2).source, Source::modelled);
    EXPECT_EQ(unit_of(hardware, UnitKind::power_supply, 1).state, UnitState::missing);
}

TEST(Hardware, WhatTheModelLacksIsRefusedWithWhatItHas) {
    Hardware hardware = box();
    EXPECT_EQ(hardware.inject(UnitKind::fan_tray, 3, UnitState::faulty).error().message,
              "mediant-4000 has no fan tray 3; there are 1, 2");
    EXPECT_EQ(hardware.clear(UnitKind::module, 1).error().message,
              "mediant-4000 has no module 1; there are 3");
    Hardware machine(*load_model("mediant-ve"));
    EXPECT_THAT(machine.units(), IsEmpty());
    EXPECT_EQ(machine.inject(UnitKind::power_supply, 1, UnitState::faulty).error().message,
              "mediant-ve has no power supply 1; it has none");
    EXPECT_EQ(machine.inject_temperature(90).error().message,
              "mediant-ve has no temperature sensor");
    EXPECT_EQ(hardware.inject_temperature(1e9).error().message,
              "a temperature of -100..300 degrees is wanted, found 1000000000");
    EXPECT_EQ(machine.clear_temperature().error().message, "mediant-ve has no temperature sensor");
}

TEST(Hardware, ATemperatureIsTooHighFromItsThresholdUntilItHasFallenFiveDegrees) {
    Hardware hardware = box();
    struct Case {
        double celsius;
        bool is_too_high;
    };
    for (const auto& [celsius, is_too_high] :
         {Case{69.9, false}, Case{70, true}, Case{69, true}, Case{65, true}, Case{64.9, false},
          Case{69, false}, Case{90, true}}) {
        ASSERT_TRUE(hardware.inject_temperature(celsius));
        EXPECT_EQ(hardware.temperatures()[0].is_too_high, is_too_high) << celsius;
        EXPECT_EQ(hardware.temperatures()[0].source, Source::injected);
    }
    ASSERT_TRUE(hardware.clear_temperature());
    EXPECT_EQ(hardware.temperatures()[0].celsius, 40);
    EXPECT_FALSE(hardware.temperatures()[0].is_too_high);
    EXPECT_EQ(hardware.temperatures()[0].source, Source::modelled);
}

TEST(Hardware, AllFaultsAreClearedAtOnce) {
    Hardware hardware = box();
    ASSERT_TRUE(hardware.inject(UnitKind::module, 3, UnitState::faulty));
    ASSERT_TRUE(hardware.inject_temperature(90));
    hardware.clear_all();
    EXPECT_EQ(unit_of(hardware, UnitKind::module, 3).state, UnitState::ok);
    EXPECT_EQ(hardware.temperatures()[0].celsius, 40);
    EXPECT_EQ(hardware.model().name, "mediant-4000");
}

std::vector<std::string> colours(const std::vector<LightNow>& lights) {
    std::vector<std::string> found;
    for (const LightNow& light : lights) {
        found.emplace_back(to_string(light.colour));
    }
    return found;
}

TEST(Hardware, LightsFollowTheStateOfWhatTheyStandOn) {
    const Model model = *load_model("mediant-4000");
    Unit cpu{.kind = UnitKind::module, .number = 3, .name = "SBC CPU"};
    EXPECT_THAT(colours(lights_of(model, cpu)), ElementsAre("green", "off"));
    cpu.state = UnitState::faulty;
    EXPECT_THAT(colours(lights_of(model, cpu)), ElementsAre("off", "red"));
    cpu.state = UnitState::missing;
    EXPECT_THAT(colours(lights_of(model, cpu)), ElementsAre("off", "off"));
    Unit fan{UnitKind::fan_tray, 1, "Fan tray 1", UnitState::faulty};
    EXPECT_THAT(colours(lights_of(model, fan)), ElementsAre("red"));
    fan.kind = UnitKind::power_supply;
    EXPECT_THAT(colours(lights_of(model, fan)), ElementsAre("red"));
    EXPECT_THAT(colours(port_lights(model, true)), ElementsAre("green"));
    EXPECT_THAT(colours(port_lights(model, false)), ElementsAre("off"));
}

TEST(Hardware, NamesOfKindsAndStatesAreReadBack) {
    for (const UnitKind kind : {UnitKind::module, UnitKind::fan_tray, UnitKind::power_supply}) {
        EXPECT_EQ(unit_kind(to_string(kind)), kind);
    }
    for (const UnitState state : {UnitState::ok, UnitState::faulty, UnitState::missing}) {
        EXPECT_EQ(unit_state(to_string(state)), state);
    }
    EXPECT_EQ(unit_kind("toaster"), std::nullopt);
    EXPECT_EQ(unit_state("tired"), std::nullopt);
}

}  // namespace
}  // namespace trunkline::board
