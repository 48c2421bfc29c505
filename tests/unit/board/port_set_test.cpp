#include "board/port_set.h"

#include "board/network_namespace.h"
#include "tests/unit/board/network_lab.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <spdlog/sinks/ostream_sink.h>

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

namespace trunkline::board {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// EAL is up: port_test.cpp starts it for the whole program.
class PortSetTest : public testing::Test {
protected:
    PortSetTest()
        : pool_(rte_pktmbuf_pool_create("port_set_test", 2047, 0, 0, 8192 + RTE_PKTMBUF_HEADROOM,
                                        SOCKET_ID_ANY)) {}
    ~PortSetTest() override { rte_mempool_free(pool_); }

    Expected<std::unique_ptr<PortSet>> open() { return PortSet::open(config_, pool_, loop_, log_); }

    /// Runs the loop until it is so, 10 s at most.
    template <typename Condition>
    bool becomes(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition() && std::chrono::steady_clock::now() < end) {
            loop_.run_once(std::chrono::milliseconds(100));
        }
        return condition();
    }
    bool comes(std::string_view text) {
        return becomes([&] { return lines_.str().contains(text); });
    }
    bool is_up_in_the_end(const Port& port) {
        return becomes([&] { return port.link().up; });
    }

    static std::string mac_of(const test::TestNamespace& space, const std::string& interface) {
        const std::string line = space.ip("-o link show " + interface);
        return line.substr(line.find("link/ether") + 11, 17);
    }

    BoardConfig config_;
    EventLoop loop_;
    std::ostringstream lines_;
    const std::shared_ptr<spdlog::logger> log_ = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_));
    rte_mempool* pool_;
};

TEST_F(PortSetTest, PutsPortsTogetherToGroups) {
    config_.physical_ports = {{"GE_1", NullDevice{}, ""}, {"GE_2", NullDevice{}, ""}};
    config_.ethernet_groups = {{"GROUP_1", {"GE_2"}}, {"GROUP_2", {"GE_1"}}};
    const auto set = open();
    ASSERT_TRUE(set) << set.error().message;
    const auto& ports = (*set)->ports();
    ASSERT_EQ(ports.size(), 2U);
    EXPECT_EQ(ports[0]->name(), "GE_1");
    const auto groups = (*set)->group_ports();
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].name, "GROUP_1");
    ASSERT_EQ(groups[0].members.size(), 1U);
    EXPECT_EQ(groups[0].members[0].dpdk_port, ports[1]->traits().dpdk_port);
    EXPECT_EQ(groups[0].roles->load(), (GroupRoles{1, 1}));
    EXPECT_EQ(groups[1].members[0].dpdk_port, ports[0]->traits().dpdk_port);
    EXPECT_THAT(lines_.str(), HasSubstr("board  port GE_2 driver=net_null mac="));
}

TEST_F(PortSetTest, OpensAllOrNone) {
    config_.physical_ports = {{"GE_1", NullDevice{}, ""}, {"GE_1", NullDevice{}, ""}};
    const auto set = open();
    ASSERT_FALSE(set);
    EXPECT_THAT(set.error().message, HasSubstr("GE_1"));
    config_.physical_ports.pop_back();
    EXPECT_TRUE(open()) << "the first one was closed again";
}

// The kernel tells of a carrier late, and of two changes at once not at all: each is waited for.
TEST_F(PortSetTest, TellsOfALinkThatComesAndGoes) {
    const test::TestNamespace near("near"), far("far");
    make_veth(near, "sbc0", far, "lab0");
    config_.physical_ports = {{"GE_1", AfPacketDevice{"sbc0"}, ""}};
    const auto scope = NetworkNamespaceScope::enter(near.name());
    ASSERT_TRUE(scope);
    const auto set = open();
    ASSERT_TRUE(set) << set.error().message;
    ASSERT_TRUE(is_up_in_the_end(*(*set)->ports().front()));
    far.ip("link set lab0 down");
    EXPECT_TRUE(comes("board  port GE_1 link down")) << lines_.str();
    lines_.str("");
    far.ip("link set lab0 up");
    EXPECT_TRUE(comes("board  port GE_1 link up")) << lines_.str();
}

TEST_F(PortSetTest, TellsOfAGroupThatHasALinkAgain) {
    config_.physical_ports = {
        {"GE_1", NullDevice{}, ""}, {"GE_2", NullDevice{}, ""}, {"GE_3", NullDevice{}, ""}};
    config_.ethernet_groups = {{"GROUP_1", {"GE_1"}},
                               {"GROUP_2", {"GE_2", "GE_3"}, EthernetGroupMode::one_rx_one_tx}};
    const auto set = open();
    ASSERT_TRUE(set) << set.error().message;
    std::vector<std::string> told;
    GroupRoles roles_then;
    (*set)->on_link_up([&](const std::string& group) {
        told.push_back(group);
        roles_then = (*set)->group_ports().at(1).roles->load();
    });
    const auto cut = [&](std::size_t port, bool is_down) {
        (*set)->ports()[port]->inject_link_fault(is_down);
        lines_.str("");
        EXPECT_TRUE(comes(fmt::format("board  port GE_{} link {}", port + 1,
                                      is_down ? "down (injected)" : "up")));
    };
    cut(0, true);
    EXPECT_THAT(told, IsEmpty());
    cut(0, false);
    EXPECT_THAT(told, ElementsAre("GROUP_1"));
    cut(1, true);
    cut(1, false);
    EXPECT_THAT(told, ElementsAre("GROUP_1")) << "the other member had its link";
    cut(1, true);
    cut(2, true);
    cut(2, false);
    EXPECT_THAT(told, ElementsAre("GROUP_1", "GROUP_2"));
    EXPECT_EQ(roles_then, (GroupRoles{2, 2}));
    cut(1, false);
    EXPECT_EQ(told.size(), 2U);
}

// Both members have the first one's MAC, which a kernel interface loses with the port.
TEST_F(PortSetTest, AGroupSwitchesToTheMemberThatHasALink) {
    const test::TestNamespace near("near"), far("far");
    make_veth(near, "sbc0", far, "lab0");
    make_veth(near, "sbc1", far, "lab1");
    config_.physical_ports = {{"GE_1", AfPacketDevice{"sbc0"}, ""},
                              {"GE_2", AfPacketDevice{"sbc1"}, ""}};
    config_.ethernet_groups = {{"GROUP_1", {"GE_1", "GE_2"}, EthernetGroupMode::two_rx_one_tx}};
    const auto scope = NetworkNamespaceScope::enter(near.name());
    ASSERT_TRUE(scope);
    const std::string own_mac = mac_of(near, "sbc1");
    {
        const auto set = open();
        ASSERT_TRUE(set) << set.error().message;
        const auto group = (*set)->group_ports().front();
        EXPECT_EQ(group.members[0].mac, group.members[1].mac);
        EXPECT_EQ(mac_of(near, "sbc1"), mac_of(near, "sbc0"));
        EXPECT_EQ(group.roles->load(), (GroupRoles{3, 1}));
        int told = 0;
        (*set)->on_switch_over([&] { ++told; });
        far.ip("link set lab0 down");
        EXPECT_TRUE(comes("board  group GROUP_1 switches from GE_1 to GE_2")) << lines_.str();
        EXPECT_EQ(group.roles->load(), (GroupRoles{3, 2}));
        EXPECT_EQ(told, 1);
        const GroupSight sight = (*set)->group_sights().front();
        EXPECT_EQ(sight.switch_overs, 1U);
        EXPECT_FALSE(sight.members[0].link.up);
        EXPECT_TRUE(sight.members[0].receives);
        EXPECT_FALSE(sight.members[0].sends);
        EXPECT_TRUE(sight.members[1].sends);
        far.ip("link set lab0 up");
        EXPECT_TRUE(comes("board  port GE_1 link up")) << lines_.str();
        EXPECT_EQ(group.roles->load(), (GroupRoles{3, 2})) << "no return";
    }
    EXPECT_EQ(mac_of(near, "sbc1"), own_mac);
}

TEST_F(PortSetTest, AGroupOfTapsHasAMacThatNoneOfTheKernelsEndsHas) {
    const test::TestNamespace near("near");
    config_.physical_ports = {{"GE_1", TapDevice{"wire0"}, ""}, {"GE_2", TapDevice{"wire1"}, ""}};
    config_.ethernet_groups = {{"GROUP_1", {"GE_1", "GE_2"}, EthernetGroupMode::one_rx_one_tx}};
    const auto scope = NetworkNamespaceScope::enter(near.name());
    ASSERT_TRUE(scope);
    const auto set = open();
    ASSERT_TRUE(set) << set.error().message;
    const auto members = (*set)->group_ports().front().members;
    EXPECT_EQ(members[0].mac, members[1].mac);
    const std::string mac = fmt::format("{:02x}", fmt::join(members[0].mac, ":"));
    EXPECT_NE(mac_of(near, "wire0"), mac);
    EXPECT_NE(mac_of(near, "wire1"), mac);
    EXPECT_NE(mac_of(near, "wire0"), mac_of(near, "wire1"));
}

TEST_F(PortSetTest, AnInjectedFaultHasTheGroupSwitchAndLetsNoFramePass) {
    config_.physical_ports = {{"GE_1", RingDevice{}, ""}, {"GE_2", RingDevice{}, ""}};
    config_.ethernet_groups = {{"GROUP_1", {"GE_1", "GE_2"}, EthernetGroupMode::two_rx_one_tx}};
    const auto set = open();
    ASSERT_TRUE(set) << set.error().message;
    const auto group = (*set)->group_ports().front();
    ASSERT_EQ(group.roles->load(), (GroupRoles{3, 1}));
    Port& first = *(*set)->ports().front();
    first.inject_link_fault(true);
    EXPECT_TRUE(comes("board  group GROUP_1 switches from GE_1 to GE_2")) << lines_.str();
    EXPECT_THAT(lines_.str(), HasSubstr("board  port GE_1 link down (injected)"));
    EXPECT_EQ(group.roles->load(), (GroupRoles{2, 2}));
    const GroupSight sight = (*set)->group_sights().front();
    EXPECT_EQ(sight.switch_overs, 1U);
    EXPECT_EQ(sight.members[0].link.source, Source::injected);
    EXPECT_FALSE(sight.members[0].link.up || sight.members[0].receives);
    (*set)->ports().back()->inject_link_fault(true);
    EXPECT_TRUE(becomes([&] { return group.roles->load() == GroupRoles{}; }));
    first.inject_link_fault(false);
    EXPECT_TRUE(becomes([&] { return group.roles->load() == GroupRoles{1, 1}; }));
    EXPECT_TRUE(first.link().up);
}

TEST_F(PortSetTest, APortThatIsDisabledPassesNothingAndLosesTheLinkWhereItsDriverCan) {
    const test::TestNamespace near("near"), far("far");
    make_veth(near, "sbc0", far, "lab0");
    config_.physical_ports = {{"GE_1", AfPacketDevice{"sbc0"}, "", false, {100, true}},
                              {"GE_2", NullDevice{}, ""}};
    config_.ethernet_groups = {{"GROUP_1", {"GE_1"}}, {"GROUP_2", {"GE_2"}}};
    const auto scope = NetworkNamespaceScope::enter(near.name());
    ASSERT_TRUE(scope);
    const auto set = open();
    ASSERT_TRUE(set) << set.error().message;
    Port& wire = *(*set)->ports()[0];
    Port& sink = *(*set)->ports()[1];
    const auto groups = (*set)->group_ports();
    EXPECT_THAT(lines_.str(), HasSubstr("board  port GE_1 has a link of 100 Mbit/s configured, "
                                        "which net_af_packet does not set"));
    EXPECT_FALSE(wire.setting_in_effect());
    EXPECT_TRUE(sink.setting_in_effect());
    EXPECT_FALSE(wire.is_enabled() || wire.link().up);
    EXPECT_TRUE(wire.switching_in_effect());
    EXPECT_EQ(groups[0].roles->load(), GroupRoles{});
    EXPECT_THAT(far.ip("-o link show lab0"), HasSubstr("NO-CARRIER"));

    config_.physical_ports[0].enabled = true;
    config_.physical_ports[1].enabled = false;
    (*set)->switch_ports(config_.physical_ports);
    EXPECT_THAT(lines_.str(), HasSubstr("board  port GE_1 is enabled\n"));
    EXPECT_THAT(lines_.str(), HasSubstr("board  port GE_2 is disabled, of which its driver tells "
                                        "the far side nothing\n"));
    EXPECT_TRUE(is_up_in_the_end(wire));
    EXPECT_FALSE(sink.link().up || sink.switching_in_effect());
    EXPECT_TRUE(becomes([&] {
        return groups[0].roles->load() == GroupRoles{1, 1} &&
               groups[1].roles->load() == GroupRoles{};
    }));
}

}  // namespace
}  // namespace trunkline::board
