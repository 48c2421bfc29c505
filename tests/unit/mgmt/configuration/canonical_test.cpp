#include "mgmt/configuration/canonical.h"

#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/configuration/yaml_writer.h"

#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

std::string canonical_text(std::string_view yaml) {
    const Catalogue catalogue = built_in_catalogue();
    ConfigFaults faults;
    const ConfigNodePtr root = read_yaml(yaml, "test.yaml", faults);
    EXPECT_TRUE(faults.empty());
    return write_yaml(*canonical(root, catalogue), catalogue);
}

TEST(Canonical, HasTheOrderOfTheCatalogueAndNoDefaults) {
    EXPECT_EQ(canonical_text("signaling_and_media:\n"
                             "  sip_definitions:\n"
                             "    proxy_and_registration:\n"
                             "      registration_time: 0120\n"
                             "      enable_registration: true\n"
                             "      use_default_proxy: false\n"),
              "signaling_and_media:\n"
              "  sip_definitions:\n"
              "    proxy_and_registration:\n"
              "      enable_registration: true\n"
              "      registration_time: 120\n");
}

TEST(Canonical, KeepsWhatItDoesNotKnowAndWhatIsWrong) {
    EXPECT_EQ(canonical_text("appliance: {shards: many, colour: green}\n"),
              "appliance:\n  shards: many\n  colour: green\n");
}

TEST(Canonical, LeavesOutEmptySections) {
    EXPECT_EQ(canonical_text("appliance:\nip_network: {kernel_twin: tap}\n"
                             "signaling_and_media: {accounts: []}\n"),
              "{}\n");
    EXPECT_EQ(canonical_text(""), "{}\n");
}

TEST(Canonical, WritesRowNumbersAfterAGapAlone) {
    EXPECT_EQ(canonical_text("signaling_and_media:\n"
                             "  ip_groups:\n"
                             "    - {row: 0, name: a}\n"
                             "    - {name: c, row: 4}\n"
                             "    - {row: 5, name: d}\n"),
              "signaling_and_media:\n"
              "  ip_groups:\n"
              "    - name: a\n"
              "    - row: 4\n"
              "      name: c\n"
              "    - name: d\n");
}

TEST(YamlWriter, QuotesTextsThatOtherReadersTakeForSomethingElse) {
    EXPECT_EQ(
        canonical_text("signaling_and_media:\n"
                       "  accounts:\n"
                       "    - name: '100'\n"
                       "      contact_user: 'off'\n"
                       "      user_name: 'a: b # c'\n"
                       "      password: {file: 'x.secret'}\n"
                       "ip_network: {physical_ports: [{name: GE_1, device: {vdev: \"null\"}}]}\n"),
        "ip_network:\n"
        "  physical_ports:\n"
        "    - name: GE_1\n"
        "      device:\n"
        "        vdev: \"null\"\n"
        "signaling_and_media:\n"
        "  accounts:\n"
        "    - name: \"100\"\n"
        "      user_name: \"a: b # c\"\n"
        "      password: {file: x.secret}\n"
        "      contact_user: \"off\"\n");
}

}  // namespace
}  // namespace trunkline::mgmt
