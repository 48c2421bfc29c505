// Edits of what is put, the KPI tree, and the document of the routes.
#include "mgmt/rest/catalogue_document.h"
#include "mgmt/rest/kpi_tree.h"
#include "mgmt/rest/openapi.h"
#include "mgmt/rest/table_edits.h"
#include "mgmt/rest/table_schema.h"

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

TEST_F(TableEditsTest, TypesOfJsonAreThoseOfTheSchema) {
    const auto message = [&](const json& body) {
        const auto edits = row_edits(catalogue, proxy_sets, {0}, body, {}, false);
        return edits ? "" : edits.error().pointer + " " + edits.error().message;
    };
    EXPECT_EQ(message({{"name", 5}}),
              "/name name: found '5'; allowed: a JSON string: text of 1..40 characters");
    EXPECT_EQ(message({{"keep_alive_time", 1e20}}),
              "/keep_alive_time keep_alive_time: found '1e+20'; allowed: 5..2000000 s");
    EXPECT_EQ(message({{"keep_alive_time", "60"}}),
              "/keep_alive_time keep_alive_time: found '\"60\"'; allowed: 5..2000000 s");
    EXPECT_EQ(message({{"proxy_hot_swap", "true"}}),
              "/proxy_hot_swap proxy_hot_swap: found '\"true\"'; allowed: true, false");
    EXPECT_THAT(message({{"keep_alive_failure_responses", {503, "404"}}}),
                HasSubstr("/keep_alive_failure_responses/1 "));
    EXPECT_EQ(message({{"name", "p"}, {"keep_alive_time", 60}, {"proxy_hot_swap", true}}), "");
    const auto secret = row_edits(catalogue, accounts, {0}, {{"password", 4711}}, {}, false);
    ASSERT_FALSE(secret);
    EXPECT_THAT(secret.error().message, ::testing::Not(HasSubstr("4711")));
}

TEST_F(TableEditsTest, TheNumberOfARowIsToldWithWhatItMayBe) {
    for (const json& number : {json(-1), json("1"), json(1e3), json(99999999999999999999.0)}) {
        const auto edits = list_edits(catalogue, accounts, {}, {{{"row", number}}}, {});
        ASSERT_FALSE(edits) << number;
        EXPECT_THAT(edits.error().message, HasSubstr("row: found '")) << number;
        EXPECT_THAT(edits.error().message, HasSubstr("; allowed: a number of 0..")) << number;
    }
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
    ASSERT_NE(at({"sbc", "sipRecstats", "ipGroup", "0"}), nullptr);
    EXPECT_FALSE(at({"sbc", "sipRecstats", "ipGroup", "0"})->below.empty());
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

TEST(OpenApi, APatchIsARowWithoutRequiredMembersInWhichNullIsADefault) {
    const Catalogue catalogue = built_in_catalogue();
    const json schemas = table_schemas(catalogue);
    const json row = schemas["signaling_and_media.accounts"];
    const json patch = schemas["signaling_and_media.accounts.patch"];
    EXPECT_TRUE(row.contains("required"));
    EXPECT_FALSE(patch.contains("required"));
    EXPECT_EQ(row["properties"]["user_name"]["type"], "string");
    EXPECT_EQ(patch["properties"]["user_name"]["anyOf"][0]["type"], "string");
    EXPECT_EQ(patch["properties"]["user_name"]["anyOf"][1], (json{{"type", "null"}}));
    EXPECT_EQ(patch["additionalProperties"], false);
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

class CatalogueDocumentTest : public ::testing::Test {
protected:
    json table(const std::string& path) const {
        for (const json& row : document["tables"]) {
            if (row["path"] == path) {
                return row;
            }
        }
        return {};
    }
    static json parameter(const json& table, const std::string& name) {
        for (const json& row : table["parameters"]) {
            if (row["name"] == name) {
                return row;
            }
        }
        return {};
    }
    const Catalogue catalogue = built_in_catalogue();
    const json document = catalogue_document(catalogue);
};

TEST_F(CatalogueDocumentTest, HasEveryTableAndParameterInTheOrderOfTheCatalogue) {
    ASSERT_EQ(document["tables"].size(), catalogue.tables().size());
    for (std::size_t at = 0; at < catalogue.tables().size(); ++at) {
        const Table& row = catalogue.tables()[at];
        EXPECT_EQ(document["tables"][at]["path"], row.path);
        EXPECT_EQ(document["tables"][at]["parameters"].size(), row.parameters.size());
    }
}

TEST_F(CatalogueDocumentTest, TellsWhatAFormNeedsOfAParameter) {
    const json page = table("signaling_and_media.sip_definitions.proxy_and_registration");
    EXPECT_EQ(page["resource"],
              "/api/v1/config/signaling_and_media/sip_definitions/proxy_and_registration");
    EXPECT_EQ(page["writer"], 100);
    const json time = parameter(page, "registration_time");
    EXPECT_EQ(time["label"], "Registration Time");
    EXPECT_EQ(time["ini"], "RegistrationTime");
    EXPECT_EQ(time["type"], "integer");
    EXPECT_EQ(time["minimum"], 10);
    EXPECT_EQ(time["maximum"], 2'000'000);
    EXPECT_EQ(time["default"], 180);
    EXPECT_EQ(time["unit"], "s");
    EXPECT_FALSE(time.contains("reset"));
    EXPECT_FALSE(time.contains("waitsFor"));
    EXPECT_EQ(parameter(page, "always_use_proxy")["waitsFor"], "calls");
    const json query = parameter(page, "proxy_dns_query_type");
    EXPECT_EQ(query["values"][1], (json{{"name", "srv"}, {"label", "SRV"}}));
    EXPECT_EQ(query["values"][3]["available"], false);
}

TEST_F(CatalogueDocumentTest, TellsOfRowsInsideRowsAndWhoMayChangeThem) {
    const json inner = table("signaling_and_media.proxy_sets.proxy_addresses");
    EXPECT_EQ(inner["above"], "signaling_and_media.proxy_sets");
    EXPECT_EQ(inner["resource"],
              "/api/v1/config/signaling_and_media/proxy_sets/{row}/proxy_addresses");
    EXPECT_EQ(inner["mostRows"], 50);
    EXPECT_EQ(table("administration.web_and_cli.local_users")["writer"], 200);
    EXPECT_EQ(parameter(table("signaling_and_media.accounts"), "serving_ip_group")["reference"],
              "signaling_and_media.ip_groups");
}

}  // namespace
}  // namespace trunkline::mgmt
