#include "dataplane/static_neighbours.h"

#include <gtest/gtest.h>

namespace trunkline::dataplane {
namespace {

IpAddress address(const char* text) {
    return IpAddress::parse(text).value();
}

const MacAddress peer{{2, 0, 0, 0, 0, 1}}, router{{2, 0, 0, 0, 0, 2}};

NetworkConfig network() {
    NetworkConfig config;
    config.ethernet_devices = {{"vlan 1", "GROUP_1", 1, 1500}, {"vlan 2", "GROUP_2", 2, 1500}};
    config.ip_interfaces = {
        {"Voice", 4, *IpPrefix::parse("192.0.2.10/24"), address("192.0.2.1"), "vlan 1", {}},
        {"Island", 4, *IpPrefix::parse("198.51.100.10/24"), {}, "vlan 1", {}}};
    config.static_neighbours = {{"vlan 1", address("192.0.2.20"), peer},
                                {"vlan 1", address("192.0.2.1"), router}};
    return config;
}

TEST(StaticNeighbours, AListedDestinationIsItsOwnNextHop) {
    EXPECT_EQ(find_static_next_hop(network(), 0, address("192.0.2.10"), address("192.0.2.20")),
              peer);
}

TEST(StaticNeighbours, WhatIsOffTheLinkGoesToTheSourcesGateway) {
    EXPECT_EQ(find_static_next_hop(network(), 0, address("192.0.2.10"), address("203.0.113.1")),
              router);
}

TEST(StaticNeighbours, NoneForOtherDevicesUnlistedPeersAndInterfacesWithoutGateway) {
    const NetworkConfig config = network();
    EXPECT_FALSE(find_static_next_hop(config, 1, address("192.0.2.10"), address("192.0.2.20")));
    EXPECT_FALSE(find_static_next_hop(config, 0, address("192.0.2.10"), address("192.0.2.21")));
    EXPECT_FALSE(find_static_next_hop(config, 0, address("198.51.100.10"), address("203.0.113.1")));
    EXPECT_FALSE(find_static_next_hop(config, 0, address("192.0.2.11"), address("203.0.113.1")));
}

}  // namespace
}  // namespace trunkline::dataplane
