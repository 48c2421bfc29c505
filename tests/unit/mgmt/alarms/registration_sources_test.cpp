#include "mgmt/alarms/registration_sources.h"

#include "mgmt/configuration/yaml_reader.h"

#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using Kind = sipstack::RegistrantKind;

ConfigNodePtr tree(const std::string& text) {
    ConfigFaults faults;
    return read_yaml(text, "test.yaml", faults);
}

const char* const two_accounts = R"(
signaling_and_media:
  ip_groups: [{name: Default}, {row: 3, name: ITSP}]
  accounts:
    - {name: office, serving_ip_group: ITSP}
    - {row: 7, name: branch, serving_ip_group: Default}
    - {name: nowhere, serving_ip_group: Gone}
)";

TEST(RegistrationSources, NameAnAccountByItsRowAndThatOfItsIpGroup) {
    RegistrationSources sources([root = tree(two_accounts)] { return root; });
    EXPECT_EQ(sources.of(Kind::account, "office"), "Board#1/IPGroup#3/Account#0");
    EXPECT_EQ(sources.of(Kind::account, "branch"), "Board#1/IPGroup#0/Account#7");
    EXPECT_EQ(sources.of(Kind::account, "nowhere"), "Board#1/Account#8");
}

TEST(RegistrationSources, NameOthersByWhatTheyAre) {
    RegistrationSources sources([root = tree(two_accounts)] { return root; });
    EXPECT_EQ(sources.of(Kind::account, "unknown"), "Board#1/Account#unknown");
    EXPECT_EQ(sources.of(Kind::trunk_group, "trunk group 2"), "Board#1/TrunkGroup#2");
    EXPECT_EQ(sources.of(Kind::endpoint, "endpoint 2001"), "Board#1/Endpoint#2001");
    EXPECT_EQ(sources.of(Kind::user, "user alice"), "Board#1/User#alice");
    EXPECT_EQ(sources.of(Kind::device, "device"), "Board#1/Device#0");
}

TEST(RegistrationSources, FollowTheConfiguration) {
    ConfigNodePtr root = tree(two_accounts);
    RegistrationSources sources([&root] { return root; });
    EXPECT_EQ(sources.of(Kind::account, "branch"), "Board#1/IPGroup#0/Account#7");
    root = tree(
        "signaling_and_media: {accounts: [{name: branch, serving_ip_group: Default}], "
        "ip_groups: [{row: 1, name: Default}]}");
    EXPECT_EQ(sources.of(Kind::account, "branch"), "Board#1/IPGroup#1/Account#0");
    EXPECT_EQ(sources.of(Kind::account, "office"), "Board#1/Account#office");
    root = tree("{}");
    EXPECT_EQ(sources.of(Kind::account, "branch"), "Board#1/Account#branch");
}

}  // namespace
}  // namespace trunkline::mgmt
