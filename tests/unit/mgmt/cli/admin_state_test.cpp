#include "mgmt/cli/admin_state.h"

#include "mgmt/cli/session.h"
#include "tests/unit/mgmt/cli/played_appliance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class AdminStateTest : public testing::Test {
protected:
    std::string type(std::string_view line) {
        CliText text;
        done_ = session_.execute(line, text);
        return text.text;
    }
    json last() const { return appliance_.requests.back().at("command"); }

    const Catalogue catalogue_ = built_in_catalogue();
    PlayedAppliance appliance_{catalogue_};
    CliSession session_{catalogue_, {appliance_.ask(), false, {}}};
    bool done_ = false;
};

TEST_F(AdminStateTest, LocksInEveryFormOfTheFamilyAndUnlocks) {
    appliance_.answers["lock"] = {{"ok", true}, {"changed", true}};
    appliance_.answers["unlock"] = {{"ok", true}, {"changed", true}};
    for (const char* const line :
         {"admin state lock", "admin state lock no-graceful", "admin state lock graceful forever",
          "admin state lock graceful 50", "admin state lock graceful 0"}) {
        appliance_.requests.clear();
        EXPECT_EQ(type(line), "The appliance is locked\n") << line;
        EXPECT_TRUE(done_);
        EXPECT_EQ(last(), "lock") << line;
    }
    EXPECT_EQ(type("admin state unlock"), "The appliance is unlocked\n");
    EXPECT_EQ(last(), "unlock");
    appliance_.answers["unlock"] = {{"ok", true}, {"changed", false}};
    EXPECT_EQ(type("admin state unlock"), "The appliance is unlocked already\n");
}

TEST_F(AdminStateTest, TellsWhatStandsForATime) {
    for (const char* const text : {"soon", "-1", "86401", "5s"}) {
        const std::size_t before = appliance_.requests.size();
        EXPECT_THAT(type(std::string("admin state lock graceful ") + text),
                    HasSubstr(std::string("graceful: found '") + text +
                              "'; allowed: 0..86400 seconds, or forever"));
        EXPECT_FALSE(done_);
        EXPECT_EQ(appliance_.requests.size(), before);
    }
    type("admin state lock graceful");
    EXPECT_FALSE(done_);
}

TEST_F(AdminStateTest, TellsWhyTheApplianceDidNot) {
    appliance_.answers["lock"] = {{"ok", false}, {"error", "needs Administrator"}};
    EXPECT_EQ(type("admin state lock"), "Error: needs Administrator\n");
    EXPECT_FALSE(done_);
}

TEST_F(AdminStateTest, IsShown) {
    appliance_.answers["system status"] = {{"ok", true}, {"locked", true}};
    EXPECT_EQ(type("show admin state"), "Current Admin State: LOCKED\n");
    EXPECT_EQ(json::parse(type("show admin state --json")), (json{{"admin_state", "LOCKED"}}));
    appliance_.answers["system status"]["locked"] = false;
    EXPECT_EQ(type("show admin state"), "Current Admin State: UNLOCKED\n");
}

}  // namespace
}  // namespace trunkline::mgmt
