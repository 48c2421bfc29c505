#include "mgmt/cli/script_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

class ScriptRun : public ::testing::Test {
protected:
    ScriptResult run(const std::string& script) {
        return run_script(script, catalogue, [this](const json& request) {
            asked.push_back(request);
            const std::string command = request["command"];
            if (command == "configuration edit" && refuses) {
                return json{{"ok", false}, {"error", "no"}, {"faults", {{{"path", fault_path}}}}};
            }
            if (command == "configuration get") {
                return json{{"ok", true}, {"revision", 1}, {"configuration", json::object()}};
            }
            return json{{"ok", true}};
        });
    }
    std::vector<json> edits() const {
        std::vector<json> found;
        std::ranges::copy_if(asked, std::back_inserter(found), [](const json& request) {
            return request["command"] == "configuration edit";
        });
        return found;
    }
    static constexpr const char* two_rows =
        "configure voip\n"
        "sip-definition account 0\nhost-name a\nactivate\nexit\n"
        "sip-definition account 1\nhost-name b\nactivate\nexit\nexit\n";
    const Catalogue catalogue = built_in_catalogue();
    std::vector<json> asked;
    bool refuses = false;
    std::string fault_path = "edits[1].set.register";
};

TEST_F(ScriptRun, AppliesAllOfItsLinesTogether) {
    const ScriptResult result = run(two_rows);
    EXPECT_TRUE(result.is_done) << result.output;
    ASSERT_EQ(edits().size(), 1U);
    EXPECT_GE(edits()[0]["edits"].size(), 2U);
}

TEST_F(ScriptRun, AWrongLineLeavesNothingDoneAndIsNamed) {
    const ScriptResult result = run(std::string(two_rows) + "configure nowhere\n");
    EXPECT_FALSE(result.is_done);
    EXPECT_EQ(result.line, 11U);
    EXPECT_TRUE(edits().empty());
}

TEST_F(ScriptRun, WhatIsRefusedAtTheEndNamesTheLineThatItCameOf) {
    refuses = true;
    const ScriptResult result = run(two_rows);
    EXPECT_FALSE(result.is_done);
    EXPECT_GE(result.line, 7U);
    EXPECT_EQ(result.refusal["error"], "no");
}

TEST_F(ScriptRun, WhatIsWrongWithARowNamesTheLineThatAppliedIt) {
    refuses = true;
    for (const auto& [path, line] : std::vector<std::pair<std::string, std::size_t>>{
             {"signaling_and_media.accounts[0].host_name", 4},
             {"signaling_and_media.accounts[1]", 8},
             {"signaling_and_media.accounts[10].host_name", 0},
             {"signaling_and_media", 0}}) {
        fault_path = path;
        EXPECT_EQ(run(two_rows).line, line) << path;
    }
}

TEST_F(ScriptRun, ARowThatIsLeftOpenIsAppliedAtTheEnd) {
    const ScriptResult result =
        run("configure voip\nsip-definition account 0\nhost-name a\nexit\n"
            "sip-definition account 1\nhost-name b");
    EXPECT_TRUE(result.is_done) << result.output;
    ASSERT_EQ(edits().size(), 1U);
    EXPECT_EQ(edits()[0]["edits"].back()["set"], (json{{"host_name", "b"}}));
}

TEST_F(ScriptRun, ALineThatActsHasWhatStandsBeforeItAppliedFirst) {
    const ScriptResult result = run(std::string(two_rows) + "write\n");
    EXPECT_TRUE(result.is_done) << result.output;
    std::vector<std::string> order;
    for (const json& request : asked) {
        if (request["command"] == "configuration edit" ||
            request["command"] == "configuration save") {
            order.push_back(request["command"]);
        }
    }
    EXPECT_THAT(order, ::testing::ElementsAre("configuration edit", "configuration save"));
}

TEST_F(ScriptRun, TellsWhichOfItsLinesActWhereItFails) {
    const ScriptResult none = run(std::string(two_rows) + "nonsense\n");
    EXPECT_EQ(none.acts, 0U);
    EXPECT_EQ(what_acts(none), "nothing of it acts");
    const ScriptResult some = run(std::string(two_rows) + "write\nshow system uptime\nnonsense\n");
    EXPECT_EQ(some.line, 13U);
    EXPECT_EQ(some.acts, 11U);
    EXPECT_EQ(what_acts(some), "its lines 1 to 11 act, the others do not");
    refuses = true;
    EXPECT_EQ(run(std::string(two_rows) + "write\n").acts, 0U);
}

TEST_F(ScriptRun, AFileOfOnesOwnMayCopy) {
    CliText text;
    const std::string script = "copy cli-script from http://192.0.2.1/x\n";
    const CliTransfer transfer{
        [](const std::string&) { return std::string("!"); },
        [](const auto&, const auto&) -> board::Expected<void> { return {}; }};
    const ScriptResult result = run_script(
        script, catalogue,
        [](const json&) {
            return json{{"ok", true}};
        },
        {text, text}, transfer);
    EXPECT_TRUE(result.is_done) << text.text;
}

TEST_F(ScriptRun, CopiesNoFiles) {
    const ScriptResult result = run("copy cli-script from http://192.0.2.1/x\n");
    EXPECT_FALSE(result.is_done);
    EXPECT_EQ(result.line, 1U);
    EXPECT_THAT(result.output, ::testing::HasSubstr("copy is for sessions alone"));
    EXPECT_TRUE(asked.empty());
}

}  // namespace
}  // namespace trunkline::mgmt
