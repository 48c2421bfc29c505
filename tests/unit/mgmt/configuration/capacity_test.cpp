#include "mgmt/configuration/config_file.h"
#include "samples.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

/// The smallest model, which takes 600; `more` stands in front.
std::string configuration(int accounts, const std::string& more, const char* mode = "regular") {
    std::string text = more + R"(appliance: {model: mediant-1000b}
ip_network:
  physical_ports: [{name: GE_0_1, device: {vdev: ring}}]
  ethernet_groups: [{name: GROUP_1, members: [GE_0_1], mode: single}]
  ethernet_devices: [{name: vlan 1, underlying: GROUP_1, vlan_id: 1}]
  ip_interfaces:
    - {name: Voice, application_types: [media, control], address: 192.0.2.10/24, device: vlan 1}
signaling_and_media:
  sip_interfaces: [{name: SIP, network_interface: Voice, udp_port: 5060}]
  proxy_sets: [{name: ITSP, sip_interface: SIP, proxy_addresses: [{address: 192.0.2.1}]}]
  ip_groups: [{name: ITSP, type: server, proxy_set: ITSP, sip_group_name: lab.example}]
  accounts:
)";
    for (int i = 0; i < accounts; ++i) {
        text += fmt::format(
            "    - {{name: a{0}, serving_ip_group: ITSP, user_name: u{0}, password: p, "
            "contact_user: c{0}, register: {1}}}\n",
            i, mode);
    }
    return text;
}

std::string faults_of(const std::string& text) {
    const auto config = load_config_text(text, "box.yaml", CONF_FOLDER);
    return config ? "" : told(config.error());
}

TEST(Capacity, IsWhatTheModelTakes) {
    EXPECT_EQ(faults_of(configuration(600, "")), "");
    EXPECT_THAT(
        faults_of(configuration(601, "")),
        HasSubstr("signaling_and_media.accounts: found 601 accounts and users that register; "
                  "allowed: 600, which mediant-1000b takes; set license.registered_users to "
                  "601 or more, choose a larger model, or take some out"));
}

TEST(Capacity, IsRaisedByALicense) {
    const std::string license = "license: {registered_users: 610}\n";
    EXPECT_EQ(faults_of(configuration(610, license)), "");
    EXPECT_THAT(faults_of(configuration(611, license)),
                HasSubstr("found 611 accounts and users that register; allowed: 610, which "
                          "license.registered_users gives; set license.registered_users to 611"));
    EXPECT_EQ(faults_of(configuration(600, "license: {registered_users: 5}\n")), "")
        << "a license takes nothing away";
}

TEST(Capacity, UsersWhomTheSbcRegistersCount) {
    std::string text = configuration(0, "");
    text.erase(text.find("  accounts:"));
    text.replace(text.find("sip_group_name"), 0, "registration_mode: sbc_initiates, ");
    text += "  sbc:\n    user_information:\n";
    for (int i = 0; i < 601; ++i) {
        text += fmt::format("      - {{local_user: u{0}, user_name: u{0}, ip_group: ITSP}}\n", i);
    }
    EXPECT_THAT(faults_of(text),
                HasSubstr("signaling_and_media.sbc.user_information: found 601 accounts and users "
                          "that register; allowed: 600"));
}

TEST(Capacity, AccountsThatDoNotRegisterDoNotCount) {
    EXPECT_EQ(faults_of(configuration(601, "", "no")), "");
}

}  // namespace
}  // namespace trunkline::mgmt
