// What is sent to be added to the running configuration.
#include "mgmt/configuration/incoming.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/configuration/yaml_writer.h"
#include "samples.h"

#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;
using testing::Not;

class AddedIni : public testing::Test {
protected:
    /// Makes the running configuration what it is with `ini` added.
    std::string add(const std::string& ini) {
        IncomingConfiguration incoming;
        incoming.format = ConfigFormat::ini;
        incoming.text = ini;
        incoming.origin = "sent.ini";
        incoming.merges = true;
        const ReadConfiguration read = read_incoming(incoming, running_, catalogue_);
        EXPECT_TRUE(read.faults.empty()) << told(read.faults);
        running_ = read.root ? canonical(read.root, catalogue_) : running_;
        return write_yaml(*running_, catalogue_);
    }

    const Catalogue catalogue_ = built_in_catalogue();
    ConfigFaults faults_;
    ConfigNodePtr running_ = read_yaml(small_config, "running.yaml", faults_);
};

TEST_F(AddedIni, ARowThatItDoesNotNameKeepsItsName) {
    const std::string changed =
        add("[ ProxySet ]\nFORMAT Index = ProxyKeepAliveTime;\nProxySet 0 = 80;\n"
            "ProxySet 3 = 90;\n[ \\ProxySet ]\n"
            "[ Account ]\nFORMAT Index = ServingIPGroupName, ContactUser;\n"
            "Account 0 = 0, \"200\";\n[ \\Account ]\n");
    EXPECT_THAT(changed, HasSubstr("name: ITSP\n      sip_interface: SIPInterface_0\n"
                                   "      keep_alive_time: 80\n"));
    EXPECT_THAT(changed, HasSubstr("name: ProxySet_3\n      keep_alive_time: 90\n"));
    EXPECT_THAT(changed, HasSubstr("name: office\n"));
    EXPECT_THAT(changed, HasSubstr("contact_user: \"200\"\n"));
}

TEST_F(AddedIni, RefersToRowsThatAreThereByTheirNumbers) {
    EXPECT_THAT(add("[ IPGroup ]\nFORMAT Index = Name, ProxySetName;\nIPGroup 4 = \"more\", 0;\n"
                    "[ \\IPGroup ]\n"),
                HasSubstr("name: more\n      proxy_set: ITSP\n"));
    EXPECT_THAT(add("[ ProxyIp ]\nFORMAT Index = ProxySetId, ProxyIpIndex, IpAddress;\n"
                    "ProxyIp 0 = \"0\", 1, \"192.0.2.2\";\n[ \\ProxyIp ]\n"),
                HasSubstr("name: ITSP\n      sip_interface: SIPInterface_0\n"
                          "      proxy_addresses:\n        - address: \"192.0.2.1\"\n"
                          "        - address: \"192.0.2.2\"\n"));
}

TEST_F(AddedIni, WhatWasKeptAsideBeforeStaysBesideIt) {
    add("OneThing = 1\nAnother = 2\n");
    const std::string changed = add("Another = 3\nThird = 4\n");
    EXPECT_THAT(changed, HasSubstr("column: OneThing\n    value: \"1\"\n"));
    EXPECT_THAT(changed, HasSubstr("column: Another\n    value: \"3\"\n"));
    EXPECT_THAT(changed, HasSubstr("column: Third\n    value: \"4\"\n"));
    EXPECT_THAT(changed, Not(HasSubstr("\"2\"")));
}

}  // namespace
}  // namespace trunkline::mgmt
