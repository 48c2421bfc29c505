#include "board/network_namespace.h"
#include "dataplane/kernel/twin.h"
#include "tests/unit/board/network_lab.h"
#include "tests/unit/dataplane/kernel_fake_lan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

#include <chrono>

namespace trunkline::dataplane {
namespace {

using test::Announcement;
using test::FakeLan;
using test::TestNamespace;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const MacAddress port_mac = *MacAddress::parse("02:00:00:00:00:01");
const MacAddress peer_mac = *MacAddress::parse("02:00:00:00:00:99");

IpAddress ip(const char* text) {
    return *IpAddress::parse(text);
}

IpInterface interface(const char* name, const char* address, const char* gateway = nullptr) {
    IpInterface result;
    result.name = name;
    result.address = *IpPrefix::parse(address);
    if (gateway != nullptr) {
        result.gateway = ip(gateway);
    }
    return result;
}

class TwinTest : public testing::Test {
protected:
    TwinTest() : space_("twin") {}

    board::Expected<std::unique_ptr<Twin>> make(const std::vector<IpInterface>& interfaces,
                                                uint16_t mtu = 1500) const {
        return Twin::create({"vlan 1", "GROUP_1", 1, mtu}, port_mac, interfaces, space_.name());
    }
    std::string error_of(const std::vector<IpInterface>& interfaces) const {
        const auto twin = make(interfaces);
        EXPECT_FALSE(twin);
        return twin ? "" : twin.error().message;
    }

    static std::string told(const std::vector<board::Error>& errors) {
        std::string text;
        for (const board::Error& error : errors) {
            text += error.message + "\n";
        }
        return text;
    }

    TestNamespace space_;
    const StaticRoute to_south_{*IpPrefix::parse("203.0.113.0/24"), ip("192.0.2.8"), "vlan 1"};
    // By gateways that nobody here is a neighbour of.
    const StaticRoute by_nobody_{*IpPrefix::parse("198.51.100.0/24"), ip("192.0.9.9"), "vlan 1"};
    const StaticRoute six_by_nobody_{*IpPrefix::parse("2001:db8:7::/48"), ip("2001:db8:9::9"),
                                     "vlan 1"};
    const std::string refusals_ =
        "cannot set the static route to 198.51.100.0/24 by 192.0.9.9 through voice: Network is "
        "unreachable\n"
        "cannot set the static route to 2001:db8:7::/48 by 2001:db8:9::9 through voice: No route "
        "to host\n";
    const std::vector<IpInterface> both_families_{
        interface("Voice", "192.0.2.10/24", "192.0.2.1"),
        interface("Voice6", "2001:db8::10/64", "2001:db8::1")};
};

TEST(TwinName, IsTheInterfacesInLowerCaseAndFitForTheKernel) {
    EXPECT_EQ(twin_name("Voice"), "voice");
    EXPECT_EQ(twin_name("SBC Voice/1 %d"), "sbc_voice_1__d");
    EXPECT_EQ(twin_name("A-very_long.interface-name"), "a-very_long.int");
    EXPECT_EQ(twin_name(""), "_0");
    EXPECT_EQ(twin_name(".."), ".._0");
    EXPECT_EQ(twin_name("All"), "all_0");
    EXPECT_EQ(twin_name("Telefonie \xc3\xbc"), "telefonie___");
}

TEST_F(TwinTest, HasMacMtuAddressesAndRoutesAndIsUp) {
    const auto twin = make(both_families_, 1400);
    ASSERT_TRUE(twin) << twin.error().message;
    EXPECT_EQ((*twin)->name(), "voice");
    EXPECT_GT((*twin)->interface_index(), 0);
    EXPECT_THAT(space_.ip("-o link show voice"),
                AllOf(HasSubstr("02:00:00:00:00:01"), HasSubstr("mtu 1400"), HasSubstr(",UP")));
    EXPECT_THAT(space_.ip("-o addr show voice"),
                AllOf(HasSubstr("192.0.2.10/24"), HasSubstr("2001:db8::10/64"),
                      HasSubstr("fe80::ff:fe00:1/64"), Not(HasSubstr("tentative"))));
    EXPECT_THAT(space_.ip("route"), HasSubstr("default via 192.0.2.1 dev voice"));
    EXPECT_THAT(space_.ip("-6 route"), HasSubstr("default via 2001:db8::1 dev voice"));
    EXPECT_THAT(test::output_of({"ip", "-o", "link"}), Not(HasSubstr("voice")));
}

TEST_F(TwinTest, AnnouncesItsAddressesOnce) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin) << twin.error().message;
    FakeLan lan((*twin)->fd());
    EXPECT_TRUE(lan.wait_for([](const Announcement& said) {
        return said.sender == ip("192.0.2.10") && said.target == ip("192.0.2.10") &&
               said.mac == port_mac;
    }));
}

TEST_F(TwinTest, TheKernelAnswersArpAndNeighbourSolicitations) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin) << twin.error().message;
    FakeLan lan((*twin)->fd());
    lan.add_host(ip("2001:db8::99"), peer_mac);
    lan.send(test::arp_request(peer_mac, ip("192.0.2.99"), ip("192.0.2.10")));
    EXPECT_TRUE(lan.wait_for([](const Announcement& said) {
        return said.kind == Announcement::Kind::arp_reply && said.mac == port_mac &&
               said.sender == ip("192.0.2.10") && said.target == ip("192.0.2.99");
    }));
    // The kernel joins the group of an address a moment after it has it; a peer would ask again.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (space_.ip("-6 maddr show dev voice").find("ff02::1:ff00:10") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
    }
    lan.send(test::neighbour_solicitation(peer_mac, ip("2001:db8::99"), ip("2001:db8::10")));
    EXPECT_TRUE(lan.wait_for([](const Announcement& said) {
        return said.kind == Announcement::Kind::advertisement && said.mac == port_mac &&
               said.target == ip("2001:db8::10");
    }));
}

TEST_F(TwinTest, ItsDescriptorDoesNotBlock) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin);
    FakeLan lan((*twin)->fd());
    lan.pump();  // returns when nothing waits
}

TEST_F(TwinTest, RestoreBringsBackWhatALinkDownTookAway) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin);
    space_.ip("link set voice down");
    space_.ip("link set voice up");
    EXPECT_THAT(space_.ip("route"), Not(HasSubstr("default")));
    EXPECT_THAT(space_.ip("-6 addr show voice"), Not(HasSubstr("2001:db8::10")));
    EXPECT_EQ(told((*twin)->restore()), "");
    EXPECT_THAT(space_.ip("route"), HasSubstr("default via 192.0.2.1"));
    EXPECT_THAT(space_.ip("-6 route"), HasSubstr("default via 2001:db8::1"));
    EXPECT_THAT(space_.ip("-o -6 addr show voice"),
                AllOf(HasSubstr("2001:db8::10/64"), Not(HasSubstr("tentative"))));
    EXPECT_EQ(told((*twin)->restore()), "") << "what is there already is fine";
}

TEST_F(TwinTest, HasTheStaticRoutesThatItIsGivenAndNoOthers) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin);
    const StaticRoute north{*IpPrefix::parse("198.51.100.0/24"), ip("192.0.2.7"), "vlan 1"};
    const StaticRoute six{*IpPrefix::parse("2001:db8:7::/48"), ip("2001:db8::7"), "vlan 1"};
    ASSERT_EQ(told((*twin)->set_static_routes({north, six})), "");
    EXPECT_THAT(space_.ip("route get 198.51.100.1"), HasSubstr("via 192.0.2.7 dev voice"));
    EXPECT_THAT(space_.ip("route get 2001:db8:7::1"), HasSubstr("via 2001:db8::7 dev voice"));
    ASSERT_EQ(told((*twin)->set_static_routes({to_south_})), "");
    EXPECT_THAT(space_.ip("route get 203.0.113.1"), HasSubstr("via 192.0.2.8 dev voice"));
    EXPECT_THAT(space_.ip("route get 198.51.100.1"), HasSubstr("via 192.0.2.1 dev voice"));
    EXPECT_THAT(space_.ip("route get 2001:db8:7::1"), HasSubstr("via 2001:db8::1 dev voice"));
}

TEST_F(TwinTest, AStaticRouteComesBackWithTheLinkAndAfterAnOperatorTookItAway) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin);
    const StaticRoute north{*IpPrefix::parse("198.51.100.0/24"), ip("192.0.2.7"), "vlan 1"};
    ASSERT_EQ(told((*twin)->set_static_routes({north})), "");
    space_.ip("link set voice down");
    space_.ip("link set voice up");
    ASSERT_EQ(told((*twin)->restore()), "");
    EXPECT_THAT(space_.ip("route get 198.51.100.1"), HasSubstr("via 192.0.2.7 dev voice"));
    space_.ip("route del 198.51.100.0/24");
    EXPECT_EQ(told((*twin)->set_static_routes({})), "") << "it has gone already";
}

TEST_F(TwinTest, EachStaticRouteThatTheKernelRefusesIsToldAndTheOthersAreSet) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin);
    EXPECT_EQ(told((*twin)->set_static_routes({by_nobody_, to_south_, six_by_nobody_})), refusals_);
    EXPECT_THAT(space_.ip("route get 203.0.113.1"), HasSubstr("via 192.0.2.8 dev voice"));
}

TEST_F(TwinTest, AStaticRouteThatTheKernelRefusedIsTriedAgainEachTime) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin);
    const std::vector<StaticRoute> routes{by_nobody_, to_south_, six_by_nobody_};
    ASSERT_EQ(told((*twin)->set_static_routes(routes)), refusals_);
    EXPECT_EQ(told((*twin)->set_static_routes(routes)), refusals_) << "nothing is there still";
    space_.ip("addr add 192.0.9.10/24 dev voice");
    EXPECT_EQ(told((*twin)->set_static_routes(routes)), refusals_.substr(refusals_.find('\n') + 1));
    EXPECT_THAT(space_.ip("route get 198.51.100.1"), HasSubstr("via 192.0.9.9 dev voice"));
    space_.ip("addr add 2001:db8:9::10/64 dev voice nodad");
    EXPECT_EQ(told((*twin)->set_static_routes(routes)), "");
    EXPECT_THAT(space_.ip("route get 2001:db8:7::1"), HasSubstr("via 2001:db8:9::9 dev voice"));
    ASSERT_EQ(told((*twin)->set_static_routes({})), "");
    EXPECT_THAT(space_.ip("route"), AllOf(Not(HasSubstr("198.51.100")), Not(HasSubstr("203.0"))));
    EXPECT_THAT(space_.ip("-6 route"), Not(HasSubstr("2001:db8:7::")));
}

TEST_F(TwinTest, RestoreTellsEachRouteThatIsRefusedAndRestoresTheOthers) {
    const auto twin = make(both_families_);
    ASSERT_TRUE(twin);
    (*twin)->set_static_routes({by_nobody_, to_south_, six_by_nobody_});
    space_.ip("link set voice down");
    space_.ip("link set voice up");
    EXPECT_EQ(told((*twin)->restore()),
              "cannot restore voice: cannot set the static route to 198.51.100.0/24 by 192.0.9.9 "
              "through voice: Network is unreachable\n"
              "cannot restore voice: cannot set the static route to 2001:db8:7::/48 by "
              "2001:db8:9::9 through voice: No route to host\n");
    EXPECT_THAT(space_.ip("route get 203.0.113.1"), HasSubstr("via 192.0.2.8 dev voice"));
}

TEST_F(TwinTest, EndsWithItsDescriptor) {
    { ASSERT_TRUE(make(both_families_)); }
    EXPECT_THAT(space_.ip("-o link"), Not(HasSubstr("voice")));
    EXPECT_TRUE(make(both_families_)) << "the name is free again";
}

TEST_F(TwinTest, TwoTwinsHaveTheirOwnDefaultRoutesAndTheFirstIsPreferred) {
    const auto first = make({interface("Voice", "192.0.2.10/24", "192.0.2.1")});
    const auto second = make({interface("Mgmt", "198.51.100.10/24", "198.51.100.1")});
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_THAT(space_.ip("route get 203.0.113.1"), HasSubstr("via 192.0.2.1 dev voice"));
    EXPECT_THAT(space_.ip("route get 203.0.113.1 oif mgmt"),
                HasSubstr("via 198.51.100.1 dev mgmt"));
}

TEST_F(TwinTest, TwoInstancesHaveTwinsOfOneNameInTheirNamespaces) {
    const TestNamespace other("twin-other");
    const auto first = make(both_families_);
    const auto second =
        Twin::create({"vlan 1", "GROUP_1", 1, 1500}, port_mac, both_families_, other.name());
    EXPECT_TRUE(first);
    EXPECT_TRUE(second) << second.error().message;
}

TEST_F(TwinTest, ATakenNameIsAnErrorThatSaysSo) {
    const std::string message =
        "cannot make voice, the kernel's side of Ethernet device 'vlan 1': there is a device of "
        "that name already; rename the IP interface or run: ip link delete voice";
    {
        const auto first = make(both_families_);
        ASSERT_TRUE(first);
        EXPECT_EQ(error_of(both_families_), message);
    }
    space_.ip("tuntap add voice mode tap");  // one that stays and could be taken over
    EXPECT_EQ(error_of(both_families_), message);
    space_.ip("link del voice");
    space_.ip("link add voice type veth peer name far");
    EXPECT_EQ(error_of(both_families_), message);
}

TEST_F(TwinTest, AGatewayThatIsNoNeighbourIsAnErrorAndLeavesNothing) {
    EXPECT_THAT(error_of({interface("Voice", "192.0.2.10/24", "198.51.100.1")}),
                AllOf(HasSubstr("cannot set gateway 198.51.100.1 of IP interface 'Voice': "),
                      HasSubstr("it must be a neighbour in 192.0.2.10/24")));
    EXPECT_THAT(space_.ip("-o link"), Not(HasSubstr("voice")));
}

TEST_F(TwinTest, WithoutPrivilegesTheErrorNamesThem) {
    const auto scope = board::NetworkNamespaceScope::enter(space_.name());
    ASSERT_TRUE(scope);
    test::without_capability(CAP_NET_ADMIN, [&] {
        EXPECT_THAT(error_of(both_families_),
                    HasSubstr("Operation not permitted; run as root or with CAP_NET_ADMIN"));
    });
}

TEST_F(TwinTest, AnUnknownNamespaceIsAnError) {
    const auto twin =
        Twin::create({"vlan 1", "GROUP_1", 1, 1500}, port_mac, both_families_, "trunkline-nowhere");
    ASSERT_FALSE(twin);
    EXPECT_THAT(twin.error().message, HasSubstr("make it with 'ip netns add trunkline-nowhere'"));
}

}  // namespace
}  // namespace trunkline::dataplane
