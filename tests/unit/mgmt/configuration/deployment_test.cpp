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
        EXPECT_TRUE(read.has_value()) << told(read.error());
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
                            HasSubstr("column MediaEnhancementProfile of IPGroup is not known")));
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
    const ApplianceConfig config = load(sample("version_7_4.ini"));
    EXPECT_THAT(config.notes, IsEmpty());
    EXPECT_THAT(config_notes(config), ElementsAre(HasSubstr("has no certificate_file")));
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
    EXPECT_THAT(paths, Contains("troubleshoot.syslog.enable_syslog"));
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

TEST_F(Deployment, APortWithoutADeviceIsToldWithTheColumnThatItNeeds) {
    const std::string ini =
        replaced(sample("version_7_4.ini"), "\"GROUP_1\", 1, \"eth0\";", "\"GROUP_1\", , ;");
    const auto config = load_config_text(ini, "device.ini", CONF_FOLDER);
    ASSERT_FALSE(config.has_value());
    EXPECT_THAT(told(config.error()),
                HasSubstr("ip_network.physical_ports[0].device: found no such key; allowed: a map "
                          "with the keys pci, vdev"));
    EXPECT_THAT(told(config.error()),
                HasSubstr("give pci or vdev; in an ini file, column DevicePci or DeviceVdev of "
                          "the row"));
}

}  // namespace
}  // namespace trunkline::mgmt
