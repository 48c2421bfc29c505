#include "mgmt/hardware_view.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace trunkline::mgmt {
namespace {

using board::LightColour;
using nlohmann::json;

board::Model box() {
    board::Model model;
    model.name = "box";
    model.title = "Box";
    model.chassis = "1U";
    model.ports = {{"GE_1", {1000}}, {"GE_2", {1000}}, {"GE_3", {10}}};
    model.sensors = {{"heat", "celsius", 60, 65, 70, 40}, {"load", "percent", 80, 90, 95, 0}};
    model.slots = 3;
    model.modules = {{1, 2, "CPU", 280, true}, {3, 1, "MPM", 0, false}};
    model.fan_trays = 1;
    model.lights.port = {{"link", LightColour::green, LightColour::off}};
    model.lights.fan_tray = {{"status", LightColour::green, LightColour::red}};
    return model;
}

TEST(HardwareView, HasEveryPortOfTheModelAndTellsThoseInUse) {
    board::BoardConfig config;
    config.ethernet_groups = {{"GROUP_1", {"GE_2"}, board::EthernetGroupMode::single}};
    const board::LinkState injected{.source = board::Source::injected};
    const std::vector<PortSight> ports{{"GE_3", "net_null", injected, false},
                                       {"GE_2", "net_virtio", {true, 1000, true}}};
    const json view = hardware_view(board::Hardware(box()), config, ports);
    EXPECT_EQ(view["title"], "Box");
    EXPECT_EQ(view["ports"], json::parse(R"([
        {"label": "GE_1", "speeds_mbps": [1000], "in_use": false},
        {"label": "GE_2", "speeds_mbps": [1000], "in_use": true, "group": "GROUP_1",
         "driver": "net_virtio", "link_up": true, "disabled": false, "source": "reported", "speed_mbps": 1000,
         "lights": [{"name": "link", "colour": "green"}]},
        {"label": "GE_3", "speeds_mbps": [10], "in_use": true, "group": "",
         "driver": "net_null", "link_up": false, "disabled": true, "source": "injected", "speed_mbps": 0,
         "lights": [{"name": "link", "colour": "off"}]}])"));
}

TEST(HardwareView, TellsOfUnitsAndTemperaturesHowTheyAreAndWhereThatComesFrom) {
    board::Hardware hardware(box());
    ASSERT_TRUE(hardware.inject(board::UnitKind::fan_tray, 1, board::UnitState::faulty));
    const json view = hardware_view(hardware, {}, {});
    EXPECT_EQ(view["slots"], 3);
    EXPECT_EQ(view["modules"], json::parse(R"([
        {"slot": 1, "width": 2, "name": "CPU", "fitted": true, "type_number": 280, "number": 1,
         "state": "ok", "source": "modelled", "lights": []},
        {"slot": 3, "width": 1, "name": "MPM", "fitted": false, "type_number": 0}])"));
    EXPECT_EQ(view["fan_trays"], json::parse(R"([
        {"number": 1, "name": "Fan tray 1", "state": "faulty", "source": "injected",
         "lights": [{"name": "status", "colour": "red"}]}])"));
    EXPECT_EQ(view["power_supplies"], json::array());
    EXPECT_EQ(view["temperatures"], json::parse(R"([
        {"sensor": "heat", "celsius": 40.0, "critical": 70.0, "source": "modelled",
         "too_high": false}])"));
}

}  // namespace
}  // namespace trunkline::mgmt
