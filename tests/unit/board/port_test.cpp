#include "board/port.h"

#include "board/network_namespace.h"
#include "board/ring_wire.h"
#include "tests/unit/board/eal_environment.h"
#include "tests/unit/board/network_lab.h"
#include "tests/unit/board/packet_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_memzone.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

namespace trunkline::board {
namespace {

using test::make_veth;
using test::PacketPeer;
using test::test_frame;
using test::TestNamespace;
using test::without_capability;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const auto* const environment = testing::AddGlobalTestEnvironment(new test::EalEnvironment);

class PortTest : public testing::Test {
protected:
    PortTest() {
        pool_ = rte_pktmbuf_pool_create("port_test", 2047, 0, 0, 8192 + RTE_PKTMBUF_HEADROOM,
                                        SOCKET_ID_ANY);
    }
    ~PortTest() override {
        EXPECT_EQ(rte_mempool_in_use_count(pool_), 0u) << "mbufs were leaked";
        rte_mempool_free(pool_);
    }

    Expected<std::unique_ptr<Port>> open(const std::string& name, const Device& device,
                                         const std::string& network_namespace = "") {
        const auto scope = NetworkNamespaceScope::enter(network_namespace);
        EXPECT_TRUE(scope);
        return Port::open({name, device, ""}, pool_);
    }

    std::string error_of(const std::string& name, const Device& device,
                         const std::string& network_namespace = "") {
        const auto port = open(name, device, network_namespace);
        EXPECT_FALSE(port);
        return port ? "" : port.error().message;
    }

    rte_mbuf* packet(std::span<const uint8_t> frame) {
        rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
        std::memcpy(rte_pktmbuf_append(mbuf, static_cast<uint16_t>(frame.size())), frame.data(),
                    frame.size());
        return mbuf;
    }

    /// Polls until a frame has come; empty after ten seconds.
    static std::vector<uint8_t> receive(const Port& port) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (std::chrono::steady_clock::now() < end) {
            rte_mbuf* mbuf = nullptr;
            if (rte_eth_rx_burst(port.traits().dpdk_port, 0, &mbuf, 1) == 1) {
                const auto* data = rte_pktmbuf_mtod(mbuf, const uint8_t*);
                std::vector<uint8_t> frame(data, data + mbuf->data_len);
                rte_pktmbuf_free(mbuf);
                return frame;
            }
            std::this_thread::yield();
        }
        return {};
    }

    void transmit(const Port& port, std::span<const uint8_t> frame) {
        rte_mbuf* mbuf = packet(frame);
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (rte_eth_tx_burst(port.traits().dpdk_port, 0, &mbuf, 1) == 0) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "the frame is not taken";
            std::this_thread::yield();
        }
    }

    rte_mempool* pool_;
};

TEST_F(PortTest, ARingWithoutAWireHearsWhatItSends) {
    const auto port = open("GE_1", RingDevice{});
    ASSERT_TRUE(port) << port.error().message;
    EXPECT_EQ((*port)->driver(), "net_ring");
    EXPECT_EQ((*port)->traits().mac[0], 0x02);
    EXPECT_EQ((*port)->traits().wait_fd, -1);
    EXPECT_FALSE((*port)->traits().partial_checksums_possible);
    EXPECT_TRUE((*port)->link().up);
    const auto frame = test_frame((*port)->traits().mac, 1);
    transmit(**port, frame);
    EXPECT_EQ(receive(**port), frame);
}

TEST_F(PortTest, ARingJoinsTheWireOfItsName) {
    const auto wire = RingWire::create("GE_1");
    ASSERT_TRUE(wire) << wire.error().message;
    const auto port = open("GE_1", RingDevice{});
    ASSERT_TRUE(port) << port.error().message;
    const auto there = test_frame((*port)->traits().mac, 1);
    ASSERT_TRUE((*wire)->send(packet(there)));
    EXPECT_EQ(receive(**port), there);
    EXPECT_EQ((*wire)->receive(), nullptr);
    transmit(**port, there);
    rte_mbuf* sent = (*wire)->receive();
    ASSERT_NE(sent, nullptr);
    rte_pktmbuf_free(sent);
    ASSERT_TRUE((*wire)->send(packet(there)));  // nobody takes it: the wire frees it
}

TEST_F(PortTest, AWireIsFreeForTheNextTestAfterItsEnd) {
    for (int round = 0; round < 2; ++round) {
        const auto wire = RingWire::create("GE_1");
        ASSERT_TRUE(wire) << wire.error().message;
    }
    EXPECT_TRUE(open("GE_1", RingDevice{}));
}

TEST_F(PortTest, ANullDeviceSwallowsAndReceivesOnlyWhenItShall) {
    const auto silent = open("GE_1", NullDevice{false});
    const auto endless = open("GE_2", NullDevice{true});
    ASSERT_TRUE(silent) << silent.error().message;
    ASSERT_TRUE(endless) << endless.error().message;
    transmit(**silent, test_frame((*silent)->traits().mac, 1));
    rte_mbuf* mbuf = nullptr;
    EXPECT_EQ(rte_eth_rx_burst((*silent)->traits().dpdk_port, 0, &mbuf, 1), 0);
    EXPECT_FALSE(receive(**endless).empty());
}

TEST_F(PortTest, TwoPortsOfOneNameAreAnError) {
    const auto first = open("GE_1", NullDevice{});
    ASSERT_TRUE(first);
    EXPECT_EQ(error_of("GE_1", NullDevice{}),
              "cannot open null for GE_1: port 'GE_1' is open already; give each port once");
}

TEST_F(PortTest, MemifPortsTalkThroughASharedSocket) {
    const std::string socket = "/tmp/trunkline-memif-" + std::to_string(getpid()) + ".sock";
    const auto server = open("GE_1", MemifDevice{socket, true, 0});
    ASSERT_TRUE(server) << server.error().message;
    const auto client = open("GE_2", MemifDevice{socket, false, 0});
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_TRUE((*client)->traits().partial_checksums_possible);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!((*server)->link().up && (*client)->link().up)) {
        ASSERT_LT(std::chrono::steady_clock::now(), end) << "the link stays down";
        std::this_thread::yield();
    }
    const auto frame = test_frame((*server)->traits().mac, 7);
    transmit(**client, frame);
    EXPECT_EQ(receive(**server), frame);
    std::filesystem::remove(socket);
}

TEST_F(PortTest, ATapReachesTheKernelUnderAMacOfItsOwn) {
    const TestNamespace space("tap");
    {
        const auto port = open("GE_1", TapDevice{"wire0"}, space.name());
        ASSERT_TRUE(port) << port.error().message;
        EXPECT_GE((*port)->traits().wait_fd, 0);
        EXPECT_NE((*port)->traits().mac[0] & 0x02, 0);
        const PacketPeer peer(space.name(), "wire0");
        const auto frame = test_frame((*port)->traits().mac, 2);
        transmit(**port, frame);
        EXPECT_EQ(peer.receive(test::test_ether_type), frame);
        std::vector<uint8_t> seen;
        peer.send(frame);
        do {
            seen = receive(**port);  // the kernel's own discovery may come before
        } while (!seen.empty() && seen != frame);
        EXPECT_EQ(seen, frame);
    }
    EXPECT_THAT(space.ip("-o link show type tun"), IsEmpty());
    EXPECT_THAT(test::output_of({"ip", "-o", "link", "show", "type", "tun"}),
                testing::Not(HasSubstr("wire0")));
}

TEST_F(PortTest, ATapTakesTheMacOfItsGroupAndTheKernelsEndKeepsItsOwn) {
    const TestNamespace space("tap");
    const auto port = open("GE_1", TapDevice{"wire0"}, space.name());
    ASSERT_TRUE(port) << port.error().message;
    const auto kernel_mac = [&] {
        const std::string line = space.ip("-o link show wire0");
        return line.substr(line.find("link/ether"), 28);
    };
    const std::string before = kernel_mac();
    const std::array<uint8_t, 6> mac{2, 0, 0, 0, 0, 0x42};
    ASSERT_TRUE((*port)->take_mac(mac));
    EXPECT_EQ((*port)->traits().mac, mac);
    EXPECT_EQ(kernel_mac(), before);
    // A bridge keeps for itself what is sent to the MAC of one of its ports.
    space.ip("link add br0 type bridge stp_state 0");
    space.ip("link set wire0 master br0");
    space.ip("link set br0 up");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (space.ip("-d link show wire0").find("state forwarding") == std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), end);
    }
    const PacketPeer peer(space.name(), "br0");
    const auto frame = test_frame(mac, 3);
    peer.send(frame);
    std::vector<uint8_t> seen;
    do {
        seen = receive(**port);
    } while (!seen.empty() && seen != frame);
    EXPECT_EQ(seen, frame);
}

TEST_F(PortTest, AVirtioUserPortWithoutABackEndIsAnErrorThatAsksForIt) {
    EXPECT_THAT(error_of("GE_1", VirtioUserDevice{"/nowhere/vhost.sock"}),
                HasSubstr("is a vhost-user back end listening there?"));
}

TEST_F(PortTest, APciDeviceThatEalWasNotStartedWithIsAnError) {
    const std::string error = error_of("GE_1", PciDevice{"0000:ff:1f.7"});
    EXPECT_THAT(error, HasSubstr("cannot open PCI 0000:ff:1f.7 for GE_1: DPDK refuses it: "));
    EXPECT_THAT(error, HasSubstr("bind it to uio_pci_generic or vfio-pci"));
}

class PacketPort : public PortTest {
protected:
    PacketPort() : near_("near"), far_("far") { make_veth(near_, "sbc0", far_, "lab0"); }

    Expected<std::unique_ptr<Port>> open_sbc0() {
        return open("GE_1", AfPacketDevice{"sbc0"}, near_.name());
    }

    /// The kernel tells of a carrier a moment after it came or went.
    static bool link_becomes(const Port& port, bool up) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (port.link().up != up && std::chrono::steady_clock::now() < end) {
            std::this_thread::yield();
        }
        return port.link().up == up;
    }

    TestNamespace near_, far_;
};

TEST_F(PacketPort, BringsTheInterfaceUpAndMovesFramesBothWays) {
    const auto port = open_sbc0();
    ASSERT_TRUE(port) << port.error().message;
    EXPECT_EQ((*port)->driver(), "net_af_packet");
    EXPECT_TRUE((*port)->traits().partial_checksums_possible);
    EXPECT_TRUE((*port)->traits().tx_multi_segment);
    EXPECT_EQ((*port)->traits().mtu, 1500);
    EXPECT_THAT((*port)->warnings(), IsEmpty());
    EXPECT_TRUE(link_becomes(**port, true));
    EXPECT_NE((*port)->link().speed_mbps, 0u);

    const PacketPeer peer(far_.name(), "lab0");
    const auto frame = test_frame((*port)->traits().mac, 3);
    peer.send(frame);
    std::vector<uint8_t> seen;
    do {
        seen = receive(**port);  // the peer's kernel does its IPv6 discovery meanwhile
    } while (!seen.empty() && seen != frame);
    EXPECT_EQ(seen, frame);
    transmit(**port, frame);
    EXPECT_EQ(peer.receive(test::test_ether_type), frame);
}

TEST_F(PacketPort, TheWaitDescriptorBecomesReadableWhenAFrameHasCome) {
    far_.ip("link set lab0 addrgenmode none");
    const auto port = open_sbc0();
    ASSERT_TRUE(port) << port.error().message;
    const PacketPeer peer(far_.name(), "lab0");
    peer.send(test_frame((*port)->traits().mac, 4));
    pollfd wait{.fd = (*port)->traits().wait_fd, .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&wait, 1, 10'000), 1);
    EXPECT_EQ(wait.revents, POLLIN);
    EXPECT_FALSE(receive(**port).empty());
}

TEST_F(PacketPort, FramesThatTheKernelItselfSendsOutAreNotReceived) {
    const auto port = open_sbc0();
    ASSERT_TRUE(port) << port.error().message;
    const PacketPeer beside(near_.name(), "sbc0");  // sends out of the port's own interface
    const PacketPeer peer(far_.name(), "lab0");
    const auto outgoing = test_frame((*port)->traits().mac, 5);
    const auto incoming = test_frame((*port)->traits().mac, 6);
    beside.send(outgoing);
    ASSERT_EQ(peer.receive(test::test_ether_type), outgoing);
    peer.send(incoming);
    std::vector<uint8_t> seen;
    do {
        seen = receive(**port);
        ASSERT_NE(seen, outgoing);
    } while (!seen.empty() && seen != incoming);
    EXPECT_EQ(seen, incoming);
}

TEST_F(PacketPort, MulticastFramesAreReceived) {
    const auto port = open_sbc0();
    ASSERT_TRUE(port) << port.error().message;
    const PacketPeer peer(far_.name(), "lab0");
    const std::array<uint8_t, 6> solicited_node{0x33, 0x33, 0xff, 0x00, 0x00, 0x10};
    const auto frame = test_frame(solicited_node, 8);
    peer.send(frame);
    std::vector<uint8_t> seen;
    do {
        seen = receive(**port);
    } while (!seen.empty() && seen != frame);
    EXPECT_EQ(seen, frame);
    EXPECT_THAT(near_.ip("-d -o link show sbc0"), HasSubstr("allmulti 1"));
}

TEST_F(PacketPort, CountsWhatTheDriverHidesWhenTheRingIsFull) {
    const auto port = open_sbc0();
    ASSERT_TRUE(port) << port.error().message;
    const PacketPeer peer(far_.name(), "lab0");
    const auto frame = test_frame((*port)->traits().mac, 9);
    const uint64_t before = (*port)->statistics().drops;
    for (int i = 0; i < 2000; ++i) {
        peer.send(frame);
    }
    // The ring holds 512; delivery over veth may lag behind the send.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    uint64_t drops = 0;
    while (drops < 2000 - 512 - 16 && std::chrono::steady_clock::now() < end) {
        drops = (*port)->statistics().drops - before;
    }
    EXPECT_GE(drops, 2000u - 512 - 16);
    EXPECT_LE(drops, 2000u);
}

TEST_F(PacketPort, TellsWhenTheLinkGoesDownAndUp) {
    const auto port = open_sbc0();
    ASSERT_TRUE(port) << port.error().message;
    far_.ip("link set lab0 down");
    EXPECT_TRUE(link_becomes(**port, false));
    far_.ip("link set lab0 up");
    EXPECT_TRUE(link_becomes(**port, true));
}

TEST_F(PacketPort, LeavesTheInterfaceAsItWas) {
    const auto state = [&] {
        return test::output_of({"nsenter", "--net=/run/netns/" + near_.name(), "cat",
                                "/proc/sys/net/ipv6/conf/sbc0/disable_ipv6"}) +
               (near_.ip("-o link show sbc0").find("state DOWN") != std::string::npos ? "down"
                                                                                      : "up");
    };
    EXPECT_EQ(state(), "0\ndown");
    {
        const auto port = open_sbc0();
        ASSERT_TRUE(port) << port.error().message;
        EXPECT_EQ(state(), "1\nup");
    }
    EXPECT_EQ(state(), "0\ndown");
    near_.ip("link set sbc0 up");
    { EXPECT_TRUE(open_sbc0()); }
    EXPECT_EQ(state(), "0\nup");
}

/// What ethtool(8) shows and sets as "generic-receive-offload".
uint32_t gro(const TestNamespace& space, uint32_t command, uint32_t value = 0) {
    const auto scope = NetworkNamespaceScope::enter(space.name());
    EXPECT_TRUE(scope);
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ethtool_value request{command, value};
    ifreq interface {};
    std::strncpy(interface.ifr_name, "sbc0", IFNAMSIZ - 1);
    interface.ifr_data = reinterpret_cast<char*>(&request);
    EXPECT_EQ(ioctl(control, SIOCETHTOOL, &interface), 0);
    close(control);
    return request.data;
}

TEST_F(PacketPort, FramesAreNotJoinedWhileThePortLives) {
    gro(near_, ETHTOOL_SGRO, 1);
    {
        const auto port = open_sbc0();
        ASSERT_TRUE(port) << port.error().message;
        EXPECT_EQ(gro(near_, ETHTOOL_GGRO), 0u);
    }
    EXPECT_EQ(gro(near_, ETHTOOL_GGRO), 1u);
}

TEST_F(PacketPort, WarnsWhenTheKernelHasAddressesThereAndLeavesThem) {
    near_.ip("addr add 192.0.2.10/24 dev sbc0");
    const auto port = open_sbc0();
    ASSERT_TRUE(port) << port.error().message;
    EXPECT_THAT((*port)->warnings(), ElementsAre(HasSubstr("sbc0 has addresses of its own")));
    EXPECT_THAT(near_.ip("-o addr show sbc0"), HasSubstr("192.0.2.10/24"));
}

TEST_F(PacketPort, AnInterfaceThatDoesNotExistIsAnErrorWithThoseThatDo) {
    EXPECT_EQ(error_of("GE_1", AfPacketDevice{"sbc1"}, near_.name()),
              "cannot open af_packet sbc1 for GE_1: no such interface; there are lo, sbc0; did you "
              "mean 'sbc0'?");
}

TEST_F(PacketPort, TwoPortsOnOneInterfaceAreAnErrorAndTheFirstGoesOn) {
    const auto first = open_sbc0();
    ASSERT_TRUE(first);
    EXPECT_EQ(error_of("GE_2", AfPacketDevice{"sbc0"}, near_.name()),
              "cannot open af_packet sbc0 for GE_2: another port reads this interface; give each "
              "port its own");
    EXPECT_TRUE(link_becomes(**first, true));
}

TEST_F(PacketPort, InterfacesOfOneNumberInTwoNamespacesAreTwoInterfaces) {
    const TestNamespace other("other");
    const TestNamespace other_far("other-far");
    make_veth(other, "sbc0", other_far, "lab0");
    const auto first = open_sbc0();
    ASSERT_TRUE(first) << first.error().message;
    const auto second = open("GE_2", AfPacketDevice{"sbc0"}, other.name());
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_NE((*first)->traits().wait_fd, (*second)->traits().wait_fd);
}

TEST_F(PacketPort, WithoutPrivilegesTheErrorNamesThem) {
    const auto scope = NetworkNamespaceScope::enter(near_.name());
    ASSERT_TRUE(scope);
    const Device sbc0 = AfPacketDevice{"sbc0"};
    without_capability(CAP_NET_RAW, [&] {
        EXPECT_EQ(error_of("GE_1", sbc0),
                  "cannot open af_packet sbc0 for GE_1: cannot open a packet socket: Operation not "
                  "permitted; run as root or with CAP_NET_RAW and CAP_NET_ADMIN");
    });
    without_capability(CAP_NET_ADMIN, [&] {
        EXPECT_THAT(error_of("GE_1", sbc0),
                    HasSubstr("cannot be brought up: Operation not permitted; run as root"));
    });
}

TEST_F(PacketPort, AnInterfaceThatVanishesWhileThePortLivesHarmsNothing) {
    auto port = open_sbc0();
    ASSERT_TRUE(port) << port.error().message;
    far_.ip("link del lab0");
    EXPECT_FALSE((*port)->link().up);
    rte_mbuf* mbuf = nullptr;
    while (rte_eth_rx_burst((*port)->traits().dpdk_port, 0, &mbuf, 1) == 1) {
        rte_pktmbuf_free(mbuf);  // the peer's kernel said something before
    }
    port->reset();
    make_veth(near_, "sbc0", far_, "lab0");
    EXPECT_TRUE(open_sbc0());
}

class XdpPort : public PacketPort {
protected:
    XdpPort() {
        // An interface that was never up has another queueing discipline than one that is down.
        near_.ip("link set sbc0 up");
        near_.ip("link set sbc0 down");
    }

    Expected<std::unique_ptr<Port>> open_xdp(const std::string& interface = "sbc0") {
        return open("GE_1", AfXdpDevice{interface}, near_.name());
    }

    std::string error_of_xdp() {
        const auto port = open_xdp();
        return port ? "" : port.error().message;
    }

    /// The next frame of a test: the peer's kernel does its IPv6 discovery meanwhile.
    static std::vector<uint8_t> receive_of_test(const Port& port) {
        std::vector<uint8_t> seen;
        do {
            seen = receive(port);
        } while (!seen.empty() && (seen[12] << 8 | seen[13]) != test::test_ether_type);
        return seen;
    }

    std::string near_link(const std::string& interface = "sbc0") const {
        return near_.ip("-d -o link show " + interface);
    }
};

TEST_F(XdpPort, MovesFramesBothWaysAndLeavesTheInterfaceAsItWas) {
    const std::string before = near_link();
    {
        const auto port = open_xdp();
        ASSERT_TRUE(port) << port.error().message;
        EXPECT_EQ((*port)->driver(), "net_af_xdp");
        EXPECT_TRUE((*port)->traits().partial_checksums_possible);
        EXPECT_FALSE((*port)->traits().rx_checksum_offload);
        EXPECT_EQ((*port)->traits().mtu, 1500);
        EXPECT_THAT((*port)->warnings(), IsEmpty());
        EXPECT_TRUE(link_becomes(**port, true));
        EXPECT_THAT(near_link(), HasSubstr("prog/xdp"));

        const PacketPeer peer(far_.name(), "lab0");
        const auto frame = test_frame((*port)->traits().mac, 3);
        peer.send(frame);
        pollfd wait{.fd = (*port)->traits().wait_fd, .events = POLLIN, .revents = 0};
        ASSERT_EQ(poll(&wait, 1, 10'000), 1);
        EXPECT_EQ(receive_of_test(**port), frame);
        transmit(**port, frame);
        EXPECT_EQ(peer.receive(test::test_ether_type), frame);
        const auto multicast =
            test_frame(std::to_array<uint8_t>({0x33, 0x33, 0xff, 0, 0, 0x10}), 8);
        peer.send(multicast);
        EXPECT_EQ(receive_of_test(**port), multicast);
        far_.ip("link set lab0 down");
        EXPECT_TRUE(link_becomes(**port, false));
        far_.ip("link set lab0 up");
    }
    EXPECT_EQ(near_link(), before);
}

// A pool with holes would lose a frame with each buffer that the kernel does not take.
TEST_F(XdpPort, EachOfItsBuffersCarriesFrames) {
    const auto port = open_xdp();
    ASSERT_TRUE(port) << port.error().message;
    const PacketPeer peer(far_.name(), "lab0");
    constexpr int more_than_there_are_buffers = 15'000;
    for (int i = 0; i < more_than_there_are_buffers; ++i) {
        const auto frame = test_frame((*port)->traits().mac, static_cast<uint8_t>(i));
        transmit(**port, frame);
        ASSERT_EQ(peer.receive(test::test_ether_type), frame) << i;
        peer.send(frame);
        ASSERT_EQ(receive_of_test(**port), frame) << i;
    }
    EXPECT_EQ((*port)->statistics().drops, 0U);
}

TEST_F(XdpPort, TakesAnotherMacForAsLongAsItLives) {
    const std::string before = near_link();
    {
        const auto port = open_xdp();
        ASSERT_TRUE(port) << port.error().message;
        ASSERT_TRUE((*port)->take_mac({2, 0, 0, 0, 0, 0x42}));
        EXPECT_THAT(near_link(), HasSubstr("02:00:00:00:00:42"));
    }
    EXPECT_EQ(near_link(), before);
}

TEST_F(XdpPort, HasAllFramesComeByOneQueueWhileItLives) {
    near_.ip("link add sbc1 numrxqueues 2 numtxqueues 2 type veth peer name lab1");
    const auto ethtool = [&](const std::string& words) {
        return test::output_of(
            {"nsenter", "--net=/run/netns/" + near_.name(), "sh", "-c", "ethtool " + words});
    };
    ethtool("-L sbc1 rx 2");
    ethtool("-L lab1 tx 1");  // a veth with a program has as many queues as its far end sends by
    const std::string before = ethtool("-l sbc1");
    std::string meanwhile;
    {
        const auto port = open_xdp("sbc1");
        ASSERT_TRUE(port) << port.error().message;
        EXPECT_THAT((*port)->warnings(), IsEmpty());
        meanwhile = ethtool("-l sbc1 | grep ^RX: | tail -1");
    }
    EXPECT_THAT(meanwhile, testing::EndsWith("1\n"));
    EXPECT_EQ(ethtool("-l sbc1"), before);
}

TEST_F(XdpPort, WarnsThatAddressesThereCannotBeReached) {
    near_.ip("addr add 192.0.2.10/24 dev sbc0");
    const auto port = open_xdp();
    ASSERT_TRUE(port) << port.error().message;
    EXPECT_THAT((*port)->warnings(), ElementsAre(HasSubstr("nobody reaches them")));
}

// The kernel frees the queue a little later than the port ends.
TEST_F(XdpPort, OpensAnewRightAfterItEnded) {
    constexpr int often = 40;
    for (int i = 0; i < often; ++i) {
        ASSERT_EQ(error_of_xdp(), "") << i;
    }
}

TEST_F(XdpPort, WithoutMemoryForItsBuffersItSaysSo) {
    std::vector<const rte_memzone*> taken;
    constexpr std::size_t less_than_the_buffers = 8 << 20;
    while (const rte_memzone* zone =
               rte_memzone_reserve(("taken" + std::to_string(taken.size())).c_str(),
                                   less_than_the_buffers, SOCKET_ID_ANY, 0)) {
        taken.push_back(zone);
    }
    EXPECT_THAT(error_of("GE_1", AfXdpDevice{"sbc0"}, near_.name()),
                HasSubstr("no memory for its 6144 buffers (Cannot allocate memory); raise "
                          "appliance.memory_megabytes"));
    std::ranges::for_each(taken, rte_memzone_free);
    EXPECT_EQ(error_of_xdp(), "") << "all was put back";
}

TEST_F(XdpPort, AKernelThatTakesNoProgramThereIsAnErrorThatSaysWhatItNeeds) {
    far_.ip("link set lab0 mtu 9000");  // frames of more than a page
    EXPECT_THAT(error_of("GE_1", AfXdpDevice{"sbc0"}, near_.name()),
                AllOf(HasSubstr("cannot open af_xdp sbc0 for GE_1: its queues cannot be set up: "),
                      HasSubstr("the interface have no other XDP program")));
    far_.ip("link set lab0 mtu 1500");
    EXPECT_EQ(error_of_xdp(), "") << "all was put back";
}

}  // namespace
}  // namespace trunkline::board
