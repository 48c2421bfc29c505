#include "dataplane/group_interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::dataplane {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(EthernetGroup, HasTheIpInterfacesOfItsDevices) {
    NetworkConfig network;
    network.ethernet_devices = {
        {"vlan 1", "GROUP_1"}, {"vlan 2", "GROUP_2"}, {"vlan 3", "GROUP_1"}};
    for (const char* const device : {"vlan 3", "vlan 2", "vlan 1", "vlan 9"}) {
        IpInterface& interface = network.ip_interfaces.emplace_back();
        interface.device = device;
    }
    EXPECT_THAT(interfaces_of_group(network, "GROUP_1"), ElementsAre(0, 2));
    EXPECT_THAT(interfaces_of_group(network, "GROUP_2"), ElementsAre(1));
    EXPECT_THAT(interfaces_of_group(network, "GROUP_3"), IsEmpty());
}

}  // namespace
}  // namespace trunkline::dataplane
