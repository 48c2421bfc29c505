#include "board/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::board {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* good = R"(name: box
title: A box
chassis: tin
ports:
  - {label: GE_1, speeds_mbps: [10, 1000]}
  - {label: GE_2, speeds_mbps: [10, 1000]}
capacity: {signaling_sessions: 1, media_sessions: 2, srtp_sessions: 3, registered_users: 4}
sensors:
  - {name: heat, unit: celsius, minor: 60.5, major: 65, critical: 70, nominal: 40}
product_number: 70
mac_oui: "00:90:8f"
slots: 4
modules:
  - {slot: 1, width: 2, name: CPU, type_number: 280}
  - {slot: 4, name: MPM, fitted: false}
ethernet_groups: {most: 1, pairs: [[GE_1, GE_2]]}
fan_trays: 2
power_supplies: 1
lights:
  port: [{name: link, ok: green, fault: off}]
  module: [{name: in service, ok: green, fault: off}, {name: out, ok: off, fault: red}]
)";

std::string fault_of(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    const auto model = parse_model(text.replace(at, from.size(), to), "box.yaml");
    EXPECT_FALSE(model) << to;
    return model ? "" : model.error().message;
}

TEST(Model, ReadsEveryKey) {
    const auto model = parse_model(good, "box.yaml");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->name, "box");
    EXPECT_EQ(model->title, "A box");
    EXPECT_EQ(model->chassis, "tin");
    ASSERT_NE(model->port("GE_2"), nullptr);
    EXPECT_THAT(model->port("GE_2")->speeds_mbps, ElementsAre(10, 1000));
    EXPECT_EQ(model->port("GE_3"), nullptr);
    EXPECT_EQ(model->capacity.registered_users, 4u);
    ASSERT_EQ(model->sensors.size(), 1u);
    EXPECT_EQ(model->sensors[0].minor, 60.5);
    EXPECT_EQ(model->sensors[0].nominal, 40);
    EXPECT_EQ(model->product_number, 70u);
    EXPECT_EQ(model->mac_oui, "00:90:8f");
    ASSERT_EQ(model->modules.size(), 2u);
    EXPECT_EQ(model->modules[0].width, 2u);
    EXPECT_EQ(model->modules[0].type_number, 280u);
    EXPECT_TRUE(model->modules[0].fitted);
    EXPECT_EQ(model->modules[1].slot, 4u);
    EXPECT_FALSE(model->modules[1].fitted);
    EXPECT_EQ(model->ethernet_groups.most, 1u);
    EXPECT_THAT(model->ethernet_groups.pairs, ElementsAre(testing::Pair("GE_1", "GE_2")));
    EXPECT_EQ(model->fan_trays, 2u);
    EXPECT_EQ(model->power_supplies, 1u);
    ASSERT_EQ(model->lights.module.size(), 2u);
    EXPECT_EQ(model->lights.module[1].name, "out");
    EXPECT_EQ(model->lights.module[1].ok, LightColour::off);
    EXPECT_EQ(model->lights.module[1].fault, LightColour::red);
    EXPECT_TRUE(model->lights.fan_tray.empty());
}

TEST(Model, WhatAChassisMayLackIsLeftOut) {
    const std::string text = std::string(good).substr(0, std::string(good).find("product_number"));
    const auto model = parse_model(text, "box.yaml");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->product_number, Model::software_sbc);
    EXPECT_EQ(model->ethernet_groups.most, 2u) << "as many as there are ports";
    EXPECT_EQ(model->fan_trays + model->power_supplies + model->slots, 0u);
    EXPECT_TRUE(model->modules.empty());
}

TEST(Model, RefusesModulesThatDoNotFitAndWrongHardware) {
    EXPECT_THAT(
        fault_of(good, "{slot: 4, name: MPM", "{slot: 2, name: MPM"),
        HasSubstr("modules[1]: slots 3..4 are wanted free and in rising order, found 2..2"));
    EXPECT_THAT(fault_of(good, "{slot: 4, name: MPM", "{slot: 4, width: 2, name: MPM"),
                HasSubstr("found 4..5"));
    EXPECT_THAT(fault_of(good, "fitted: false", "fitted: maybe"),
                HasSubstr("modules[1].fitted: true or false is wanted"));
    EXPECT_THAT(fault_of(good, "[GE_1, GE_2]", "[GE_1, GE_9]"),
                HasSubstr("ethernet_groups.pairs: the labels of two ports are wanted"));
    EXPECT_THAT(fault_of(good, "fault: red", "fault: pink"),
                HasSubstr("lights.module.fault: off, green, yellow, red, blue is wanted, found "
                          "'pink'"));
    EXPECT_THAT(fault_of(good, ", nominal: 40", ""), HasSubstr("key 'nominal' is missing"));
}

TEST(Model, EveryBuiltInOneLoadsUnderItsOwnName) {
    EXPECT_THAT(model_names(), ElementsAre("mediant-1000b", "mediant-2600", "mediant-4000",
                                           "mediant-4000b", "mediant-800b", "mediant-9000",
                                           "mediant-9080", "mediant-ce", "mediant-ve"));
    for (const std::string& name : model_names()) {
        const auto model = load_model(name);
        ASSERT_TRUE(model) << model.error().message;
        EXPECT_EQ(model->name, name);
        EXPECT_FALSE(model->ports.empty());
        EXPECT_FALSE(model->sensors.empty());
        EXPECT_GT(model->capacity.registered_users, 0u);
        EXPECT_EQ(model->lights.fan_tray.empty(), model->fan_trays == 0);
        EXPECT_EQ(model->lights.power_supply.empty(), model->power_supplies == 0);
        EXPECT_EQ(model->lights.module.empty(), model->modules.empty());
    }
}

TEST(Model, AnUnknownNameListsThoseThatExistAndTheNearest) {
    const auto model = load_model("mediant-4001");
    ASSERT_FALSE(model);
    EXPECT_EQ(
        model.error().message,
        "no model 'mediant-4001'; there are mediant-1000b, mediant-2600, mediant-4000, "
        "mediant-4000b, mediant-800b, mediant-9000, mediant-9080, mediant-ce, mediant-ve; did "
        "you mean 'mediant-4000'?");
    EXPECT_THAT(load_model("x").error().message, Not(HasSubstr("did you mean")));
}

TEST(Model, FaultsSayFileLineColumnAndWhatIsAllowed) {
    EXPECT_EQ(fault_of(good, "title: A box", "titel: A box"),
              "box.yaml:2:1: model: unknown key 'titel'; allowed: name, title, chassis, "
              "product_number, mac_oui, slots, modules, ports, ethernet_groups, fan_trays, "
              "power_supplies, lights, capacity, sensors; did you mean 'title'?\n"
              "box.yaml:1:1: model: key 'title' is missing");
    EXPECT_EQ(fault_of(good, "media_sessions: 2", "media_sessions: many"),
              "box.yaml:7:51: capacity.media_sessions: a number of 0 or more is wanted, found "
              "'many'");
}

TEST(Model, RefusesWrongTypesDoubleKeysAndFallingThresholds) {
    EXPECT_THAT(fault_of(good, "signaling_sessions: 1", "signaling_sessions: -1"),
                HasSubstr("found '-1'"));
    EXPECT_THAT(fault_of(good, "signaling_sessions: 1", "signaling_sessions: \"1\""),
                HasSubstr("a number of 0 or more is wanted"));
    EXPECT_THAT(fault_of(good, "[10, 1000]", "[0]"), HasSubstr("a number of 1 or more"));
    EXPECT_THAT(fault_of(good, "[10, 1000]", "fast"), HasSubstr("a list is wanted"));
    EXPECT_THAT(fault_of(good, "minor: 60.5", "minor: .nan"), HasSubstr("found '.nan'"));
    EXPECT_THAT(fault_of(good, "title: A box", "title: [A]"), HasSubstr("a text is wanted"));
    EXPECT_THAT(fault_of(good, "title: A box", "name: twice\ntitle: A box"),
                HasSubstr("box.yaml:2:1: model: key 'name' stands twice"));
    EXPECT_THAT(fault_of(good, "label: GE_2", "label: GE_1"),
                HasSubstr("box.yaml:6:5: ports[1]: label 'GE_1' stands twice"));
    EXPECT_THAT(fault_of(good, "minor: 60.5", "minor: 80"), HasSubstr("must rise"));
}

TEST(Model, TextThatIsNoModelAtAllIsAFaultNotACrash) {
    for (const char* text : {"", "[1, 2]", "{", "a: b: c", "name: *nowhere", "\xff\xfe"}) {
        const auto model = parse_model(text, "bad.yaml");
        ASSERT_FALSE(model) << text;
        EXPECT_THAT(model.error().message, HasSubstr("bad.yaml")) << text;
    }
}

BoardConfig two_ports() {
    BoardConfig config;
    config.physical_ports = {{"GE_1", AfPacketDevice{"sbc0"}, ""}, {"GE_2", RingDevice{}, ""}};
    config.ethernet_groups = {{"GROUP_1", {"GE_1"}, EthernetGroupMode::single},
                              {"GROUP_2", {"GE_2"}, EthernetGroupMode::single}};
    return config;
}

std::vector<std::string> faults(const BoardConfig& config) {
    std::vector<std::string> messages;
    for (const Error& error : check_against_model(config, *load_model("mediant-ve"))) {
        messages.push_back(error.message);
    }
    return messages;
}

TEST(CheckAgainstModel, AConfigurationThatFitsHasNoFaults) {
    EXPECT_THAT(faults(two_ports()), ElementsAre());
}

TEST(CheckAgainstModel, TellsUnknownPortsWithTheNearestLabel) {
    BoardConfig config = two_ports();
    config.physical_ports[1].name = "GE2";
    EXPECT_THAT(faults(config),
                ElementsAre("ip_network.physical_ports[1].name: mediant-ve has no port 'GE2'; its "
                            "ports are GE_1, GE_2, GE_3, GE_4, GE_5, GE_6, GE_7, GE_8; did you "
                            "mean 'GE_2'?",
                            "ip_network.ethernet_groups[1].members: no port 'GE_2' in "
                            "ip_network.physical_ports; there are GE_1, GE2; did you mean 'GE2'?"));
}

TEST(CheckAgainstModel, RefusesTwoPortsWithOneLabelOrOneDevice) {
    BoardConfig config = two_ports();
    config.physical_ports[1] = {"GE_1", TapDevice{"sbc0"}, ""};
    config.ethernet_groups.pop_back();
    EXPECT_THAT(faults(config),
                ElementsAre(HasSubstr("port 'GE_1' stands twice, first in "
                                      "ip_network.physical_ports[0]"),
                            HasSubstr("interface sbc0 is used by ip_network.physical_ports[0]")));
}

TEST(CheckAgainstModel, RefusesTwoPortsOfOneNumberOrOnOneInterface) {
    BoardConfig config = two_ports();
    config.physical_ports[0].device = PciDevice{.address = "", .number = 1};
    config.physical_ports[1].device = PciDevice{.address = "", .number = 2};
    EXPECT_THAT(faults(config), ElementsAre());
    config.physical_ports[1].device = config.physical_ports[0].device;
    EXPECT_THAT(faults(config),
                ElementsAre(HasSubstr("NIC 1 is used by ip_network.physical_ports[0]")));
    config.physical_ports[0].device = AfPacketDevice{"sbc0"};
    config.physical_ports[1].device = AfXdpDevice{"sbc0"};
    EXPECT_THAT(faults(config),
                ElementsAre(HasSubstr("interface sbc0 is used by ip_network.physical_ports[0]")));
}

TEST(CheckAgainstModel, RefusesTwoPortsOnOnePciDeviceHoweverItsAddressIsWritten) {
    BoardConfig config = two_ports();
    config.physical_ports[0].device = PciDevice{"0000:00:0a.0"};
    config.physical_ports[1].device = PciDevice{"00:0A.0"};
    EXPECT_THAT(
        faults(config),
        ElementsAre(HasSubstr("PCI device 0000:00:0a.0 is used by ip_network.physical_ports[0]")));
}

TEST(CheckAgainstModel, RefusesMoreGroupsThanTheModelHas) {
    BoardConfig config = two_ports();
    for (int i = 3; i <= 9; ++i) {
        config.ethernet_groups.push_back(
            {"GROUP_" + std::to_string(i), {}, EthernetGroupMode::none});
    }
    EXPECT_THAT(
        faults(config),
        ElementsAre("ip_network.ethernet_groups: mediant-ve has 8 groups at most, found 9"));
}

TEST(CheckAgainstModel, RefusesGroupsOfTheWrongSizeOrWithSharedMembers) {
    BoardConfig config = two_ports();
    config.ethernet_groups = {{"A", {"GE_1", "GE_2"}, EthernetGroupMode::single},
                              {"A", {"GE_1"}, EthernetGroupMode::single},
                              {"C", {"GE_7"}, EthernetGroupMode::none},
                              {"D", {}, EthernetGroupMode::two_rx_one_tx}};
    EXPECT_THAT(
        faults(config),
        ElementsAre(HasSubstr("mode single takes one member, found 2"),
                    HasSubstr("group 'A' stands twice"),
                    HasSubstr("port 'GE_1' is a member of ip_network.ethernet_groups[0]"),
                    HasSubstr("mode none takes no member, found 1"), HasSubstr("no port 'GE_7'"),
                    HasSubstr("this mode takes one or two members, found 0")));
}

}  // namespace
}  // namespace trunkline::board
