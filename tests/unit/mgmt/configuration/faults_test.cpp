// One wrong file for every way to be wrong: what is told, and where.
#include "samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

#define ACCOUNT_KEYS                                                                             \
    "name, application_type, served_trunk_group, served_ip_group, serving_ip_group, user_name, " \
    "password, host_name, contact_user, register, registrar_stickiness, registrar_search_mode, " \
    "re_register_on_invite_failure, reg_event_package_subscription, "                            \
    "reg_by_served_ip_group_status, udp_port_assignment, ha1, ha1_algorithm, aka_key, "          \
    "aka_operator_key, outbound, instance_id"

struct Wrong {
    const char* name;
    const char* from;  ///< in small_config
    const char* to;
    const char* fault;  ///< the whole text of the only fault
};

class OneFault : public testing::TestWithParam<Wrong> {};

TEST_P(OneFault, IsToldInFullAndAlone) {
    const std::string text = replaced(small_config, GetParam().from, GetParam().to);
    EXPECT_EQ(faults_of(text), std::string(GetParam().fault) + "\n");
}

std::string name_of(const testing::TestParamInfo<Wrong>& wrong) {
    return wrong.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, OneFault,
    testing::Values(
        Wrong{"UnknownSection", "signaling_and_media:", "signalling: {}\nsignaling_and_media:",
              "f.yaml:11:1: signalling: found key 'signalling'; allowed: "
              "appliance, ip_network, signaling_and_media, license, administration, troubleshoot, "
              "kept_aside"},
        Wrong{"MistypedKey", "hostname:", "hostnam:",
              "f.yaml:1:32: appliance.hostnam: found key 'hostnam'; allowed: model, hostname, "
              "topology, shards, power_profile, memory_megabytes; did you mean 'hostname'?"},
        Wrong{"KeyTwice", "model: mediant-ve,", "model: mediant-ve, model: mediant-ve,",
              "f.yaml:1:32: found key 'model' a second time; allowed: each key once; it stands in "
              "line 1 already"},
        Wrong{"MergeKey", "register: regular", "register: regular, <<: {register: regular}",
              "f.yaml:19:128: signaling_and_media.accounts[0].<<: found key '<<'; "
              "allowed: " ACCOUNT_KEYS "; merge keys are not read, write the keys out"},
        Wrong{"RequiredKeyMissing", "name: vlan 1, underlying: GROUP_1", "name: vlan 1",
              "f.yaml:8:7: ip_network.ethernet_devices[0].underlying: found nothing; allowed: "
              "one of the ethernet groups"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Values, OneFault,
    testing::Values(
        Wrong{"MistypedEnum", "register: regular", "register: regulr",
              "f.yaml:19:119: signaling_and_media.accounts[0].register: found 'regulr'; allowed: "
              "no, regular, gin; did you mean 'regular'?"},
        Wrong{"KeepAliveOfALaterVersion", "name: ITSP, sip",
              "name: ITSP, keep_alive: using_fake_register, sip",
              "f.yaml:15:32: signaling_and_media.proxy_sets[0].keep_alive: found "
              "'using_fake_register'; allowed: disable, using_options, using_register, "
              "using_options_on_active_server; 'using_fake_register' is not available in this "
              "version"},
        Wrong{
            "TransportOfALaterVersion", "address: 192.0.2.1}",
            "address: 192.0.2.1, transport: sctp}",
            "f.yaml:15:101: signaling_and_media.proxy_sets[0].proxy_addresses[0].transport: found "
            "'sctp'; allowed: udp, tcp, tls; 'sctp' is not available in this version"},
        Wrong{"IpGroupTypeOfALaterVersion", "proxy_set: ITSP,", "proxy_set: ITSP, type: gateway,",
              "f.yaml:17:43: signaling_and_media.ip_groups[0].type: found 'gateway'; allowed: "
              "server, "
              "user; 'gateway' is not available in this version"},
        Wrong{"EnumIsCaseSensitiveButNear", "register: regular", "register: Regular",
              "f.yaml:19:119: signaling_and_media.accounts[0].register: found 'Regular'; allowed: "
              "no, regular, gin; did you mean 'regular'?"},
        Wrong{"IntegerTooLarge", "udp_port: 5060", "udp_port: 65535",
              "f.yaml:13:66: signaling_and_media.sip_interfaces[0].udp_port: found 65535; allowed: "
              "0..65534"},
        Wrong{"IntegerIsText", "udp_port: 5060", "udp_port: sip",
              "f.yaml:13:66: signaling_and_media.sip_interfaces[0].udp_port: found 'sip'; allowed: "
              "0..65534"},
        Wrong{"IntegerWithUnit", "hostname: sbc1", "memory_megabytes: 256M",
              "f.yaml:1:50: appliance.memory_megabytes: found '256M'; allowed: 32..65536 MiB"},
        Wrong{"IntegerBeyondAll", "udp_port: 5060", "udp_port: 99999999999999999999",
              "f.yaml:13:66: signaling_and_media.sip_interfaces[0].udp_port: found "
              "'99999999999999999999'; allowed: 0..65534"},
        Wrong{"NothingWhereThereIsADefault", "hostname: sbc1", "hostname: ",
              "f.yaml:1:32: appliance.hostname: found nothing; allowed: a host name or IP address "
              "of 1..63 characters; take the key out for its default"},
        Wrong{"MapWhereAValueBelongs", "hostname: sbc1", "hostname: {a: b}",
              "f.yaml:1:42: appliance.hostname: found a map; allowed: a host name or IP address of "
              "1..63 characters"},
        Wrong{"HostWithASpace", "hostname: sbc1", "hostname: sbc 1",
              "f.yaml:1:42: appliance.hostname: found 'sbc 1'; allowed: a host name or IP address "
              "of 1..63 characters"},
        Wrong{"HostThatIsAWrongAddress", "lab.example}", "192.0.2.300}",
              "f.yaml:17:53: signaling_and_media.ip_groups[0].sip_group_name: found '192.0.2.300'; "
              "allowed: a host name or IP address of 1..100 characters"},
        Wrong{"TextTooLong", "name: office,", "name: officeofficeofficeofficeofficeofficeoffice,",
              "f.yaml:19:14: signaling_and_media.accounts[0].name: found 42 characters, "
              "'officeofficeofficeofficeofficeofficeoffice'; allowed: text of 1..40 characters"},
        Wrong{"LineEndInText", "user_name: office", "user_name: \"office\\r\\nVia: x\"",
              "f.yaml:19:57: signaling_and_media.accounts[0].user_name: found text with a line end "
              "or control character; allowed: text of 0..60 characters"},
        Wrong{"ModeOfTheOtherFamily", "/24, device", "/24, interface_mode: ipv6_manual, device",
              "f.yaml:10:98: ip_network.ip_interfaces[0].interface_mode: found 'ipv6_manual'; "
              "allowed: interface_mode: ipv4_manual, as the address is; leave it out to have it "
              "follow the "
              "address"},
        Wrong{"PciAddress", "vdev: af_packet, interface: sbc0", "pci: eth0",
              "f.yaml:4:34: ip_network.physical_ports[0].device.pci: found 'eth0'; allowed: a PCI "
              "address like 0000:00:04.0"},
        Wrong{"PrefixWithoutLength", "192.0.2.10/24", "192.0.2.10",
              "f.yaml:10:67: ip_network.ip_interfaces[0].address: found '192.0.2.10'; allowed: an "
              "address with its prefix length, like 192.0.2.10/24"},
        Wrong{
            "ProxyPort", "address: 192.0.2.1}", "address: \"192.0.2.1:70000\"}",
            "f.yaml:15:79: signaling_and_media.proxy_sets[0].proxy_addresses[0].address: found "
            "'192.0.2.1:70000'; allowed: HOST or HOST:PORT; an IPv6 address with a port stands in "
            "brackets"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    ListsAndRows, OneFault,
    testing::Values(
        Wrong{"ValueWhereAListBelongs", "members: [GE_1]", "members: GE_1",
              "f.yaml:6:32: ip_network.ethernet_groups[0].members: found a single value; allowed: "
              "a list of 0..2, each: one of the physical ports; put it in brackets: [...]"},
        Wrong{"SameMemberTwice", "members: [GE_1]", "members: [GE_1, GE_1]",
              "f.yaml:6:39: ip_network.ethernet_groups[0].members[1]: found 'GE_1' a second time; "
              "allowed: each once"},
        Wrong{"NoApplicationType", "[media, control]", "[]",
              "f.yaml:10:40: ip_network.ip_interfaces[0].application_types: found a list of 0; "
              "allowed: a list of 1..3, each: oamp, media, control"},
        Wrong{"NoProxyAddress", "[{address: 192.0.2.1}]", "[]",
              "f.yaml:19:7: signaling_and_media.accounts[0]: found proxy set 'ITSP' that serves it "
              "has no address; add an address to it"},
        Wrong{"RowIsNothing", "  accounts:\n", "  accounts:\n    -\n",
              "f.yaml:20:5: signaling_and_media.accounts[0]: found nothing; allowed: a map with "
              "the keys " ACCOUNT_KEYS},
        Wrong{"RowIsText", "  accounts:\n", "  accounts:\n    - Sesam0effne\n",
              "f.yaml:19:7: signaling_and_media.accounts[0]: found a single value; allowed: a map "
              "with the keys " ACCOUNT_KEYS},
        Wrong{"SameRowTwice", "  accounts:\n",
              "  accounts:\n    - {name: office, serving_ip_group: ITSP}\n",
              "f.yaml:20:14: signaling_and_media.accounts[1].name: found 'office' a second time; "
              "allowed: each once; the row in line 19 has it already"},
        Wrong{
            "PortTwice", "  ethernet_groups:\n",
            "    - {name: GE_1, device: {vdev: ring}}\n  ethernet_groups:\n",
            "f.yaml:5:14: ip_network.physical_ports[1].name: found 'GE_1' a second time; allowed: "
            "each once; the row in line 4 has it already"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    References, OneFault,
    testing::Values(
        Wrong{"MistypedReference", "serving_ip_group: ITSP", "serving_ip_group: ITPS",
              "f.yaml:19:40: signaling_and_media.accounts[0].serving_ip_group: found 'ITPS'; "
              "allowed: one of the IP groups (ITSP); did you mean 'ITSP'?"},
        Wrong{"ReferenceToNothing", "register: regular", "register: regular, served_trunk_group: 7",
              "f.yaml:19:148: signaling_and_media.accounts[0].served_trunk_group: found '7'; "
              "allowed: one of the trunk groups; there is none, add it to "
              "signaling_and_media.gateway.trunk_groups"},
        Wrong{"ReferenceIsAList", "underlying: GROUP_1", "underlying: [GROUP_1]",
              "f.yaml:8:34: ip_network.ethernet_devices[0].underlying: found a list; allowed: one "
              "of the ethernet groups"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Devices, OneFault,
    testing::Values(
        Wrong{
            "NoDevice", ", device: {vdev: af_packet, interface: sbc0}", "",
            "f.yaml:4:7: ip_network.physical_ports[0].device: found nothing; allowed: a map "
            "with the keys pci, nic, vdev, interface, socket, role, id, receive_copies, path; give "
            "pci or nic or vdev"},
        Wrong{"TwoKindsOfDevice", "vdev: af_packet, interface: sbc0",
              "vdev: ring, pci: \"0000:00:04.0\"",
              "f.yaml:4:28: ip_network.physical_ports[0].device: found pci, vdev together; "
              "allowed: exactly one of pci, nic, vdev"},
        Wrong{"NoKindOfDevice", "vdev: af_packet, interface: sbc0", "interface: sbc0",
              "f.yaml:4:28: ip_network.physical_ports[0].device: found none of pci, nic, vdev; "
              "allowed: exactly one of pci, nic, vdev"},
        Wrong{"KindIsNothing", "vdev: af_packet, interface: sbc0", "vdev: ",
              "f.yaml:4:29: ip_network.physical_ports[0].device.vdev: found nothing; allowed: "
              "af_packet, af_xdp, tap, memif, ring, null, virtio_user; take the key out for its "
              "default"},
        Wrong{"MistypedKind", "vdev: af_packet", "vdev: afpacket",
              "f.yaml:4:35: ip_network.physical_ports[0].device.vdev: found 'afpacket'; allowed: "
              "af_packet, af_xdp, tap, memif, ring, null, virtio_user; did you mean 'af_packet'?"},
        Wrong{"KeyOfAnotherKind", "vdev: af_packet, interface: sbc0", "vdev: ring, interface: sbc0",
              "f.yaml:4:52: ip_network.physical_ports[0].device.interface: found 'interface'; "
              "allowed: it with vdev: af_packet or vdev: af_xdp or vdev: tap only; take it out"},
        Wrong{"InterfaceMissing", "vdev: af_packet, interface: sbc0", "vdev: af_packet",
              "f.yaml:4:28: ip_network.physical_ports[0].device.interface: found nothing; "
              "allowed: an interface's name of 1..15 characters"},
        Wrong{"InterfaceWithASlash", "interface: sbc0", "interface: net/sbc0",
              "f.yaml:4:57: ip_network.physical_ports[0].device.interface: found 'net/sbc0'; "
              "allowed: an interface's name of 1..15 characters"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Together, OneFault,
    testing::Values(
        Wrong{
            "UnknownModel", "mediant-ve", "mediant-v",
            "f.yaml:1:20: appliance.model: found 'mediant-v'; allowed: mediant-1000b, "
            "mediant-2600, mediant-4000, mediant-4000b, mediant-800b, mediant-9000, mediant-9080, "
            "mediant-ce, mediant-ve; did you mean 'mediant-ve'?"},
        Wrong{"InterfaceWithoutControl", "[media, control]", "[media]",
              "f.yaml:13:49: signaling_and_media.sip_interfaces[0].network_interface: found "
              "'Voice'; allowed: an IP interface whose application_types have control"},
        Wrong{"NetworkAddress", "192.0.2.10/24", "192.0.2.0/24",
              "f.yaml:10:67: ip_network.ip_interfaces[0].address: found 192.0.2.0/24; allowed: an "
              "address of a host; this one is the network's own"},
        Wrong{"BroadcastAddress", "192.0.2.10/24", "192.0.2.255/24",
              "f.yaml:10:67: ip_network.ip_interfaces[0].address: found 192.0.2.255/24; allowed: "
              "an address of a host; this one is the broadcast address"},
        Wrong{"MulticastAddress", "192.0.2.10/24", "224.0.0.10/24",
              "f.yaml:10:67: ip_network.ip_interfaces[0].address: found 224.0.0.10/24; allowed: a "
              "unicast address of the network, no loopback address"},
        Wrong{"LoopbackAddress", "192.0.2.10/24", "127.0.0.1/8",
              "f.yaml:10:67: ip_network.ip_interfaces[0].address: found 127.0.0.1/8; allowed: a "
              "unicast address of the network, no loopback address"},
        Wrong{"GatewayElsewhere", "/24,", "/24, gateway: 192.0.3.1,",
              "f.yaml:10:91: ip_network.ip_interfaces[0].gateway: found 192.0.3.1; allowed: an "
              "address within 192.0.2.10/24"},
        Wrong{"GatewayIsOneself", "/24,", "/24, gateway: 192.0.2.10,",
              "f.yaml:10:91: ip_network.ip_interfaces[0].gateway: found 192.0.2.10; allowed: an "
              "address within 192.0.2.10/24; this one is the interface's own"},
        Wrong{"GatewayOfAnotherFamily", "/24,", "/24, gateway: \"2001:db8::1\",",
              "f.yaml:10:91: ip_network.ip_interfaces[0].gateway: found 2001:db8::1; allowed: an "
              "address within 192.0.2.10/24; the address families differ"},
        Wrong{"SamePortTwice", "  proxy_sets:\n",
              "    - {name: Other, network_interface: Voice, tcp_port: 0}\n  proxy_sets:\n",
              "f.yaml:14:7: signaling_and_media.sip_interfaces[1].udp_port: found 5060; allowed: "
              "each port of an address once; 'SIPInterface_0' listens on it already"},
        Wrong{"TwoUntaggedDevicesOnAGroup", "  ip_interfaces:\n",
              "    - {name: vlan 2, underlying: GROUP_1, vlan_id: 2}\n  ip_interfaces:\n",
              "f.yaml:9:34: ip_network.ethernet_devices[1].underlying: found 'GROUP_1'; allowed: "
              "one untagged device a group; 'vlan 1' stands on it already"},
        Wrong{"SameVlanTwiceOnAGroup", "  ip_interfaces:\n",
              "    - {name: vlan 2, underlying: GROUP_1, vlan_id: 1, tagging: tagged}\n"
              "  ip_interfaces:\n",
              "f.yaml:9:52: ip_network.ethernet_devices[1].vlan_id: found 1; allowed: each VLAN "
              "once a group; 'vlan 1' has it already"},
        Wrong{"DeviceOnAGroupWithoutMembers", "members: [GE_1], mode: single", "mode: none",
              "f.yaml:8:34: ip_network.ethernet_devices[0].underlying: found 'GROUP_1'; allowed: a "
              "group that has members"},
        Wrong{"StaticRouteToAHost", "  physical_ports:\n",
              "  static_routes: [{destination: 198.51.100.1/24, device: vlan 1, gateway: "
              "192.0.2.1}]\n  physical_ports:\n",
              "f.yaml:3:33: ip_network.static_routes[0].destination: found 198.51.100.1/24; "
              "allowed: the address of a network; no bit behind the prefix length may be set"},
        Wrong{
            "StaticRouteTwice", "  physical_ports:\n",
            "  static_routes: [{destination: 198.51.100.0/24, device: vlan 1, gateway: 192.0.2.1},"
            "\n    {destination: 198.51.100.0/24, device: vlan 1, gateway: 192.0.2.2}]\n"
            "  physical_ports:\n",
            "f.yaml:4:19: ip_network.static_routes[1].destination: found 198.51.100.0/24 a second "
            "time; allowed: each destination once"},
        Wrong{"StaticRouteByARouterElsewhere", "  physical_ports:\n",
              "  static_routes: [{destination: 198.51.100.0/24, device: vlan 1, gateway: "
              "192.0.3.1}]\n  physical_ports:\n",
              "f.yaml:3:75: ip_network.static_routes[0].gateway: found 192.0.3.1; allowed: an "
              "address within the prefix of an IP interface on 'vlan 1'"},
        Wrong{"StaticRouteByARouterOfAnotherFamily", "  physical_ports:\n",
              "  static_routes: [{destination: \"2001:db8:7::/48\", device: vlan 1, gateway: "
              "192.0.2.1}]\n  physical_ports:\n",
              "f.yaml:3:77: ip_network.static_routes[0].gateway: found 192.0.2.1; allowed: a "
              "router's address; the address families differ"},
        Wrong{
            "StaticRouteWithoutATwin", "  physical_ports:\n",
            "  kernel_twin: none\n  static_routes: [{destination: 198.51.100.0/24, device: vlan 1, "
            "gateway: 192.0.2.1}]\n  physical_ports:\n",
            "f.yaml:4:18: ip_network.static_routes: found 1 rows; allowed: none with kernel_twin: "
            "none; the kernel's side of the devices has the routes"},
        Wrong{"SameAddressTwice", "signaling_and_media:\n",
              "    - {name: Two, address: 192.0.2.10/25, device: vlan 1}\nsignaling_and_media:\n",
              "f.yaml:11:28: ip_network.ip_interfaces[1].address: found 192.0.2.10; allowed: each "
              "address once; 'Voice' has it already"},
        Wrong{"NeighboursBesideATwin", "  physical_ports:\n",
              "  static_neighbours: [{device: vlan 1, address: 192.0.2.1, mac: "
              "\"02:00:00:00:00:01\"}]\n  physical_ports:\n",
              "f.yaml:3:22: ip_network.static_neighbours: found 1 rows; allowed: none with "
              "kernel_twin: tap; take them out or set kernel_twin: none"},
        Wrong{"NeighbourOffTheLink", "  physical_ports:\n",
              "  kernel_twin: none\n  static_neighbours: [{device: vlan 1, address: 192.0.3.1, "
              "mac: \"02:00:00:00:00:01\"}]\n  physical_ports:\n",
              "f.yaml:4:49: ip_network.static_neighbours[0].address: found 192.0.3.1; allowed: an "
              "address within the prefix of an IP interface on 'vlan 1'"},
        Wrong{"NeighbourIsAGroup", "  physical_ports:\n",
              "  kernel_twin: none\n  static_neighbours: [{device: vlan 1, address: 192.0.2.1, "
              "mac: \"03:00:00:00:00:01\"}]\n  physical_ports:\n",
              "f.yaml:4:65: ip_network.static_neighbours[0].mac: found 03:00:00:00:00:01; allowed: "
              "the MAC address of one station"},
        Wrong{"ProxyOfAnotherFamily", "{address: 192.0.2.1}", "{address: \"2001:db8::1\"}",
              "f.yaml:15:79: signaling_and_media.proxy_sets[0].proxy_addresses[0].address: found "
              "2001:db8::1; allowed: an IPv4 address or a name; the SIP interface's address is "
              "192.0.2.10"},
        Wrong{
            "SettingsTwice", "  sip_interfaces:\n",
            "  gateway:\n    trunk_groups: [{index: 1, channels: 1-2, phone_number: 10}]\n"
            "    trunk_group_settings: [{trunk_group: 1}, {trunk_group: 1}]\n  sip_interfaces:\n",
            "f.yaml:14:60: signaling_and_media.gateway.trunk_group_settings[1].trunk_group: found "
            "1 a second time; allowed: each trunk group once"},
        Wrong{
            "TimersUpsideDown", "  sip_interfaces:\n",
            "  sip_definitions: {general: {t1: 500, t2: 200}}\n  sip_interfaces:\n",
            "f.yaml:12:44: signaling_and_media.sip_definitions.general.t2: found 200; allowed: at "
            "least t1, which is 500 ms"},
        Wrong{"TwoMembersOfASingleGroup", "members: [GE_1]", "members: []",
              "f.yaml:6:32: ip_network.ethernet_groups[0].members: found mode single takes one "
              "member, found 0"}),
    name_of);

TEST(ConfigFaults, AllAreToldAtOnceInTheOrderOfTheFile) {
    std::string text = replaced(small_config, "hostname: sbc1", "shards: 65");
    text = replaced(text, "192.0.2.10/24", "192.0.2.10/33");
    text = replaced(text, "udp_port: 5060", "udp_port: -1");
    text = replaced(text, "register: regular", "register: yes");
    const auto config = load_config_text(text, "f.yaml", "");
    ASSERT_FALSE(config.has_value());
    std::vector<std::string> paths;
    for (const ConfigFault& fault : config.error()) {
        paths.push_back(fault.path);
    }
    EXPECT_THAT(paths,
                testing::ElementsAre("appliance.shards", "ip_network.ip_interfaces[0].address",
                                     "signaling_and_media.sip_interfaces[0].udp_port",
                                     "signaling_and_media.accounts[0].register"));
}

TEST(ConfigFaults, BooleansOfYaml11AreRefusedWithTheWordThatIsRight) {
    const std::string page = "\n  sip_definitions: {proxy_and_registration: {enable_registration: ";
    for (const auto& [word, advice] :
         {std::pair{"yes", "write true"}, std::pair{"On", "write true"},
          std::pair{"no", "write false"}, std::pair{"OFF", "write false"},
          std::pair{"1", "write true"}, std::pair{"tru", "did you mean 'true'?"}}) {
        EXPECT_THAT(faults_of(small_config + page.substr(1) + word + "}}\n"),
                    HasSubstr("allowed: true, false; " + std::string(advice)))
            << word;
    }
}

TEST(ConfigFaults, EmptyFilesAndWrongRootsAreRefused) {
    EXPECT_THAT(faults_of(""), HasSubstr("f.yaml:1:1: found an empty file; allowed: "));
    EXPECT_THAT(faults_of("# a comment\n"), HasSubstr("found an empty file"));
    EXPECT_THAT(faults_of("- a\n- b\n"), HasSubstr("f.yaml:1:1: found a list; allowed: a map"));
    EXPECT_THAT(faults_of("hello"), HasSubstr("f.yaml:1:1: found a single value"));
}

TEST(ConfigFaults, SectionsAndTablesOfTheWrongKindAreRefused) {
    EXPECT_THAT(faults_of("ip_network: []\n"),
                HasSubstr("f.yaml:1:13: ip_network: found a list; allowed: a map with the keys"));
    EXPECT_THAT(faults_of("ip_network:\n  physical_ports:\n    GE_1: {}\n"),
                HasSubstr("f.yaml:3:5: ip_network.physical_ports: found a map; allowed: a list of "
                          "0..64 rows, each a map; put '- ' before each row"));
}

TEST(ConfigFaults, WhatHangsOnAWrongValueIsNotToldAgain) {
    // The address is wrong: nothing is said of the gateway outside it, nor of the SIP interface.
    const std::string text =
        replaced(small_config, "192.0.2.10/24,", "nowhere, gateway: 192.0.9.9,");
    const auto config = load_config_text(text, "f.yaml", "");
    ASSERT_FALSE(config.has_value());
    EXPECT_EQ(config.error().size(), 1U) << told(config.error());
}

TEST(ConfigFaults, ManyWrongReferencesToALargeTableEndInTime) {
    std::string text = small_config;
    for (int row = 0; row < 3000; ++row) {
        text += "    - {name: a" + std::to_string(row) + ", serving_ip_group: ITPS}\n";
    }
    const auto config = load_config_text(text, "f.yaml", "");
    ASSERT_FALSE(config.has_value());
    EXPECT_EQ(config.error().size(), 3000U);
}

}  // namespace
}  // namespace trunkline::mgmt
