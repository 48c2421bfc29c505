#include "mgmt/snmp/chassis_mib.h"

#include "mgmt/hardware_view.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using board::UnitKind;
using board::UnitState;

Mib mib_of(const board::Hardware& hardware) {
    nlohmann::json reply = hardware_view(hardware, {}, {});
    reply["ok"] = true;
    Mib mib;
    add_chassis(mib, reply, "0.1");
    return mib;
}

board::Hardware box(const char* model) {
    return board::Hardware(*board::load_model(model));
}

Oid cell(uint32_t table, uint32_t column, uint32_t row) {
    return below(chassis_subtree(), {table, 1, column, row});
}

TEST(ChassisMib, HasARowAModuleAFanTrayAndAPowerSupply) {
    const Mib mib = mib_of(box("mediant-4000"));
    EXPECT_EQ(mib.at(cell(21, 2, 3)), MibValue(Gauge32{3})) << "its slot";
    EXPECT_EQ(mib.at(cell(21, 3, 3)), MibValue(280));
    EXPECT_EQ(mib.at(cell(21, 4, 3)), MibValue(1));
    EXPECT_EQ(mib.at(cell(21, 7, 3)), MibValue("0.1"));
    EXPECT_EQ(mib.at(cell(21, 8, 3)), MibValue(2));
    EXPECT_EQ(mib.at(cell(21, 11, 3)), MibValue(40));
    EXPECT_EQ(mib.at(cell(21, 14, 3)), MibValue(2));
    EXPECT_FALSE(mib.contains(cell(21, 4, 1))) << "that slot is empty";
    for (const uint32_t number : {1, 2}) {
        EXPECT_EQ(mib.at(cell(22, 3, number)), MibValue(1));
        EXPECT_EQ(mib.at(cell(22, 6, number)), MibValue(0)) << "cleared";
        EXPECT_EQ(mib.at(cell(23, 3, number)), MibValue(1));
        EXPECT_EQ(mib.at(cell(23, 6, number)), MibValue(1)) << "cleared";
    }
}

TEST(ChassisMib, TellsWhatIsFaultyAndWhatIsMissing) {
    board::Hardware hardware = box("mediant-4000");
    ASSERT_TRUE(hardware.inject(UnitKind::fan_tray, 1, UnitState::faulty));
    ASSERT_TRUE(hardware.inject(UnitKind::fan_tray, 2, UnitState::missing));
    ASSERT_TRUE(hardware.inject(UnitKind::power_supply, 1, UnitState::missing));
    ASSERT_TRUE(hardware.inject(UnitKind::module, 3, UnitState::faulty));
    Mib mib = mib_of(hardware);
    EXPECT_EQ(mib.at(cell(22, 3, 1)), MibValue(1));
    EXPECT_EQ(mib.at(cell(22, 6, 1)), MibValue(4)) << "major";
    EXPECT_EQ(mib.at(cell(22, 3, 2)), MibValue(2));
    EXPECT_EQ(mib.at(cell(22, 6, 2)), MibValue(5)) << "critical";
    EXPECT_EQ(mib.at(cell(23, 3, 1)), MibValue(2));
    EXPECT_EQ(mib.at(cell(23, 6, 1)), MibValue(5)) << "major, counted from 1";
    EXPECT_EQ(mib.at(cell(21, 4, 3)), MibValue(1));
    EXPECT_EQ(mib.at(cell(21, 8, 3)), MibValue(1));
    EXPECT_EQ(mib.at(cell(21, 14, 3)), MibValue(6));
    ASSERT_TRUE(hardware.inject(UnitKind::module, 3, UnitState::missing));
    mib = mib_of(hardware);
    EXPECT_EQ(mib.at(cell(21, 4, 3)), MibValue(2));
    EXPECT_EQ(mib.at(cell(21, 14, 3)), MibValue(1));
}

TEST(ChassisMib, AVirtualMachineHasNone) {
    EXPECT_TRUE(mib_of(box("mediant-ve")).empty());
    Mib mib;
    add_chassis(mib, {{"ok", false}}, "");
    EXPECT_TRUE(mib.empty());
}

}  // namespace
}  // namespace trunkline::mgmt
