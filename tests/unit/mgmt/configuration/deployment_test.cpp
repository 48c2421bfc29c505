// Ini files with the shape of whole deployments, one of each dialect: they are read as they stand
// and are the same after a way through YAML.
#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/ini/ini_reader.h"
#include "mgmt/configuration/ini/ini_writer.h"
#include "mgmt/configuration/notes.h"
#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/configuration/yaml_writer.h"
#include "samples.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace trunkline::mgmt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string sample(const std::string& name) {
    std::ifstream file(SAMPLES_FOLDER "/" + name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_FALSE(text.str().empty()) << name;
    return text.str();
}

ApplianceConfig load(const std::string& text) {
    auto config = load_config_text(text, "device.ini", CONF_FOLDER);
    EXPECT_TRUE(config.has_value()) << told(config.error());
    return config ? *std::move(config) : ApplianceConfig{};
}

std::vector<std::string> stored_paths(const ApplianceConfig& config) {
    std::vector<std::string> paths;
    for (const StoredValue& value : config.stored) {
        paths.push_back(value.path);
    }
    return paths;
}

class Deployment : public testing::Test {
protected:
    ConfigNodePtr tree(const std::string& ini) const {
        auto read = read_ini(ini, "device.ini", catalogue_);
        EXPECT_TRUE(read.has_value()) << told(read.error().faults);
        return read ? canonical(read->root, catalogue_) : map_node({});
    }
    /// What comes back of an ini file by way of YAML.
    std::string through_yaml(const std::string& ini) const {
        ConfigFaults faults;
        const ConfigNodePtr root =
            read_yaml(write_yaml(*tree(ini), catalogue_), "device.yaml", faults);
        EXPECT_THAT(faults, IsEmpty());
        return write_ini(canonical(root, catalogue_), catalogue_, {}, secret_in_clear);
    }

    const Catalogue catalogue_ = built_in_catalogue();
};

TEST_F(Deployment, OfVersion70IsReadAsItStands) {
    const ApplianceConfig config = load(sample("version_7_0.ini"));
    EXPECT_THAT(config.notes,
                ElementsAre(HasSubstr("PCMLawSelect is not known here"),
                            HasSubstr("column MediaEnhancementProfile of IPGroup is not known"),
                            HasSubstr("for port GE_1"), HasSubstr("for port GE_2")));
    ASSERT_EQ(config.sip.proxy_sets.size(), 2U);
    EXPECT_EQ(config.sip.proxy_sets[0].addresses.size(), 1U);
    EXPECT_EQ(config.sip.proxy_sets[1].addresses.size(), 2U);
    ASSERT_EQ(config.sip.accounts.size(), 2U);
    EXPECT_EQ(config.sip.accounts[0].name, "Account_0");
    EXPECT_EQ(config.sip.accounts[0].password.reveal(), "first");
    EXPECT_EQ(config.sip.accounts[1].password.reveal(), "");
    EXPECT_EQ(config.sip.proxy_and_registration.password.reveal(), "Gate;way1");
    EXPECT_EQ(config.sip.proxy_and_registration.registration_time.count(), 3600);
}

TEST_F(Deployment, OfVersion74IsReadAsItStands) {
    const auto loaded = load_configuration_text(
        sample("version_7_4.ini"), "device.ini", CONF_FOLDER, catalogue_,
        *read_port_devices(std::vector<std::string>{"GE_1=eth0", "GE_2=eth1"}));
    ASSERT_TRUE(loaded.has_value()) << told(loaded.error().faults);
    const ApplianceConfig& config = loaded->config;
    EXPECT_THAT(config_notes(*loaded, catalogue_),
                ElementsAre(AllOf(HasSubstr("has no TLSContexts_"),
                                  HasSubstr("nobody can connect to the SIPInterface_TLSPort"))));
    ASSERT_EQ(config.network.ip_interfaces.size(), 3U);
    EXPECT_FALSE(config.network.ip_interfaces[0].gateway.has_value());
    EXPECT_EQ(config.network.ip_interfaces[1].dns_servers.size(), 2U);
    EXPECT_THAT(config.network.ip_interfaces[2].dns_servers, IsEmpty());
    ASSERT_EQ(config.sip.accounts.size(), 2U);
    EXPECT_EQ(config.sip.ip_groups[config.sip.accounts[0].serving_ip_group_index].name, "ITSP");
}

TEST_F(Deployment, TellsWhatDoesNotActYetAndNothingThatAsksForNoMore) {
    const auto paths = stored_paths(load(sample("version_7_4.ini")));
    EXPECT_THAT(paths,
                Contains("signaling_and_media.sbc.ip_to_ip_routing[1].destination_ip_group"));
    EXPECT_THAT(paths, Contains("signaling_and_media.srds[1].sharing_policy"));
    EXPECT_THAT(paths, Not(Contains("troubleshoot.syslog.enable_syslog")));
    // A device writes every column; these have the value that they have without it.
    EXPECT_THAT(paths, Not(Contains("signaling_and_media.srds[0].sharing_policy")));
    EXPECT_THAT(paths, Not(Contains("signaling_and_media.ip_groups[0].srd")));
}

TEST_F(Deployment, OfVersion74ComesBackByteForByte) {
    const std::string text = sample("version_7_4.ini");
    const std::string without_header = text.substr(text.find("\r\n[SIP Params]"));
    EXPECT_EQ(through_yaml(text), without_header);
}

TEST_F(Deployment, OfVersion70BecomesVersion74AndStaysIt) {
    const std::string ini = sample("version_7_0.ini");
    const std::string newer = through_yaml(ini);
    EXPECT_THAT(newer, HasSubstr("FORMAT Index = Group, Mode, Member1, Member2;"));
    EXPECT_EQ(through_yaml(newer), newer);
    EXPECT_EQ(write_yaml(*tree(newer), catalogue_), write_yaml(*tree(ini), catalogue_));
}

TEST_F(Deployment, PortsHaveNoDeviceUntilSomebodyNamesOne) {
    const std::string ini = sample("version_7_4.ini");
    const auto loaded = load_configuration_text(ini, "device.ini", CONF_FOLDER, catalogue_);
    ASSERT_TRUE(loaded.has_value()) << told(loaded.error().faults);
    EXPECT_THAT(loaded->config.notes,
                ElementsAre("device.ini:32:1: no device of this machine is named for port GE_1, "
                            "which sends and receives nothing: give PhysicalPortsTable_DevicePci, "
                            "PhysicalPortsTable_DeviceNic or PhysicalPortsTable_DeviceVdev, or "
                            "--port GE_1=INTERFACE",
                            HasSubstr("device.ini:33:1: no device of this machine is named for "
                                      "port GE_2")));
    for (const board::PhysicalPort& port : loaded->config.board.physical_ports) {
        EXPECT_EQ(port.device, board::Device(board::NullDevice{})) << port.name;
    }
}

TEST_F(Deployment, OptionsNameTheDevicesOfItsPorts) {
    const auto devices =
        read_port_devices(std::vector<std::string>{"GE_1=eth0", "GE_2=0000:00:04.0"});
    ASSERT_TRUE(devices.has_value()) << devices.error();
    const std::string ini = sample("version_7_4.ini");
    const auto loaded =
        load_configuration_text(ini, "device.ini", CONF_FOLDER, catalogue_, *devices);
    ASSERT_TRUE(loaded.has_value()) << told(loaded.error().faults);
    EXPECT_THAT(loaded->config.notes, IsEmpty());
    const auto& ports = loaded->config.board.physical_ports;
    EXPECT_EQ(ports[0].device, board::Device(board::AfPacketDevice{"eth0"}));
    EXPECT_EQ(ports[1].device, board::Device(board::PciDevice{"0000:00:04.0"}));
    EXPECT_THAT(write_ini(canonical(loaded->root, catalogue_), catalogue_, {}, secret_in_clear),
                HasSubstr("GroupMember, DevicePci, DeviceVdev, DeviceInterface;"));
    const auto numbered = read_port_devices(std::vector<std::string>{"GE_1=2"});
    EXPECT_EQ(numbered->at("GE_1")->find("nic")->text, "2");
    const auto short_one = read_port_devices(std::vector<std::string>{"GE_1=00:04.0"});
    EXPECT_EQ(short_one->at("GE_1")->find("pci")->text, "00:04.0");
    for (const char* const wrong : {"GE_1", "=eth0", "GE_1="}) {
        EXPECT_FALSE(read_port_devices(std::vector<std::string>{wrong})) << wrong;
    }
    const auto unknown =
        load_configuration_text(ini, "device.ini", CONF_FOLDER, catalogue_,
                                *read_port_devices(std::vector<std::string>{"GE_9=eth0"}));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().faults.front().to_string(),
              "device.ini: --port: found port 'GE_9'; allowed: GE_1, GE_2");
}

}  // namespace
}  // namespace trunkline::mgmt
