#include "mgmt/snmp/appliance_mib.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

const Oid active_alarms{1, 3, 6, 1, 4, 1, 5003, 11, 1, 1, 1, 1};
const Oid alarm_history{1, 3, 6, 1, 4, 1, 5003, 11, 1, 2, 1, 1};
const Oid if_entry{1, 3, 6, 1, 2, 1, 2, 2, 1};
const Oid if_x_entry{1, 3, 6, 1, 2, 1, 31, 1, 1, 1};

json alarm(uint64_t id, const char* severity) {
    return {{"id", id},
            {"name", "acBoardEthernetLinkAlarm"},
            {"description", "Ethernet link alarm. LAN port GE_1 link is down"},
            {"severity", severity},
            {"source", "Board#1/EthernetLink#0"},
            {"date", "2026-11-21T09:15:02Z"}};
}

MibFacts facts() {
    return {.system = {{"ok", true},
                       {"hostname", "sbc1"},
                       {"model", "mediant-ve"},
                       {"product", "Mediant VE"},
                       {"product_number", 79},
                       {"version", "0.1"}},
            .counters = {{"ok", true},
                         {"ports",
                          {{{"name", "GE_1"},
                            {"driver", "net_virtio"},
                            {"link_up", true},
                            {"speed_mbps", 10000},
                            {"received_packets", 7},
                            {"received_bytes", 5'000'000'000},
                            {"receive_errors", 1},
                            {"sent_packets", 8},
                            {"sent_bytes", 900},
                            {"send_errors", 2},
                            {"device_drops", 3}},
                           {{"name", "GE_2"}, {"link_up", false}, {"disabled", true}}}}},
            .active = {{"ok", true}, {"alarms", {alarm(12, "minor")}}},
            .history = {{"ok", true}, {"alarms", {alarm(12, "minor"), alarm(13, "cleared")}}},
            .hardware = json::object({{"ok", false}})};
}

TEST(ApplianceMib, SaysWhoTheApplianceIs) {
    const Mib mib = appliance_mib(facts());
    const Oid system{1, 3, 6, 1, 2, 1, 1};
    EXPECT_EQ(mib.at(below(system, {1, 0})),
              MibValue("Product: Trunkline Mediant VE; Software Version: 0.1"));
    EXPECT_EQ(mib.at(below(system, {2, 0})), MibValue(Oid{1, 3, 6, 1, 4, 1, 5003, 8, 1, 1, 79}));
    EXPECT_EQ(mib.at(below(system, {5, 0})), MibValue("sbc1"));
}

TEST(ApplianceMib, HasAnInterfaceAPort) {
    const Mib mib = appliance_mib(facts());
    EXPECT_EQ(mib.at({1, 3, 6, 1, 2, 1, 2, 1, 0}), MibValue(2));
    EXPECT_EQ(mib.at(below(if_entry, {2, 1})), MibValue("GE_1 (net_virtio)"));
    EXPECT_EQ(mib.at(below(if_entry, {5, 1})), MibValue(Gauge32{4'294'967'295}))
        << "too fast for it";
    EXPECT_EQ(mib.at(below(if_entry, {7, 1})), MibValue(1));
    EXPECT_EQ(mib.at(below(if_entry, {7, 2})), MibValue(2)) << "disabled";
    EXPECT_EQ(mib.at(below(if_entry, {8, 1})), MibValue(1));
    EXPECT_EQ(mib.at(below(if_entry, {8, 2})), MibValue(2));
    EXPECT_EQ(mib.at(below(if_entry, {10, 1})), MibValue(Counter32{705'032'704})) << "it wraps";
    EXPECT_EQ(mib.at(below(if_entry, {13, 1})), MibValue(Counter32{3}));
    EXPECT_EQ(mib.at(below(if_entry, {14, 1})), MibValue(Counter32{1}));
    EXPECT_EQ(mib.at(below(if_entry, {20, 1})), MibValue(Counter32{2}));
    EXPECT_EQ(mib.at(below(if_x_entry, {1, 2})), MibValue("GE_2"));
    EXPECT_EQ(mib.at(below(if_x_entry, {6, 1})), MibValue(Counter64{5'000'000'000}));
    EXPECT_EQ(mib.at(below(if_x_entry, {15, 1})), MibValue(Gauge32{10'000}));
}

TEST(ApplianceMib, HasARowAnAlarmByItsNumber) {
    const Mib mib = appliance_mib(facts());
    EXPECT_EQ(mib.at(below(active_alarms, {1, 12})), MibValue(Gauge32{12}));
    EXPECT_EQ(std::get<Oid>(mib.at(below(active_alarms, {3, 12}))).back(), 10U);
    EXPECT_EQ(mib.at(below(active_alarms, {4, 12})),
              MibValue(std::string{7, '\xea', 11, 21, 9, 15, 2, 0, '+', 0, 0}));
    EXPECT_EQ(mib.at(below(active_alarms, {6, 12})),
              MibValue("Ethernet link alarm. LAN port GE_1 link is down"));
    EXPECT_EQ(mib.at(below(active_alarms, {8, 12})), MibValue(3));
    EXPECT_EQ(mib.at(below(active_alarms, {10, 12})), MibValue(56))
        << "underlying resource unavailable";
    EXPECT_EQ(mib.at(below(alarm_history, {8, 13})), MibValue(0));
    EXPECT_FALSE(mib.contains(below(active_alarms, {1, 13})));
}

TEST(ApplianceMib, LeavesOutWhatIsNotAnswered) {
    const json silence{{"ok", false}, {"unavailable", true}};
    EXPECT_TRUE(appliance_mib({silence, silence, silence, silence, silence}).empty());
}

TEST(ApplianceMib, IsWithinTheSubtreesThatTheMasterIsTold) {
    const auto subtrees = appliance_subtrees();
    for (const auto& [oid, value] : appliance_mib(facts())) {
        EXPECT_TRUE(std::ranges::any_of(subtrees, [&](const Oid& root) {
            return std::ranges::mismatch(root, oid).in1 == root.end();
        })) << testing::PrintToString(oid);
    }
}

}  // namespace
}  // namespace trunkline::mgmt
