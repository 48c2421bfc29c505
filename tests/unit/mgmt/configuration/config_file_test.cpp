#include "mgmt/configuration/summary.h"
#include "samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace trunkline::mgmt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string with_password(const std::string& password) {
    return replaced(small_config, "password: Sesam0effne", "password: " + password);
}

const char* const full_config = R"(
appliance: {model: mediant-9000, hostname: box, topology: split, shards: 3, power_profile: low_latency, memory_megabytes: 64}
ip_network:
  network_namespace: voice
  kernel_twin: none
  static_neighbours: [{device: vlan 1, address: 192.0.2.1, mac: "02:00:00:00:00:01"}]
  physical_ports:
    - {name: GE_1, device: {pci: "0000:00:04.0"}, description: Provider side}
    - {name: GE_2, device: {vdev: af_packet, interface: eth1}, mode: disable, speed_duplex: 100_half}
    - {name: GE_3, device: {vdev: tap, interface: tap3}}
    - {name: GE_4, device: {vdev: memif, socket: /run/m.sock, role: server, id: 7}}
    - {name: GE_5, device: {vdev: ring}}
    - {name: GE_6, device: {vdev: null}}
    - {name: GE_7, device: {vdev: "null", receive_copies: true}}
    - {name: GE_8, device: {vdev: virtio_user, path: /run/v.sock}}
    - {name: GE_9, device: {vdev: af_xdp, interface: eth9}}
    - {name: GE_10, device: {nic: 3}}
  ethernet_groups:
    - {name: GROUP_1, members: [GE_1]}
    - {name: GROUP_2, mode: none}
  ethernet_devices:
    - {name: vlan 1, underlying: GROUP_1, vlan_id: 4094, tagging: untagged, mtu: 1400}
  ip_interfaces:
    - {name: Voice, application_types: [oamp, control], address: 192.0.2.10/24, gateway: 192.0.2.1,
       device: vlan 1, primary_dns: 192.0.2.53, secondary_dns: "2001:db8::53"}
    - {name: Voice6, address: "2001:db8::10/64", device: vlan 1}
signaling_and_media:
  sip_interfaces:
    - {name: Six, network_interface: Voice6, udp_port: 5080}
    - {name: Four, network_interface: Voice}
  proxy_sets:
    - name: ITSP
      sip_interface: Four
      keep_alive: disable
      proxy_addresses:
        - {address: "registrar.lab.example:5070", transport: udp}
        - {address: 192.0.2.2}
    - {name: Other, sip_interface: Six, proxy_addresses: [{address: "[2001:db8::1]:5062"}]}
  ip_groups:
    - {name: Other, type: server, proxy_set: Other, contact_user: other}
    - {name: ITSP, proxy_set: ITSP, sip_group_name: lab.example}
  accounts:
    - {name: office, served_trunk_group: 12, served_ip_group: Other, serving_ip_group: ITSP,
       user_name: "0100", password: clear, host_name: host.example, contact_user: 0100, register: regular}
    - {name: silent, serving_ip_group: Other, register: no}
  gateway:
    trunk_groups:
      - {index: 12, module: 2, trunks: 1-2, channels: 1-30, phone_number: "2000"}
      - {index: 13, channels: 31}
    trunk_group_settings:
      - {trunk_group: 12, registration_mode: per_account, serving_ip_group: ITSP, gateway_name: gw.example, contact_user: tg}
      - {trunk_group: 13, registration_mode: dont_register}
  sip_definitions:
    proxy_and_registration:
      use_default_proxy: true
      proxy_name: proxy.example
      proxy_ip_list_refresh_time: 0
      gateway_name: gateway.example
      enable_registration: true
      registrar_name: registrar.example
      registrar_ip_address: "2001:db8::5"
      registration_time: 3600
      re_registration_timing: 90
      registration_retry_time: 31
      registration_time_threshold: 7
      gateway_registration_name: box
      registration_mode: per_endpoint
      user_name: device
      password: clear2
    general: {t1: 400, t2: 3000, t4: 4500, user_agent_display_info: Box/1}
administration: {local_socket: /tmp/x.sock, log_level: warning}
)";

TEST(ConfigFile, BoardFieldsArriveInTheConfiguration) {
    const auto config = load_config_text(full_config, "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    const board::BoardConfig& box = config->board;
    EXPECT_EQ(box.model, "mediant-9000");
    EXPECT_EQ(box.hostname, "box");
    EXPECT_EQ(box.topology, board::Topology::split);
    EXPECT_EQ(box.power_profile, board::PowerProfile::low_latency);
    EXPECT_EQ(box.memory_megabytes, 64U);
    ASSERT_EQ(box.physical_ports.size(), 10U);
    EXPECT_EQ(box.physical_ports[0].name, "GE_1");
    EXPECT_EQ(box.physical_ports[0].description, "Provider side");
    EXPECT_EQ(std::get<board::PciDevice>(box.physical_ports[0].device).address, "0000:00:04.0");
    EXPECT_EQ(std::get<board::AfPacketDevice>(box.physical_ports[1].device).interface, "eth1");
    EXPECT_FALSE(box.physical_ports[1].enabled);
    EXPECT_EQ(box.physical_ports[1].link, (board::LinkSetting{100, false}));
    EXPECT_TRUE(box.physical_ports[0].enabled);
    EXPECT_EQ(box.physical_ports[0].link, board::LinkSetting{});
    EXPECT_EQ(std::get<board::TapDevice>(box.physical_ports[2].device).interface, "tap3");
    const auto& memif = std::get<board::MemifDevice>(box.physical_ports[3].device);
    EXPECT_EQ(memif.socket, "/run/m.sock");
    EXPECT_TRUE(memif.server);
    EXPECT_EQ(memif.id, 7U);
    EXPECT_TRUE(std::holds_alternative<board::RingDevice>(box.physical_ports[4].device));
    EXPECT_FALSE(std::get<board::NullDevice>(box.physical_ports[5].device).receive_copies);
    EXPECT_TRUE(std::get<board::NullDevice>(box.physical_ports[6].device).receive_copies);
    EXPECT_EQ(std::get<board::VirtioUserDevice>(box.physical_ports[7].device).path, "/run/v.sock");
    EXPECT_EQ(std::get<board::AfXdpDevice>(box.physical_ports[8].device).interface, "eth9");
    EXPECT_EQ(std::get<board::PciDevice>(box.physical_ports[9].device).number, 3U);
    ASSERT_EQ(box.ethernet_groups.size(), 2U);
    EXPECT_EQ(box.ethernet_groups[0].name, "GROUP_1");
    EXPECT_THAT(box.ethernet_groups[0].members, ElementsAre("GE_1"));
    EXPECT_EQ(box.ethernet_groups[0].mode, board::EthernetGroupMode::single);
    EXPECT_EQ(box.ethernet_groups[1].mode, board::EthernetGroupMode::none);
}

TEST(ConfigFile, NetworkFieldsArriveInTheConfiguration) {
    const auto config = load_config_text(full_config, "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    const dataplane::NetworkConfig& network = config->network;
    EXPECT_EQ(network.network_namespace, "voice");
    EXPECT_EQ(network.kernel_twin, dataplane::KernelTwin::none);
    ASSERT_EQ(network.static_neighbours.size(), 1U);
    EXPECT_EQ(network.static_neighbours[0].device, "vlan 1");
    EXPECT_EQ(network.static_neighbours[0].address.to_string(), "192.0.2.1");
    EXPECT_EQ(network.static_neighbours[0].mac.to_string(), "02:00:00:00:00:01");
    ASSERT_EQ(network.ethernet_devices.size(), 1U);
    EXPECT_EQ(network.ethernet_devices[0].name, "vlan 1");
    EXPECT_EQ(network.ethernet_devices[0].underlying, "GROUP_1");
    EXPECT_EQ(network.ethernet_devices[0].vlan_id, 4094);
    EXPECT_EQ(network.ethernet_devices[0].mtu, 1400);
    ASSERT_EQ(network.ip_interfaces.size(), 2U);
    const dataplane::IpInterface& voice = network.ip_interfaces[0];
    EXPECT_EQ(voice.name, "Voice");
    EXPECT_TRUE(voice.carries(dataplane::ApplicationType::oamp));
    EXPECT_FALSE(voice.carries(dataplane::ApplicationType::media));
    EXPECT_TRUE(voice.carries(dataplane::ApplicationType::control));
    EXPECT_EQ(voice.address.to_string(), "192.0.2.10/24");
    ASSERT_TRUE(voice.gateway.has_value());
    EXPECT_EQ(voice.gateway->to_string(), "192.0.2.1");
    EXPECT_EQ(voice.device, "vlan 1");
    ASSERT_EQ(voice.dns_servers.size(), 2U);
    EXPECT_EQ(voice.dns_servers[0].to_string(), "192.0.2.53");
    EXPECT_EQ(voice.dns_servers[1].to_string(), "2001:db8::53");
    EXPECT_FALSE(network.ip_interfaces[1].gateway.has_value());
    EXPECT_TRUE(network.ip_interfaces[1].carries(dataplane::ApplicationType::media));
}

TEST(ConfigFile, SignalingTablesArriveInTheConfiguration) {
    const auto config = load_config_text(full_config, "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    const sipstack::Config& sip = config->sip;
    EXPECT_EQ(sip.shards, 3U);
    ASSERT_EQ(sip.sip_interfaces.size(), 2U);
    EXPECT_EQ(sip.sip_interfaces[0].name, "Six");
    EXPECT_EQ(sip.sip_interfaces[0].network_interface, "Voice6");
    EXPECT_EQ(sip.sip_interfaces[0].ip_interface_index, 1);
    EXPECT_EQ(sip.sip_interfaces[0].address.to_string(), "2001:db8::10");
    EXPECT_EQ(sip.sip_interfaces[0].udp_port, 5080);
    EXPECT_EQ(sip.sip_interfaces[1].address.to_string(), "192.0.2.10");
    EXPECT_EQ(sip.sip_interfaces[1].udp_port, 5060);
    ASSERT_EQ(sip.proxy_sets.size(), 2U);
    EXPECT_EQ(sip.proxy_sets[0].name, "ITSP");
    EXPECT_EQ(sip.proxy_sets[0].sip_interface_index, 1);
    ASSERT_EQ(sip.proxy_sets[0].addresses.size(), 2U);
    EXPECT_EQ(sip.proxy_sets[0].addresses[0].host, "registrar.lab.example");
    EXPECT_EQ(sip.proxy_sets[0].addresses[0].port, 5070);
    EXPECT_EQ(sip.proxy_sets[0].addresses[0].transport, sipstack::Transport::udp);
    EXPECT_EQ(sip.proxy_sets[0].addresses[1].host, "192.0.2.2");
    EXPECT_FALSE(sip.proxy_sets[0].addresses[1].port.has_value());
    EXPECT_EQ(sip.proxy_sets[1].addresses[0].host, "2001:db8::1");
    EXPECT_EQ(sip.proxy_sets[1].addresses[0].port, 5062);
    ASSERT_EQ(sip.ip_groups.size(), 2U);
    EXPECT_EQ(sip.ip_groups[0].name, "Other");
    EXPECT_EQ(sip.ip_groups[0].proxy_set_index, 1);
    EXPECT_EQ(sip.ip_groups[0].contact_user, "other");
    EXPECT_EQ(sip.ip_groups[1].sip_group_name, "lab.example");
    ASSERT_EQ(sip.accounts.size(), 2U);
    const sipstack::Account& office = sip.accounts[0];
    EXPECT_EQ(office.name, "office");
    EXPECT_EQ(office.served_trunk_group, 12U);
    EXPECT_EQ(office.served_ip_group_index, 0);
    EXPECT_EQ(office.serving_ip_group_index, 1);
    EXPECT_EQ(office.user_name, "0100");
    EXPECT_EQ(office.password.reveal(), "clear");
    EXPECT_EQ(office.host_name, "host.example");
    EXPECT_EQ(office.contact_user, "0100") << "a number keeps its leading zero";
    EXPECT_EQ(office.register_mode, sipstack::AccountRegister::regular);
    EXPECT_FALSE(sip.accounts[1].served_trunk_group.has_value());
    EXPECT_FALSE(sip.accounts[1].served_ip_group_index.has_value());
    EXPECT_EQ(sip.accounts[1].register_mode, sipstack::AccountRegister::no);
}

TEST(ConfigFile, GatewayAndRegistrationArriveInTheConfiguration) {
    const auto config = load_config_text(full_config, "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    const sipstack::Config& sip = config->sip;
    ASSERT_EQ(sip.trunk_groups.size(), 2U);
    EXPECT_EQ(sip.trunk_groups[0].trunk_group_id, 12U);
    EXPECT_EQ(sip.trunk_groups[0].module, 2U);
    EXPECT_EQ(sip.trunk_groups[0].first_trunk, 1U);
    EXPECT_EQ(sip.trunk_groups[0].last_trunk, 2U);
    EXPECT_EQ(sip.trunk_groups[0].first_channel, 1U);
    EXPECT_EQ(sip.trunk_groups[0].last_channel, 30U);
    EXPECT_EQ(sip.trunk_groups[0].phone_number, "2000");
    EXPECT_EQ(sip.trunk_groups[1].first_channel, 31U);
    EXPECT_EQ(sip.trunk_groups[1].last_channel, 31U);
    ASSERT_EQ(sip.trunk_group_settings.size(), 2U);
    EXPECT_EQ(sip.trunk_group_settings[0].trunk_group_id, 12U);
    EXPECT_EQ(sip.trunk_group_settings[0].registration_mode,
              sipstack::RegistrationMode::per_account);
    EXPECT_EQ(sip.trunk_group_settings[0].serving_ip_group_index, 1);
    EXPECT_EQ(sip.trunk_group_settings[0].gateway_name, "gw.example");
    EXPECT_EQ(sip.trunk_group_settings[0].contact_user, "tg");
    EXPECT_EQ(sip.trunk_group_settings[1].trunk_group_id, 13U);
    const sipstack::ProxyAndRegistration& page = sip.proxy_and_registration;
    EXPECT_TRUE(page.use_default_proxy);
    EXPECT_EQ(page.proxy_name, "proxy.example");
    EXPECT_EQ(page.proxy_ip_list_refresh_time.count(), 0);
    EXPECT_EQ(page.gateway_name, "gateway.example");
    EXPECT_TRUE(page.enable_registration);
    EXPECT_EQ(page.registrar_name, "registrar.example");
    ASSERT_TRUE(page.registrar.has_value());
    EXPECT_EQ(page.registrar->host, "2001:db8::5");
    EXPECT_EQ(page.registration_time.count(), 3600);
    EXPECT_EQ(page.re_registration_timing, 90U);
    EXPECT_EQ(page.registration_retry_time.count(), 31);
    EXPECT_EQ(page.registration_time_threshold.count(), 7);
    EXPECT_EQ(page.gateway_registration_name, "box");
    EXPECT_EQ(page.registration_mode, sipstack::RegistrationMode::per_endpoint);
    EXPECT_EQ(page.user_name, "device");
    EXPECT_EQ(page.password.reveal(), "clear2");
    EXPECT_EQ(sip.timers.t1.count(), 400);
    EXPECT_EQ(sip.timers.t2.count(), 3000);
    EXPECT_EQ(sip.timers.t4.count(), 4500);
    EXPECT_EQ(sip.user_agent, "Box/1");
    EXPECT_EQ(config->administration.local_socket, "/tmp/x.sock");
    EXPECT_EQ(config->administration.log_level, "warning");
}

TEST(ConfigFile, DefaultsOfTheCatalogueAreThoseOfTheTypes) {
    const auto config = load_config_text("administration:\n", "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    const ApplianceConfig expected;
    EXPECT_EQ(config->board.model, expected.board.model);
    EXPECT_EQ(config->board.hostname, expected.board.hostname);
    EXPECT_EQ(config->board.topology, expected.board.topology);
    EXPECT_EQ(config->board.power_profile, expected.board.power_profile);
    EXPECT_EQ(config->board.memory_megabytes, expected.board.memory_megabytes);
    EXPECT_EQ(config->network.kernel_twin, expected.network.kernel_twin);
    EXPECT_EQ(config->network.network_namespace, expected.network.network_namespace);
    EXPECT_EQ(config->sip.shards, expected.sip.shards);
    EXPECT_EQ(config->sip.user_agent, expected.sip.user_agent);
    EXPECT_EQ(config->sip.timers.t1, expected.sip.timers.t1);
    EXPECT_EQ(config->sip.timers.t2, expected.sip.timers.t2);
    EXPECT_EQ(config->sip.timers.t4, expected.sip.timers.t4);
    const auto& page = config->sip.proxy_and_registration;
    const sipstack::ProxyAndRegistration same;
    EXPECT_EQ(page.use_default_proxy, same.use_default_proxy);
    EXPECT_EQ(page.enable_registration, same.enable_registration);
    EXPECT_EQ(page.registration_time, same.registration_time);
    EXPECT_EQ(page.re_registration_timing, same.re_registration_timing);
    EXPECT_EQ(page.registration_retry_time, same.registration_retry_time);
    EXPECT_EQ(page.registration_time_threshold, same.registration_time_threshold);
    EXPECT_EQ(page.registration_mode, same.registration_mode);
    EXPECT_EQ(page.proxy_ip_list_refresh_time, same.proxy_ip_list_refresh_time);
    EXPECT_EQ(config->administration.local_socket, expected.administration.local_socket);
    EXPECT_EQ(config->administration.log_level, expected.administration.log_level);
    EXPECT_EQ(config->administration.registration_journal,
              expected.administration.registration_journal);
}

TEST(ConfigFile, HeadsWithoutLinesAreEmptyTables) {
    const auto config =
        load_config_text("ip_network:\n  physical_ports:\nsignaling_and_media:\n", "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    EXPECT_TRUE(config->board.physical_ports.empty());
}

TEST(ConfigFile, AliasesAreReadAsWhatTheyStandFor) {
    std::string text = replaced(small_config, "device: vlan 1}", "device: &vlan vlan 1}");
    text = replaced(text, "- {name: vlan 1,", "- {name: vlan 1, mtu: &mtu 1400,");
    text = replaced(text, "signaling_and_media:\n",
                    "    - {name: Two, address: 192.0.2.11/24, device: *vlan}\n"
                    "signaling_and_media:\n");
    const auto config = load_config_text(text, "f.yaml", "");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    EXPECT_EQ(config->network.ip_interfaces[1].device, "vlan 1");
}

TEST(ConfigFile, FilesOfConfAreRight) {
    for (const std::string name : {"lab", "vm", "hardware"}) {
        const auto config = load_config_file(CONF_FOLDER "/" + name + ".yaml");
        ASSERT_TRUE(config.has_value()) << told(config.error());
    }
}

TEST_F(ConfigFolder, SecretsComeFromAFileBesideTheConfiguration) {
    write("office.secret", "open sesame\n");
    const std::string path = write("f.yaml", with_password("{file: office.secret}"));
    const auto config = load_config_file(path);
    ASSERT_TRUE(config.has_value()) << told(config.error());
    EXPECT_EQ(config->sip.accounts[0].password.reveal(), "open sesame");
}

TEST_F(ConfigFolder, SecretsComeFromTheEnvironment) {
    ::setenv("TRUNKLINE_TEST_SECRET", "from outside", 1);
    const auto config =
        load_config_text(with_password("{env: TRUNKLINE_TEST_SECRET}"), "f.yaml", "");
    ::unsetenv("TRUNKLINE_TEST_SECRET");
    ASSERT_TRUE(config.has_value()) << told(config.error());
    EXPECT_EQ(config->sip.accounts[0].password.reveal(), "from outside");
}

TEST_F(ConfigFolder, SecretsThatCannotBeHadAreFaults) {
    write("empty.secret", "\n");
    write("long.secret", std::string(51, 'x'));
    write("lines.secret", "one\ntwo\n");
    write("huge.secret", std::string(70000, 'x'));
    std::filesystem::create_directory(folder_ / "folder");
    const auto faults = [&](const std::string& password) {
        return faults_of(with_password(password), folder_.string());
    };
    const std::string place = "f.yaml:19:82: signaling_and_media.accounts[0].password: found ";
    EXPECT_EQ(
        faults("{file: none.secret}"),
        place + "the unreadable file '" + (folder_ / "none.secret").string() +
            "' (No such file or directory); allowed: a file that this user may read, with the "
            "secret as its only line; write the secret there, or name another file\n");
    EXPECT_THAT(faults("{file: folder}"), HasSubstr("(it is a folder)"));
    EXPECT_THAT(faults("{file: /dev/null}"), HasSubstr("(it is no regular file)"));
    EXPECT_THAT(faults("{file: empty.secret}"), HasSubstr(place + "the empty file"));
    EXPECT_THAT(faults("{file: long.secret}"), HasSubstr(place + "a secret of 51 characters"));
    EXPECT_THAT(faults("{file: huge.secret}"), HasSubstr("more than 65536 bytes"));
    EXPECT_THAT(faults("{file: lines.secret}"), HasSubstr("a secret with a line end"));
    ::unsetenv("TRUNKLINE_NO_SUCH");
    EXPECT_EQ(faults("{env: TRUNKLINE_NO_SUCH}"),
              replaced(place, ":82:", ":81:") +
                  "environment variable 'TRUNKLINE_NO_SUCH', which is not set; allowed: a variable "
                  "of this process's environment; set TRUNKLINE_NO_SUCH before the start\n");
    ::setenv("TRUNKLINE_NO_SUCH", "", 1);
    EXPECT_THAT(faults("{env: TRUNKLINE_NO_SUCH}"), HasSubstr("which is empty"));
    ::unsetenv("TRUNKLINE_NO_SUCH");
    EXPECT_THAT(faults("{fiel: a}"),
                HasSubstr("a map without exactly one of the keys file and env"));
    EXPECT_THAT(faults("{file: a, env: b}"), HasSubstr("exactly one of the keys file and env"));
    EXPECT_THAT(faults("{file: [a]}"), HasSubstr("a list as the value of file"));
    EXPECT_THAT(faults("[a]"),
                HasSubstr("found a list; allowed: {file: PATH}, {env: NAME} or text"));
    EXPECT_THAT(faults("~"), HasSubstr("found nothing; allowed: {file: PATH}"));
}

TEST_F(ConfigFolder, UnreadableConfigurationsAreFaults) {
    const auto faults = [](const std::string& path) {
        const auto config = load_config_file(path);
        return config ? "" : told(config.error());
    };
    EXPECT_EQ(faults((folder_ / "no.yaml").string()),
              (folder_ / "no.yaml").string() +
                  ": found no readable file (No such file or directory); allowed: a YAML or ini "
                  "file that "
                  "this user may read; name another one, as conf/lab.yaml\n");
    EXPECT_THAT(faults(folder_.string()), HasSubstr("(Is a directory)"));
}

TEST_F(ConfigFolder, SecretsStandInNoFaultAndNoSummary) {
    const std::string secret = "Sesam0effne";
    // Every way to break a file that could carry the line with the secret into a message.
    for (const auto& [from, to] : {
             std::pair{"password: Sesam0effne", "password: [Sesam0effne]"},
             std::pair{"password: Sesam0effne", "password: {Sesam0effne: x}"},
             std::pair{"password: Sesam0effne", "password: {file: x, clear: Sesam0effne}"},
             std::pair{"password: Sesam0effne", "passwrd: Sesam0effne"},
             std::pair{"password: Sesam0effne", "password: \"Sesam0effne\\n\""},
             std::pair{"password: Sesam0effne",
                       "password: Sesam0effneSesam0effneSesam0effneSesam0effneSesam0effne"},
             std::pair{"password: Sesam0effne", "password: Sesam0effne, password: Sesam0effne"},
             std::pair{"password: Sesam0effne", "password: 'Sesam0effne"},
             std::pair{"register: regular", "register: nothing"},
             std::pair{"- {name: office, serving_ip_group: ITSP, ", "- {"},
         }) {
        const std::string faults = faults_of(replaced(small_config, from, to), folder_.string());
        EXPECT_NE(faults, "") << to;
        EXPECT_THAT(faults, Not(HasSubstr(secret)));
    }
    const auto config = load_config_text(small_config, "f.yaml", "");
    ASSERT_TRUE(config.has_value());
    EXPECT_THAT(config_summary(*config), Not(HasSubstr(secret)));
    EXPECT_THAT(config_summary(*config), HasSubstr("sip:100@lab.example"));
}

}  // namespace
}  // namespace trunkline::mgmt
