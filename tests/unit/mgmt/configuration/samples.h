// A small right configuration, and ways to make it wrong.
#pragma once

#include "mgmt/configuration/config_file.h"
#include "tests/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// Registers one account; nothing outside the text is needed.
inline const std::string small_config = R"(appliance: {model: mediant-ve, hostname: sbc1}
ip_network:
  physical_ports:
    - {name: GE_1, device: {vdev: af_packet, interface: sbc0}}
  ethernet_groups:
    - {name: GROUP_1, members: [GE_1], mode: single}
  ethernet_devices:
    - {name: vlan 1, underlying: GROUP_1}
  ip_interfaces:
    - {name: Voice, application_types: [media, control], address: 192.0.2.10/24, device: vlan 1}
signaling_and_media:
  sip_interfaces:
    - {name: SIPInterface_0, network_interface: Voice, udp_port: 5060}
  proxy_sets:
    - {name: ITSP, sip_interface: SIPInterface_0, proxy_addresses: [{address: 192.0.2.1}]}
  ip_groups:
    - {name: ITSP, proxy_set: ITSP, sip_group_name: lab.example}
  accounts:
    - {name: office, serving_ip_group: ITSP, user_name: office, password: Sesam0effne, contact_user: "100", register: regular}
)";

/// `text` with the first `from` as `to`; the test is wrong when there is none.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline std::string told(const ConfigFaults& faults) {
    std::string text;
    for (const ConfigFault& fault : faults) {
        text += fault.to_string() + "\n";
    }
    return text;
}

/// All faults of a text, a line each; "" when it is right.
inline std::string faults_of(const std::string& text, const std::string& folder = "") {
    const auto config = load_config_text(text, "f.yaml", folder);
    return config ? "" : told(config.error());
}

/// A folder of this test alone, removed with it.
class ConfigFolder : public testing::Test {
protected:
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
        return (folder_ / name).string();
    }

    const tests::TemporaryFolder temporary_;
    std::filesystem::path folder_ = temporary_.path();
};

}  // namespace trunkline::mgmt
