// Edits of what is put, the KPI tree, scripts, and the document of the routes.
#include "mgmt/rest/kpi_tree.h"
#include "mgmt/rest/openapi.h"
#include "mgmt/rest/script_run.h"
#include "mgmt/rest/table_edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class TableEditsTest : public ::testing::Test {
protected:
    const Catalogue catalogue = built_in_catalogue();
    const Table& accounts = *catalogue.table("signaling_and_media.accounts");
    const Table& proxy_sets = *catalogue.table("signaling_and_media.proxy_sets");
};

TEST_F(TableEditsTest, AWholeRowLeavesOutWhatItDoesNotHave) {
    const auto edits = row_edits(catalogue, accounts, {3}, {{"name", "a"}},
                                 {{"name", "b"}, {"contact_user", "1"}}, true);
    ASSERT_TRUE(edits);
    EXPECT_EQ(*edits, json::array({{{"table", accounts.path},
                                    {"rows", {3}},
                                    {"set", {{"name", "a"}}},
                                    {"left_out", {"contact_user"}},
                                    {"removes_row", false}}}));
}

TEST_F(TableEditsTest, APatchLeavesOutWhatIsNullAlone) {
    const auto edits = row_edits(catalogue, accounts, {3}, {{"contact_user", nullptr}},
                                 {{"name", "b"}, {"contact_user", "1"}}, false);
    ASSERT_TRUE(edits);
    EXPECT_EQ((*edits)[0]["left_out"], json({"contact_user"}));
    EXPECT_EQ((*edits)[0]["set"], json::object());
}

TEST_F(TableEditsTest, AListRemovesRowsThatItDoesNotHaveAndKeepsNumbers) {
    const json now = {{{"name", "a"}}, {{"row", 5}, {"name", "b"}}, {{"name", "c"}}};
    EXPECT_EQ(next_row(now), 7U);
    const json numbered = with_row_numbers(now, catalogue, accounts);
    EXPECT_EQ(numbered[1]["row"], 5);
    EXPECT_EQ(numbered[2]["row"], 6);
    json wanted = numbered;
    wanted.erase(1);
    const auto edits = list_edits(catalogue, accounts, {}, wanted, now);
    ASSERT_TRUE(edits);
    EXPECT_EQ((*edits)[0], (json{{"table", accounts.path}, {"rows", {5}}, {"removes_row", true}}));
    EXPECT_EQ((*edits)[1]["rows"], json({0}));
    EXPECT_EQ((*edits)[2]["rows"], json({6}));
}

TEST_F(TableEditsTest, InnerListsGoWithTheirRow) {
    const json now{{"name", "p"}, {"proxy_addresses", {{{"address", "a"}}, {{"address", "b"}}}}};
    const auto edits =
        row_edits(catalogue, proxy_sets, {0},
                  {{"name", "p"}, {"proxy_addresses", {{{"address", "c"}}}}}, now, true);
    ASSERT_TRUE(edits);
    ASSERT_EQ(edits->size(), 3U);
    EXPECT_EQ((*edits)[1]["rows"], json({0, 1}));
    EXPECT_EQ((*edits)[1]["removes_row"], true);
    EXPECT_EQ((*edits)[2]["set"], (json{{"address", "c"}}));
}

TEST_F(TableEditsTest, WhatIsNoRowIsToldWithItsPlace) {
    const auto pointer = [](const TableEdits& edits) { return edits ? "" : edits.error().pointer; };
    EXPECT_EQ(pointer(list_edits(catalogue, accounts, {}, {{{"nmae", "x"}}}, {})), "/0/nmae");
    EXPECT_EQ(pointer(list_edits(catalogue, accounts, {}, {json::object(), 7}, {})), "/1");
    EXPECT_EQ(pointer(list_edits(catalogue, accounts, {}, {{{"row", -1}}}, {})), "/0/row");
    EXPECT_EQ(pointer(row_edits(catalogue, proxy_sets, {0}, {{"proxy_addresses", {{{"a/b", 1}}}}},
                                {}, true)),
              "/proxy_addresses/0/a~1b");
}

TEST(KpiTree, HasTheNamesThatClientsWalk) {
    KpiFacts facts;
    facts.registrations = {{"ok", true}, {"attempts", 9}, {"total", 4}, {"registered", 3}};
    facts.counters = {{"ports", {{{"name", "GE_1"}, {"received_packets", 5}}}}};
    facts.ip_groups = {"ITSP"};
    const KpiNode tree = kpi_tree(facts);
    const auto at = [&](std::vector<std::string> path) -> const KpiNode* {
        const KpiNode* node = &tree;
        for (const std::string& part : path) {
            node = node == nullptr ? nullptr : node->find(part);
        }
        return node;
    };
    ASSERT_NE(at({"sbc", "otherStats", "global", "registerOutTotal"}), nullptr);
    EXPECT_EQ(at({"sbc", "otherStats", "global", "registerOutTotal"})->value, 9);
    EXPECT_EQ(at({"sbc", "otherStats", "global", "sbcRegistrationSuccessRatio"})->value, 75);
    EXPECT_EQ(at({"sbc", "callStats", "ipGroup", "0"})->description, "ITSP");
    EXPECT_EQ(at({"sbc", "callStats", "ipGroup", "0", "activeCallsTotal"})->value, 0);
    EXPECT_EQ(at({"sbc", "callStats", "global", "busyCallsIn"})->value, -1);
    EXPECT_EQ(at({"network", "portStats", "port", "0", "rxPackets"})->value, 5);
    EXPECT_EQ(at({"network", "portStats", "port", "1"}), nullptr);
    for (const auto& path :
         std::vector<std::vector<std::string>>{{"sbc", "sipRecstats"},
                                               {"media", "clusterStats"},
                                               {"media", "coderStats"},
                                               {"media", "dspStats"},
                                               {"media", "mediaStats"},
                                               {"network", "ddosStats"},
                                               {"network", "haStats"},
                                               {"system", "cpuStats", "cpu", "0"},
                                               {"system", "licenseStats", "global"},
                                               {"system", "storageStats", "partition", "0"},
                                               {"system", "systemStats", "memoryUtilization"}}) {
        EXPECT_NE(at(path), nullptr) << path.back();
    }
}

class ScriptRun : public ::testing::Test {
protected:
    ScriptResult run(const std::string& script) {
        return run_script(script, catalogue, [this](const json& request) {
            asked.push_back(request);
            const std::string command = request["command"];
            if (command == "configuration edit" && refuses) {
                return json{{"ok", false},
                            {"error", "no"},
                            {"faults", {{{"path", "edits[1].set.register"}}}}};
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

TEST(OpenApi, TellsOfEveryRouteWithItsLevelAndParameters) {
    Route route{"PATCH", "/api/v1/a/{row}", "patchA", "Help."};
    route.level = AccessLevel::administrator;
    route.query = {{"preview", "Looks.", {{"type", "boolean"}}}};
    route.takes = "application/json";
    route.responses = {{200, "Done.", "application/json", {{"type", "object"}}},
                       {204, "None.", "", {}}};
    const json document = openapi_document(std::vector<Route>{route}, built_in_catalogue());
    const json& operation = document["paths"]["/api/v1/a/{row}"]["patch"];
    EXPECT_EQ(operation["operationId"], "patchA");
    EXPECT_EQ(operation["x-level"], "Administrator");
    EXPECT_EQ(operation["parameters"][0]["name"], "row");
    EXPECT_EQ(operation["parameters"][1]["in"], "query");
    EXPECT_FALSE(operation["responses"]["204"].contains("content"));
    EXPECT_TRUE(operation["responses"].contains("401"));
    EXPECT_TRUE(document["components"]["schemas"].contains("signaling_and_media.accounts"));
}

}  // namespace
}  // namespace trunkline::mgmt
