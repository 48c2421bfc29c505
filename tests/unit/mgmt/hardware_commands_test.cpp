#include "mgmt/hardware_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HardwareCommandsTest : public ::testing::Test {
protected:
    HardwareCommandsTest() { commands_.add_to(table_); }

    json ask(const json& request, AccessLevel level = AccessLevel::administrator) {
        json answer;
        table_.answer(request, {"ann", level}, [&](const json& reply) { answer = reply; });
        return answer;
    }

    std::string fan_state() { return ask({{"command", "show hardware"}})["fan_trays"][0]["state"]; }

    ApplianceConfig config_;
    std::vector<std::string> activity_;
    CommandTable table_;
    HardwareCommands commands_{{*board::load_model("mediant-1000b"),
                                {},
                                [this]() -> const ApplianceConfig& { return config_; },
                                [this](const std::string& who, const std::string& what) {
                                    activity_.push_back(who + " " + what);
                                }}};
};

TEST_F(HardwareCommandsTest, FaultsAreInjectedAndClearedAndStandInTheActivityLog) {
    EXPECT_EQ(ask({{"command", "board fault"},
                   {"what", "fan_tray"},
                   {"number", 1},
                   {"state", "missing"}}),
              (json{{"ok", true}}));
    EXPECT_EQ(fan_state(), "missing");
    EXPECT_EQ(ask({{"command", "board fault"}, {"what", "temperature"}, {"celsius", 80}})["ok"],
              true);
    EXPECT_TRUE(commands_.hardware().temperatures()[0].is_too_high);
    ask({{"command", "board fault clear"}, {"what", "temperature"}});
    EXPECT_FALSE(commands_.hardware().temperatures()[0].is_too_high);
    EXPECT_EQ(fan_state(), "missing");
    ask({{"command", "board fault clear"}, {"what", "fan_tray"}, {"number", 1}});
    EXPECT_EQ(fan_state(), "ok");
    ask({{"command", "board fault"}, {"what", "fan_tray"}, {"number", 1}, {"state", "faulty"}});
    ask({{"command", "board fault clear"}});
    EXPECT_EQ(fan_state(), "ok");
    EXPECT_THAT(activity_, ElementsAre("ann injects a fault: fan_tray 1 missing",
                                       "ann injects a temperature of 80 degrees",
                                       "ann clears an injected fault: temperature",
                                       "ann clears an injected fault: fan_tray",
                                       "ann injects a fault: fan_tray 1 faulty",
                                       "ann clears all injected faults"));
}

TEST_F(HardwareCommandsTest, WhatIsNotThereOrNotAllowedChangesNothing) {
    for (const auto& [request, why] :
         {std::pair(json{{"command", "board fault"}, {"what", "toaster"}, {"number", 1}},
                    "found 'toaster'; allowed: module, fan_tray, power_supply, temperature, port"),
          std::pair(json{{"command", "board fault clear"}, {"what", "toaster"}}, "found 'toaster'"),
          std::pair(
              json{
                  {"command", "board fault"}, {"what", "fan_tray"}, {"number", 1}, {"state", "ok"}},
              "state: found 'ok'; allowed: faulty, missing"),
          std::pair(json{{"command", "board fault"},
                         {"what", "fan_tray"},
                         {"number", 7},
                         {"state", "faulty"}},
                    "mediant-1000b has no fan tray 7; there are 1"),
          std::pair(json{{"command", "board fault"},
                         {"what", "fan_tray"},
                         {"number", 4294967297},
                         {"state", "faulty"}},
                    "mediant-1000b has no fan tray 0"),
          std::pair(json{{"command", "board fault clear"}, {"what", "fan_tray"}, {"number", 1.5}},
                    "mediant-1000b has no fan tray 0"),
          std::pair(json{{"command", "board fault"}, {"what", "fan_tray"}, {"state", "faulty"}},
                    "the request lacks a value"),
          std::pair(
              json{{"command", "board fault"}, {"what", "port"}, {"name", "GE_1"}, {"state", "up"}},
              "state: found 'up'; allowed: down"),
          std::pair(json{{"command", "board fault"},
                         {"what", "port"},
                         {"name", "GE_1"},
                         {"state", "down"}},
                    "no port GE_1 is in use; none is"),
          std::pair(json{{"command", "board fault clear"}, {"what", "port"}, {"name", "GE_1"}},
                    "no port GE_1 is in use"),
          std::pair(json{{"command", "board fault"}, {"what", "temperature"}},
                    "the request lacks a value")}) {
        const json answer = ask(request);
        EXPECT_EQ(answer["ok"], false) << request.dump();
        EXPECT_THAT(answer["error"].get<std::string>(), HasSubstr(why));
    }
    EXPECT_EQ(fan_state(), "ok");
    EXPECT_THAT(activity_, IsEmpty());
}

TEST_F(HardwareCommandsTest, WhoMayOnlyLookMayNotBreakAnything) {
    EXPECT_EQ(ask({{"command", "show hardware"}}, AccessLevel::monitor)["ok"], true);
    for (const char* command : {"board fault", "board fault clear"}) {
        EXPECT_EQ(ask({{"command", command}}, AccessLevel::monitor)["denied"], true) << command;
    }
}

}  // namespace
}  // namespace trunkline::mgmt
