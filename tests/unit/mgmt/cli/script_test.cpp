#include "mgmt/cli/script.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

std::string script_of(std::string_view yaml, std::string_view area) {
    const Catalogue catalogue = built_in_catalogue();
    ConfigFaults faults;
    return write_script(canonical(read_yaml(yaml, "f.yaml", faults), catalogue), catalogue, area,
                        secret_in_clear);
}

TEST(Script, HasABlockForEachTableAndRow) {
    const std::string yaml =
        "appliance: {hostname: lab}\n"
        "signaling_and_media:\n"
        "  proxy_sets:\n"
        "    - {row: 1, name: ITSP, keep_alive: using_options, proxy_addresses: [{address: "
        "a.example}]}\n"
        "  sip_definitions: {proxy_and_registration: {enable_registration: true}}\n";
    const std::string voip =
        "configure voip\n"
        " proxy-set 1\n"
        "  proxy-name \"ITSP\"\n"
        "  proxy-enable-keep-alive using-options\n"
        "  activate\n"
        "  proxy-ip 0\n"
        "   proxy-address \"a.example\"\n"
        "   activate\n"
        "  exit\n"
        " exit\n"
        " sip-definition proxy-and-registration\n"
        "  enable-registration enable\n"
        "  activate\n"
        " exit\n"
        "exit\n";
    EXPECT_EQ(script_of(yaml, "voip"), voip);
    EXPECT_EQ(
        script_of(yaml, ""),
        "configure network\n network-settings\n  hostname \"lab\"\n  activate\n exit\nexit\n" +
            voip);
    EXPECT_EQ(script_of(yaml, "system"), "");
}

// What a client greps for before it changes the address of NAT.
TEST(Script, HasAddressesInQuotes) {
    EXPECT_THAT(script_of("ip_network: {nat_translation: [{source_interface: WAN, "
                          "target_ip_address: 203.0.113.7}]}",
                          "network"),
                testing::HasSubstr("  target-ip-address \"203.0.113.7\"\n"));
}

TEST(Script, ThatIsWrongIsToldWithItsLines) {
    const Catalogue catalogue = built_in_catalogue();
    const auto edits = read_script(
        "! a comment\nconfigure voip\nproxy-set 0\nproxy-nam \"x\"\nexit\nfoo\nshow version\n",
        "script", catalogue);
    ASSERT_FALSE(edits.has_value());
    ASSERT_EQ(edits.error().size(), 2U);
    EXPECT_THAT(edits.error()[0].to_string(),
                testing::StartsWith("script:4:1: proxy-set-0: column 1: found 'proxy-nam'"));
    EXPECT_THAT(edits.error()[1].to_string(), testing::StartsWith("script:6:1: config-voip: "));
}

TEST(Script, ValuesStandWhereTheyWereWrittenForWhatIsJudgedLater) {
    const Catalogue catalogue = built_in_catalogue();
    const auto edits = read_script(
        "configure voip\n sip-definition account 1\n  register gin\n  activate\n exit\n"
        " sip-definition account 2\n  host-name a\n  register no\n  register regular",
        "script", catalogue);
    ASSERT_TRUE(edits.has_value());
    ASSERT_EQ(edits->size(), 2U);
    EXPECT_EQ(edits->at(0).set.at(0).line, 3);
    EXPECT_EQ(edits->at(0).set.at(0).value->line, 3);
    EXPECT_EQ(edits->at(0).set.at(0).value->column, 3);
    EXPECT_EQ(edits->at(1).set.at(0).value->line, 7);
    EXPECT_EQ(edits->at(1).set.at(1).value->line, 9);
}

}  // namespace
}  // namespace trunkline::mgmt
