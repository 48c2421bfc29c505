#include "mgmt/configuration/ini/ini_reader.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/yaml_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Outcome {
    std::string yaml;
    std::vector<std::string> notes;
    std::string fault;
    ConfigNodePtr root;
};

Outcome read(std::string_view text) {
    const Catalogue catalogue = built_in_catalogue();
    auto read = read_ini(text, "device.ini", catalogue);
    if (!read) {
        return {"", read.error().notes, read.error().faults.front().to_string(), nullptr};
    }
    const ConfigNodePtr root = canonical(read->root, catalogue);
    return {write_yaml(*root, catalogue), read->notes, "", root};
}

TEST(IniReader, ReadsScalarsInEitherCase) {
    const Outcome outcome = read(
        "REGISTRATIONTIME = 3600\nisregisterneeded = 1\nAuthenticationMode = 0\n"
        "RegistrarTransportType = -1\n");
    EXPECT_EQ(outcome.yaml,
              "signaling_and_media:\n"
              "  sip_definitions:\n"
              "    proxy_and_registration:\n"
              "      enable_registration: true\n"
              "      registration_time: 3600\n"
              "      registration_mode: per_endpoint\n");
    EXPECT_THAT(outcome.notes, IsEmpty());
}

TEST(IniReader, PutsPartsTogetherAndNumbersIntoNames) {
    const Outcome outcome = read(
        "[ InterfaceTable ]\n"
        "FORMAT Index = ApplicationTypes, IPAddress, PrefixLength, Gateway, InterfaceName, "
        "UnderlyingDevice;\n"
        "InterfaceTable 0 = 5, 192.0.2.10, 24, 192.0.2.1, \"Voice\", \"vlan 1\";\n"
        "[ \\InterfaceTable ]\n"
        "[ EtherGroupTable ]\n"
        "FORMAT Index = Group, Mode, Member1, Member2;\n"
        "EtherGroupTable 0 = \"GROUP_1\", 5, \"GE_1\", \"\";\n"
        "[ \\EtherGroupTable ]\n"
        "[ TrunkGroup ]\n"
        "FORMAT TrunkGroup_Index = TrunkGroup_TrunkGroupNum, TrunkGroup_FirstTrunkId, "
        "TrunkGroup_FirstBChannel, TrunkGroup_LastBChannel, TrunkGroup_FirstPhoneNumber, "
        "TrunkGroup_LastTrunkId, TrunkGroup_Module;\n"
        "TrunkGroup 0 = 1, 1, 1, 30, \"2001\", 2, 1;\n"
        "[ \\TrunkGroup ]\n");
    EXPECT_EQ(outcome.yaml,
              "ip_network:\n"
              "  ethernet_groups:\n"
              "    - name: GROUP_1\n"
              "      members: [GE_1]\n"
              "  ip_interfaces:\n"
              "    - name: Voice\n"
              "      application_types: [media, control]\n"
              "      address: 192.0.2.10/24\n"
              "      gateway: 192.0.2.1\n"
              "      device: vlan 1\n"
              "signaling_and_media:\n"
              "  gateway:\n"
              "    trunk_groups:\n"
              "      - index: 1\n"
              "        trunks: 1-2\n"
              "        channels: 1-30\n"
              "        phone_number: \"2001\"\n");
}

TEST(IniReader, PutsRowsOfInnerTablesIntoTheRowsThatTheyName) {
    const Outcome outcome = read(
        "[ ProxyIp ]\n"
        "FORMAT Index = ProxySetId, ProxyIpIndex, IpAddress, TransportType, Priority, Weight;\n"
        "ProxyIp 0 = \"1\", 1, \"b.example:5070\", 1, 1, 0;\n"
        "ProxyIp 1 = \"1\", 0, \"a.example\", 7, 0, 0;\n"
        "[ \\ProxyIp ]\n"
        "[ ProxySet ]\n"
        "FORMAT Index = ProxyName, ProxyRedundancyMode, SBCIPv4SIPInterfaceName, "
        "GWIPv4SIPInterfaceName;\n"
        "ProxySet 0 = \"ProxySet_0\", -1, \"\", \"SIPInterface_0\";\n"
        "ProxySet 1 = \"ITSP\", 1, \"SI_WAN\", \"\";\n"
        "[ \\ProxySet ]\n");
    EXPECT_EQ(outcome.fault,
              "device.ini:4:34: ProxyIp 1: ProxyIp_TransportType: found '7'; allowed: 0 (udp), 1 "
              "(tcp), 2 (tls), 3 (sctp)");
}

TEST(IniReader, ReadsProxySetsWithTheirAddresses) {
    const Outcome outcome = read(
        "[ ProxyIp ]\n"
        "FORMAT Index = ProxySetId, ProxyIpIndex, IpAddress, TransportType, Priority, Weight;\n"
        "ProxyIp 0 = \"1\", 1, \"b.example:5070\", 1, 1, 0;\n"
        "ProxyIp 1 = \"1\", 0, \"a.example\", -1, 0, 0;\n"
        "[ \\ProxyIp ]\n"
        "[ ProxySet ]\n"
        "FORMAT Index = ProxyName, ProxyRedundancyMode, SBCIPv4SIPInterfaceName, "
        "GWIPv4SIPInterfaceName;\n"
        "ProxySet 1 = \"ITSP\", 1, \"\", \"SI_WAN\";\n"
        "[ \\ProxySet ]\n");
    EXPECT_EQ(outcome.yaml,
              "signaling_and_media:\n"
              "  proxy_sets:\n"
              "    - row: 1\n"
              "      name: ITSP\n"
              "      sip_interface: SI_WAN\n"
              "      redundancy_mode: homing\n"
              "      proxy_addresses:\n"
              "        - address: a.example\n"
              "        - address: b.example:5070\n"
              "          transport: tcp\n"
              "          priority: 1\n")
        << outcome.fault;
}

TEST(IniReader, NamesRowsThatHaveNoneAndReferencesByNumber) {
    const Outcome outcome = read(
        "[ Account ]\n"
        "FORMAT Account_Index = Account_ServedTrunkGroup, Account_ServingIPGroupName, "
        "Account_Username, Account_Password, Account_Register;\n"
        "Account 2 = -1, 1, \"3001\", \"$1$gQ==\", 1;\n"
        "[ \\Account ]\n"
        "[ IPGroup ]\n"
        "FORMAT Index = Name;\n"
        "IPGroup 1 = \"ITSP\";\n"
        "[ \\IPGroup ]\n");
    EXPECT_EQ(outcome.yaml,
              "signaling_and_media:\n"
              "  ip_groups:\n"
              "    - row: 1\n"
              "      name: ITSP\n"
              "  accounts:\n"
              "    - row: 2\n"
              "      name: Account_2\n"
              "      serving_ip_group: ITSP\n"
              "      user_name: \"3001\"\n"
              "      register: regular\n");
}

TEST(IniReader, TakesTheNullAddressOfEitherFamilyForNone) {
    for (const char* none : {"0.0.0.0", "::", ""}) {
        const Outcome outcome =
            read(std::string("[ InterfaceTable ]\nFORMAT Index = InterfaceName, Gateway;\n"
                             "InterfaceTable 0 = \"Voice\", ") +
                 none + ";\n[ \\InterfaceTable ]\n");
        EXPECT_EQ(outcome.yaml, "ip_network:\n  ip_interfaces:\n    - name: Voice\n") << none;
    }
}

TEST(IniReader, ReadsWordsWhereDevicesWriteWords) {
    const Outcome outcome = read(
        "ActivityListToLog = 'pvc', 'll'\n[ AccessList ]\n"
        "FORMAT Index = Protocol, Allow_Type;\nAccessList 0 = \"udp\", \"BLOCK\";\n"
        "[ \\AccessList ]\n");
    EXPECT_EQ(outcome.yaml,
              "ip_network:\n  firewall:\n    - protocol: udp\n      action_upon_match: block\n"
              "troubleshoot:\n  syslog:\n    activity_types_to_report: [pvc, ll]\n");
    const std::string again = write_ini(outcome.root, built_in_catalogue(), {}, secret_in_clear);
    EXPECT_THAT(again, HasSubstr("ActivityListToLog = 'pvc', 'll'\r\n"));
    EXPECT_THAT(again, HasSubstr("\"Block\";\r\n"));
}

TEST(IniReader, KeepsAsideAndTellsWhatItDoesNotKnow) {
    const std::string ini =
        "\r\n[Kept aside]\r\n"
        "EnableFoo = 'x'\r\n"
        "Bar = 7\r\n"
        "\r\n[ IPGroup ]\r\n\r\n"
        "FORMAT Index = Name, Strange;\r\n"
        "IPGroup 0 = \"ITSP\", \"a\";\r\n"
        "\r\n[ \\IPGroup ]\r\n"
        "\r\n[ Unknown ]\r\n\r\n"
        "FORMAT Index = A, B;\r\n"
        "Unknown 4 = 1, \"two;\";\r\n"
        "\r\n[ \\Unknown ]\r\n";
    const Outcome outcome = read(ini);
    EXPECT_THAT(outcome.notes,
                ElementsAre("device.ini:3:1: EnableFoo is not known here; it is kept aside",
                            "device.ini:4:1: Bar is not known here; it is kept aside",
                            "device.ini:6:1: column Strange of IPGroup is not known here; it is "
                            "kept aside",
                            "device.ini:13:1: table Unknown is not known here; it is kept aside"));
    const std::string again = write_ini(outcome.root, built_in_catalogue(), {}, secret_in_clear);
    for (const char* kept :
         {"EnableFoo = 'x'\r\n", "Bar = 7\r\n", ", Strange;\r\n", ", \"a\";\r\n",
          "[ Unknown ]\r\n\r\nFORMAT Index = A, B;\r\nUnknown 4 = 1, \"two;\";\r\n"}) {
        EXPECT_THAT(again, HasSubstr(kept));
    }
    EXPECT_EQ(read(again).yaml, outcome.yaml);
}

TEST(IniReader, KeepsAsideWhatASecondColumnOfAParameterSaysOtherwise) {
    const std::string ini =
        "[ ProxySet ]\nFORMAT Index = ProxyName, GWIPv4SIPInterfaceName, SBCIPv4SIPInterfaceName, "
        "GWIPv6SIPInterfaceName, SBCIPv6SIPInterfaceName;\n"
        "ProxySet 0 = \"a\", \"SI_LAN\", \"SI_WAN\", \"SI_WAN\", \"\";\n"
        "ProxySet 1 = \"b\", \"\", \"\", \"SI_V6\", \"NO_SUCH_V6\";\n"
        "[ \\ProxySet ]\n";
    const Outcome outcome = read(ini);
    EXPECT_THAT(outcome.yaml, HasSubstr("- name: a\n      sip_interface: SI_WAN\n"));
    EXPECT_THAT(outcome.yaml, HasSubstr("- name: b\n      sip_interface: SI_V6\n"));
    EXPECT_THAT(outcome.notes,
                ElementsAre("device.ini:3:19: GWIPv4SIPInterfaceName of ProxySet 0 is another than "
                            "SBCIPv4SIPInterfaceName, which acts; it is kept aside",
                            "device.ini:4:36: SBCIPv6SIPInterfaceName of ProxySet 1 is another "
                            "than GWIPv6SIPInterfaceName, which acts; it is kept aside"));
    const std::string again = write_ini(outcome.root, built_in_catalogue(), {}, secret_in_clear);
    EXPECT_THAT(again, HasSubstr("KeepAliveFailureResp, GWIPv4SIPInterfaceName, "
                                 "SBCIPv4SIPInterfaceName, GWIPv6SIPInterfaceName, "
                                 "SBCIPv6SIPInterfaceName, MinActiveServersLB"));
    EXPECT_THAT(again, HasSubstr(", \"SI_LAN\", \"SI_WAN\", \"\", \"\", "));
    EXPECT_THAT(again, HasSubstr(", \"\", \"SI_V6\", \"\", \"NO_SUCH_V6\", "));
    EXPECT_EQ(read(again).yaml, outcome.yaml);
}

TEST(IniReader, IsWrittenWithTheHeadOfADeviceAndEachSectionOnce) {
    const Outcome outcome = read(
        "EnableSyslog = 1\nRegistrationTime = 3600\nAutoUpdatePredefinedTime = '03:30'\n"
        "ApplianceModel = 'mediant-4000'\n");
    const std::string ini =
        write_ini(outcome.root, built_in_catalogue(), ini_header(outcome.root), secret_in_clear);
    EXPECT_THAT(ini, testing::StartsWith(";**************\r\n;** Ini File **\r\n"
                                         ";**************\r\n;Board: mediant-4000\r\n"
                                         ";Software Version: "));
    for (const char* const section : {"[SYSTEM Params]", "[SIP Params]"}) {
        EXPECT_NE(ini.find(section), ini.npos) << section;
        EXPECT_EQ(ini.find(section), ini.rfind(section)) << section;
    }
    EXPECT_EQ(read(ini).yaml, outcome.yaml);
}

TEST(IniReader, PutsAHiddenSecretAsideAndSaysWhatIsNeeded) {
    const Outcome outcome = read(
        "[ Account ]\nFORMAT Index = AccountName, Password;\n"
        "Account 0 = \"a\", \"$1$S3p8\";\n[ \\Account ]\n");
    ASSERT_EQ(outcome.notes.size(), 1U);
    EXPECT_THAT(outcome.notes[0],
                HasSubstr("device.ini:3:18: Account_Password is hidden; allowed: a password in "
                          "clear"));
    EXPECT_THAT(outcome.yaml, testing::Not(HasSubstr("password:")));
    EXPECT_THAT(write_ini(outcome.root, built_in_catalogue(), {}, secret_in_clear),
                HasSubstr("\"$1$S3p8\""));
}

TEST(IniReader, RefusesValuesWithTheirPlace) {
    EXPECT_EQ(read("IsRegisterNeeded = 2\n").fault,
              "device.ini:1:20: IsRegisterNeeded: found '2'; allowed: 0, 1");
    EXPECT_EQ(read("[ ProxyIp ]\nFORMAT Index = ProxySetId, IpAddress;\n"
                   "ProxyIp 0 = \"3\", \"a\";\n[ \\ProxyIp ]\n")
                  .fault,
              "device.ini:3:1: ProxyIp: found row 3 of ProxySet; allowed: the number of a row of [ "
              "ProxySet ]");
}

TEST(IniReader, TellsOfAMisspeltColumnAndOfNothingThatFollowsFromIt) {
    EXPECT_EQ(read("[ ProxySet ]\nFORMAT Index = ProxyName, SBCIPv4SIPInterfaceNam;\n"
                   "ProxySet 0 = \"a\", \"SI\";\n[ \\ProxySet ]\n")
                  .fault,
              "device.ini:1:1: ProxySet: found column 'SBCIPv4SIPInterfaceNam'; did you mean "
              "'SBCIPv4SIPInterfaceName'?");
    const auto broken = read_ini(
        "[ ProxySet ]\nFORMAT Index = ProxyName, ProxyKeepAliveTime;\n"
        "ProxySet 1 = \"a\";\n[ \\ProxySet ]\n"
        "[ ProxyIp ]\nFORMAT Index = ProxySetId, IpAddress;\nProxyIp 0 = \"1\", \"a\";\n"
        "[ \\ProxyIp ]\n",
        "device.ini", built_in_catalogue());
    ASSERT_FALSE(broken.has_value());
    ASSERT_EQ(broken.error().faults.size(), 1U) << broken.error().faults.back().to_string();
    EXPECT_THAT(broken.error().faults.front().to_string(), HasSubstr("found 1 values in row 1"));
}

TEST(IniReader, TellsWhatItDoesNotKnowBesideItsFaults) {
    const Outcome outcome = read(
        "Foo = 1\n[ ProxyIp ]\nFORMAT Index = ProxySetId, IpAddress;\n"
        "ProxyIp 0 = \"3\", \"a\";\n[ \\ProxyIp ]\n");
    EXPECT_THAT(outcome.fault, HasSubstr("found row 3 of ProxySet"));
    EXPECT_THAT(outcome.notes,
                ElementsAre("device.ini:1:1: Foo is not known here; it is kept aside"));
}

TEST(IniReader, KnowsIniByItsNameOrItsFirstWords) {
    EXPECT_TRUE(is_ini("device.INI", ""));
    EXPECT_TRUE(is_ini("/dev/stdin", "\r\n;** Ini File **"));
    EXPECT_TRUE(is_ini("/dev/stdin", "[SIP Params]"));
    EXPECT_FALSE(is_ini("lab.yaml", "appliance: {}"));
}

}  // namespace
}  // namespace trunkline::mgmt
