#include "mgmt/configuration/fault_place.h"

#include "mgmt/configuration/named.h"
#include "mgmt/configuration/yaml_reader.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

TEST(RowNumbering, TurnsPositionsIntoTheNumbersOfRows) {
    ConfigFaults faults;
    const ConfigNodePtr root =
        read_yaml("a: {rows: [{x: 1}, {row: 9, inner: [{row: 4}, {}]}, {y: 2}]}", "f", faults);
    RowNumbering rows(*root);
    EXPECT_EQ(rows.numbered("a.rows[0].x"), "a.rows[0].x");
    EXPECT_EQ(rows.numbered("a.rows[1]"), "a.rows[9]");
    EXPECT_EQ(rows.numbered("a.rows[1].inner[0].z"), "a.rows[9].inner[4].z");
    EXPECT_EQ(rows.numbered("a.rows[1].inner[1]"), "a.rows[9].inner[5]");
    EXPECT_EQ(rows.numbered("a.rows[2].y"), "a.rows[10].y");
}

TEST(RowNumbering, LeavesAloneWhatTheTreeDoesNotHave) {
    ConfigFaults faults;
    const ConfigNodePtr root = read_yaml("a: [{row: 9}]", "f", faults);
    RowNumbering rows(*root);
    for (const char* path : {"", "b.c[0].d", "a[1].x", "edits[2].set.register",
                             "ProxySet 9: ProxySet_ProxyName", "a[x].y", "a[", "a[0"}) {
        EXPECT_EQ(rows.numbered(path), path);
    }
    EXPECT_EQ(rows.numbered("a[0].b[3].c"), "a[9].b[3].c");
}

struct Place {
    const char* path;
    const char* ini;
    const char* cli;
};

class PlaceInWords : public testing::TestWithParam<Place> {};

TEST_P(PlaceInWords, IsThatOfItsSurface) {
    const Catalogue catalogue = built_in_catalogue();
    const auto& [path, ini, cli] = GetParam();
    EXPECT_EQ(place_in_words(path, catalogue, ConfigWords::tree), path);
    EXPECT_EQ(place_in_words(path, catalogue, ConfigWords::ini), ini);
    EXPECT_EQ(place_in_words(path, catalogue, ConfigWords::cli), cli);
}

INSTANTIATE_TEST_SUITE_P(
    Places, PlaceInWords,
    testing::Values(
        Place{"signaling_and_media.proxy_sets[9].name", "ProxySet 9: ProxySet_ProxyName",
              "proxy-set 9 > proxy-name"},
        Place{"signaling_and_media.proxy_sets[9]", "ProxySet 9", "proxy-set 9"},
        Place{"signaling_and_media.proxy_sets", "ProxySet", "proxy-set"},
        Place{"signaling_and_media.proxy_sets[9].proxy_addresses[2].address",
              "ProxySet 9, ProxyIp 2: ProxyIp_IpAddress",
              "proxy-set 9 > proxy-ip 2 > proxy-address"},
        Place{"signaling_and_media.sip_definitions.proxy_and_registration.registration_time",
              "RegistrationTime", "sip-definition proxy-and-registration > registration-time"},
        Place{"signaling_and_media.proxy_sets[9].colour", "ProxySet 9: colour",
              "proxy-set 9 > colour"},
        Place{"signaling_and_media.accounts[1].password.file", "Account 1: Account_Password: file",
              "sip-definition account 1 > password > file"},
        Place{"ip_network.ip_interfaces[3].application_types[1]",
              "InterfaceTable 3: InterfaceTable_ApplicationTypes[1]",
              "interface network-if 3 > application-type[1]"},
        Place{"edits[2].set.register", "edits[2].set.register", "edits[2].set.register"},
        Place{"", "", ""}));

/// Two rows, of which the second has the number 9 and a fault.
const std::string gap_config =
    replaced(small_config, "  ip_groups:",
             "    - {row: 9, name: Other, sip_interface: SIPInterface_0, keep_alive_time: 1}\n"
             "  ip_groups:");

TEST(FaultPlaces, OfYamlAreThePathWithTheRowsNumberAndTheLine) {
    EXPECT_EQ(faults_of(gap_config),
              "f.yaml:16:77: signaling_and_media.proxy_sets[9].keep_alive_time: found 1; "
              "allowed: 5..2000000 s\n");
}

TEST(FaultPlaces, OfIniFilesAreTheTableTheRowAndTheColumn) {
    const auto config = load_config_text(
        "[ ProxySet ]\n"
        "FORMAT Index = ProxyName, ProxyKeepAliveTime, SBCIPv4SIPInterfaceName;\n"
        "ProxySet 0 = \"a\", 60, \"SIP\";\n"
        "ProxySet 9 = \"b\", 1, \"SIP\";\n"
        "[ \\ProxySet ]\n",
        "device.ini", "");
    ASSERT_FALSE(config);
    EXPECT_NE(told(config.error())
                  .find("device.ini:4:19: ProxySet 9: ProxySet_ProxyKeepAliveTime: found 1; "
                        "allowed: 5..2000000 s\n"),
              std::string::npos)
        << told(config.error());
}

TEST(FaultPlaces, OfWhatActsLaterAreRowNumbersToo) {
    const auto config =
        load_config_text(replaced(small_config, "  ip_groups:",
                                  "    - {row: 9, name: Other, sip_interface: SIPInterface_0, "
                                  "classification_input: ip_address_port_and_transport}\n"
                                  "  ip_groups:"),
                         "f.yaml", "");
    ASSERT_TRUE(config) << told(config.error());
    ASSERT_EQ(config->stored.size(), 1U);
    EXPECT_EQ(config->stored.front().path,
              "signaling_and_media.proxy_sets[9].classification_input");
}

TEST(TextInWords, NamesTablesParametersAndValuesAsEachSurfaceDoes) {
    const Catalogue catalogue = built_in_catalogue();
    const std::string set = "signaling_and_media.proxy_sets";
    const std::string text = "homing needs " + named(set + ".keep_alive", "using_options") +
                             ", not " + named(set + ".redundancy_mode") + "; add a row to " +
                             named(set);
    EXPECT_EQ(text_in_words(text, catalogue, ConfigWords::tree),
              "homing needs keep_alive: using_options, not redundancy_mode; add a row to "
              "signaling_and_media.proxy_sets");
    EXPECT_EQ(
        text_in_words(text, catalogue, ConfigWords::ini),
        "homing needs ProxySet_EnableProxyKeepAlive = 1, not ProxySet_ProxyRedundancyMode; add "
        "a row to ProxySet");
    EXPECT_EQ(
        text_in_words(text, catalogue, ConfigWords::cli),
        "homing needs proxy-enable-keep-alive using-options, not proxy-redundancy-mode; add a "
        "row to proxy-set");
}

TEST(TextInWords, LeavesAloneWhatIsNoName) {
    const Catalogue catalogue = built_in_catalogue();
    for (const std::string text : {"", "found 'x'", "\x01 ends nowhere", "\x01x\x03\x02", "\x03"}) {
        EXPECT_EQ(text_in_words(text, catalogue, ConfigWords::cli), text);
    }
    EXPECT_EQ(text_in_words(named("no.such.path"), catalogue, ConfigWords::ini), "no.such.path");
}

TEST(NamePlaces, TellsAdviceInTheWordsOfTheFault) {
    const Catalogue catalogue = built_in_catalogue();
    ConfigFaults faults{
        {"", 0, 0, "signaling_and_media.proxy_sets[9].keep_alive", "'using_register'",
         "it with " + named("signaling_and_media.proxy_sets.redundancy_mode", "parking"),
         "see " + named("ip_network.tls_contexts")}};
    name_places(faults, catalogue, ConfigWords::cli);
    EXPECT_EQ(faults[0].to_string(),
              "proxy-set 9 > proxy-enable-keep-alive: found 'using_register'; allowed: it with "
              "proxy-redundancy-mode parking; see tls");
}

}  // namespace
}  // namespace trunkline::mgmt
