#include "mgmt/catalogue/catalogue.h"

#include "mgmt/catalogue/binding.h"
#include "mgmt/catalogue/value_reader.h"
#include "mgmt/configuration/fault_collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view page) {
    const board::EmbeddedFile file{"page", page};
    const auto catalogue = Catalogue::load(std::span(&file, 1));
    return catalogue ? "" : catalogue.error().message;
}

TEST(Catalogue, BuiltInOneIsRight) {
    const auto catalogue = Catalogue::load(catalogue_files);
    ASSERT_TRUE(catalogue.has_value()) << catalogue.error().message;
    EXPECT_NE(catalogue->table("signaling_and_media.accounts"), nullptr);
    EXPECT_EQ(catalogue->table("signaling_and_media"), nullptr);
}

TEST(Catalogue, EveryRowIsBoundAndEveryBindingHasARow) {
    const Catalogue catalogue = built_in_catalogue();
    const std::vector<TableBinding> bindings = all_bindings();
    std::vector<std::string> rows, bound;
    for (const Table& table : catalogue.tables()) {
        for (const Parameter& parameter : table.parameters) {
            // What does not act yet may have a field for what will act on it, or none.
            const bool is_bound =
                std::any_of(bindings.begin(), bindings.end(), [&](const TableBinding& binding) {
                    return binding.path == table.path &&
                           std::any_of(binding.fields.begin(), binding.fields.end(),
                                       [&](const FieldBinding& field) {
                                           return field.parameter == parameter.name;
                                       });
                });
            if (parameter.waits_for.empty() || is_bound) {
                rows.push_back(table.path + "." + parameter.name);
            }
        }
    }
    for (const TableBinding& table : bindings) {
        EXPECT_NE(table.open, nullptr);
        for (const FieldBinding& field : table.fields) {
            bound.push_back(std::string(table.path) + "." + std::string(field.parameter));
        }
    }
    EXPECT_THAT(bound, testing::UnorderedElementsAreArray(rows));
}

TEST(Catalogue, BindingsTakeEveryValueOfEveryEnumeration) {
    const Catalogue catalogue = built_in_catalogue();
    for (const TableBinding& binding : all_bindings()) {
        const Table* table = catalogue.table(binding.path);
        ASSERT_NE(table, nullptr) << binding.path;
        for (const FieldBinding& field : binding.fields) {
            const Parameter* parameter = table->parameter(field.parameter);
            ASSERT_NE(parameter, nullptr) << field.parameter;
            for (const EnumValue& value : parameter->values) {
                if (!value.available) {
                    continue;
                }
                ApplianceConfig config;
                config.board.physical_ports.emplace_back().device = board::MemifDevice{};
                config.sip.proxy_sets.emplace_back().addresses.emplace_back();
                binding.open(config);
                Value choice{EnumChoice{value.name, value.number}};
                // An unknown name aborts.
                field.set(config, parameter->list ? Value{std::vector<Value>{choice}} : choice);
            }
        }
    }
}

TEST(Catalogue, ChildrenOfAPathAreTheTablesAndBranchesBelow) {
    const Catalogue catalogue = built_in_catalogue();
    EXPECT_THAT(
        catalogue.children(""),
        testing::UnorderedElementsAre("appliance", "ip_network", "signaling_and_media", "license",
                                      "administration", "troubleshoot", "kept_aside"));
    EXPECT_THAT(
        catalogue.children("signaling_and_media.gateway"),
        testing::UnorderedElementsAre("trunk_groups", "trunk_group_settings", "user_information",
                                      "authentication", "tel_to_ip_routing", "ip_to_tel_routing"));
    EXPECT_THAT(catalogue.children("signaling_and_media.proxy_sets"),
                testing::ElementsAre("proxy_addresses"));
}

TEST(Catalogue, EnumerationsCarryTheNumbersOfIniFiles) {
    const Catalogue catalogue = built_in_catalogue();
    const Parameter* mode = catalogue.table("signaling_and_media.gateway.trunk_group_settings")
                                ->parameter("registration_mode");
    EXPECT_EQ(mode->value("per_account")->number, 5);
    EXPECT_EQ(mode->value("dont_register")->number, 4);
    EXPECT_EQ(mode->ini, "TrunkGroupSettings_RegistrationMode");
    EXPECT_EQ(mode->cli, "configure voip > gateway trunk-group-setting <i> > registration-mode");
}

TEST(Catalogue, WhatDoesNotActYetSaysWhatItWaitsFor) {
    const Catalogue catalogue = built_in_catalogue();
    const Table* page =
        catalogue.table("signaling_and_media.sip_definitions.proxy_and_registration");
    EXPECT_EQ(page->parameter("sip_rerouting_mode")->waits_for, "calls");
    EXPECT_EQ(page->parameter("registration_time")->waits_for, "");
}

TEST(Catalogue, ParameterSaysWhatIsAllowed) {
    const Catalogue catalogue = built_in_catalogue();
    const Table* page =
        catalogue.table("signaling_and_media.sip_definitions.proxy_and_registration");
    EXPECT_EQ(page->parameter("registration_time")->allowed(), "10..2000000 s");
    EXPECT_EQ(page->parameter("proxy_ip_list_refresh_time")->allowed(), "5..2000000 s, 0");
    EXPECT_EQ(page->parameter("registration_mode")->allowed(), "per_endpoint, per_gateway");
    EXPECT_EQ(page->parameter("gateway_name")->allowed(),
              "a host name or IP address of 1..100 characters");
}

struct BrokenPage {
    const char* name;
    const char* text;
    const char* message;
};

class BrokenCatalogue : public testing::TestWithParam<BrokenPage> {};

TEST_P(BrokenCatalogue, IsRefused) {
    EXPECT_THAT(error_of(GetParam().text), HasSubstr(GetParam().message));
}

#define HEAD "page: P\ntables:\n  - path: a\n    own: true\n    web: W\n    help: H\n"
#define ROW "      - {name: n, web: W, help: H, "

INSTANTIATE_TEST_SUITE_P(
    All, BrokenCatalogue,
    testing::Values(
        BrokenPage{"Syntax", "page: [", "YAML syntax error"},
        BrokenPage{"NoPage", "tables: []", "page and tables are needed"},
        BrokenPage{"UnknownKey", HEAD "    colour: red\n", "unknown key colour"},
        BrokenPage{"NoHelp", "page: P\ntables:\n  - {path: a, own: true, web: W}\n",
                   "path, web, help"},
        BrokenPage{"NoIni", "page: P\ntables:\n  - {path: a, web: W, help: H, cli: C}\n",
                   "ini are needed"},
        BrokenPage{"NoType", HEAD "    parameters:\n" ROW "}\n", "type '' is unknown"},
        BrokenPage{"NoRange", HEAD "    parameters:\n" ROW "type: int}\n", "range is needed"},
        BrokenPage{"RangeUpsideDown", HEAD "    parameters:\n" ROW "type: int, range: 3..1}\n",
                   "ends before it begins"},
        BrokenPage{"RangeOfWords", HEAD "    parameters:\n" ROW "type: int, range: a..b}\n",
                   "'a' is no number"},
        BrokenPage{"NoLength", HEAD "    parameters:\n" ROW "type: text}\n", "length is needed"},
        BrokenPage{"EnumWithoutValues", HEAD "    parameters:\n" ROW "type: enum}\n",
                   "an enum has values"},
        BrokenPage{"BadFlag", HEAD "    parameters:\n" ROW "type: bool, reset: maybe}\n",
                   "neither true nor false"},
        BrokenPage{"ReferenceToNothing", HEAD "    parameters:\n" ROW "type: reference, to: b}\n",
                   "refers to no table with a key"},
        BrokenPage{"DefaultOutOfRange",
                   HEAD "    parameters:\n" ROW "type: int, range: 1..2, default: 3}\n",
                   "found 3; allowed: 1..2"},
        BrokenPage{"DefaultOfARequiredOne",
                   HEAD "    parameters:\n" ROW "type: bool, required: true, default: true}\n",
                   "a required parameter has no default"},
        BrokenPage{"SameNameTwice",
                   HEAD "    parameters:\n" ROW "type: bool}\n" ROW "type: bool}\n",
                   "a.n: found stands there twice"},
        BrokenPage{"ConditionOnNothing",
                   HEAD "    parameters:\n" ROW "type: bool, when: {m: [x]}}\n",
                   "depends on what does not exist"},
        BrokenPage{"KeyIsNoParameter", HEAD "    rows: 0..1\n    key: k\n    parameters: []\n",
                   "its key is no parameter of it"},
        BrokenPage{"OrderOfWhatIsNoColumn", HEAD "    ini_order: [x]\n    parameters: []\n",
                   "x is no column of it"},
        BrokenPage{"OneOfWhatIsNoParameter", HEAD "    one_of: [x]\n    parameters: []\n",
                   "x is no parameter of it"}),
    [](const auto& page) { return std::string(page.param.name); });

}  // namespace
}  // namespace trunkline::mgmt
