// kernel_door and kernel_in: what goes to the kernel's twin, and what comes from it.
#include "bench.h"

#include <gmock/gmock.h>
#include <rte_ethdev.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace trunkline::dataplane::testing {
namespace {

using ::testing::UnorderedElementsAreArray;

const MacAddress broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

Bytes arp_request() {
    return ethernet(broadcast, peer_mac, 0x0806, Bytes(46, 0x11));
}

Bytes icmp6_to_group() {
    const MacAddress group{{0x33, 0x33, 0xff, 0, 0, 0x10}};
    return ethernet(group, peer_mac, 0x86dd,
                    ip_packet("fe80::2", "ff02::1:ff00:10", 58, Bytes(24, 0x87)));
}

TEST(KernelDoor, ForeignFramesReachTheTwinAsTheyAre) {
    UdpFrame other_port;
    other_port.destination_port = 123;
    UdpFrame bad_sum = other_port;  // the kernel's to judge
    bad_sum.udp_sum = Sum::bad;
    UdpFrame other_address;
    other_address.destination = "192.0.2.255";
    other_address.to = broadcast;
    const Bytes hop_by_hop = {17, 0, 1, 4, 0, 0, 0, 0};
    const std::vector<Bytes> frames = {
        arp_request(),
        icmp6_to_group(),
        other_port.build(),
        bad_sum.build(),
        other_address.build(),
        ethernet(our_mac, peer_mac, 0x0800, ip_packet("192.0.2.20", "192.0.2.10", 1, Bytes(56, 8))),
        ethernet(our_mac, peer_mac, 0x0800,
                 ip_packet("192.0.2.20", "192.0.2.10", 6,
                           tcp_segment("192.0.2.20", "192.0.2.10", "syn"))),
        ethernet(our_mac, peer_mac, 0x86dd,
                 ip_packet("2001:db8::20", "2001:db8::10", 0, hop_by_hop)),
        ethernet(our_mac, peer_mac, 0x88cc, Bytes(46, 2)),
    };
    Bench bench;
    for (const Bytes& frame : frames) {
        bench.inject(frame);
    }
    bench.walk();
    EXPECT_THAT(bench.at_kernel(), UnorderedElementsAreArray(frames));
    EXPECT_EQ(bench.drops(), "");
    EXPECT_EQ(bench.counter("kernel_door.frames"), frames.size());
}

TEST(KernelDoor, AFrameInSegmentsIsWrittenWhole) {
    Bench bench;
    const Bytes frame = ethernet(broadcast, peer_mac, 0x0806, Bytes(1400, 0x22));
    bench.inject(frame, 200);
    bench.walk();
    EXPECT_EQ(bench.at_kernel(), std::vector<Bytes>{frame});
}

TEST(KernelDoor, AFrameInTooManySegmentsIsCounted) {
    Bench bench;
    bench.inject(ethernet(broadcast, peer_mac, 0x0806, Bytes(9000, 0x22)), 136);
    bench.walk();
    EXPECT_EQ(bench.drops(), "kernel_door.write_failed=1");
}

class KernelDoorChecksums : public ::testing::TestWithParam<const char*> {};

TEST_P(KernelDoorChecksums, PartialOnesAreCompleted) {
    const bool is_v4 = GetParam() == std::string("ip4");
    const std::string source = is_v4 ? "192.0.2.20" : "2001:db8::20";
    const std::string destination = is_v4 ? "192.0.2.10" : "2001:db8::10";
    const uint16_t type = is_v4 ? 0x0800 : 0x86dd;
    const auto frame = [&](uint8_t protocol, const Bytes& segment) {
        return ethernet(our_mac, peer_mac, type, ip_packet(source, destination, protocol, segment));
    };
    Bench bench({.partial_checksums = true});
    bench.inject(frame(6, tcp_segment(source, destination, "odd", Sum::partial)));
    bench.inject(frame(17, udp_segment(source, destination, 1, 2, "even", Sum::partial)));
    bench.inject(frame(6, tcp_segment(source, destination, "wrong", Sum::bad)));
    bench.inject(frame(6, tcp_segment(source, destination, std::string(900, 's'), Sum::partial)),
                 131);
    bench.walk();
    const std::vector expected = {
        frame(6, tcp_segment(source, destination, "odd")),
        frame(17, udp_segment(source, destination, 1, 2, "even")),
        frame(6, tcp_segment(source, destination, "wrong", Sum::bad)),
        frame(6, tcp_segment(source, destination, std::string(900, 's'))),
    };
    EXPECT_THAT(bench.at_kernel(), UnorderedElementsAreArray(expected));
    EXPECT_EQ(bench.counter("kernel_door.checksum_completed"), 3U);
}

INSTANTIATE_TEST_SUITE_P(Both, KernelDoorChecksums, ::testing::Values("ip4", "ip6"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(KernelDoor, AWiresPartialSumIsNotTouched) {
    Bench bench;
    const Bytes frame =
        ethernet(our_mac, peer_mac, 0x0800,
                 ip_packet("192.0.2.20", "192.0.2.10", 6,
                           tcp_segment("192.0.2.20", "192.0.2.10", "x", Sum::partial)));
    bench.inject(frame);
    bench.walk();
    EXPECT_EQ(bench.at_kernel(), std::vector<Bytes>{frame});
}

TEST(KernelDoor, ShortAndForeignFramesPassTheCompletionUntouched) {
    Bench bench({.partial_checksums = true});
    const std::vector<Bytes> frames = {
        ethernet(broadcast, peer_mac, 0x0806, {}),
        ethernet(our_mac, peer_mac, 0x0800, ip_packet("192.0.2.20", "192.0.2.10", 6, Bytes(17))),
        ethernet(our_mac, peer_mac, 0x86dd, ip_packet("fe80::1", "ff02::1", 17, {})),
        ethernet(our_mac, peer_mac, 0x0800,
                 ip_packet("192.0.2.20", "192.0.2.10", 6, Bytes(24), 0x2000)),
    };
    for (const Bytes& frame : frames) {
        bench.inject(frame);
    }
    bench.walk();
    EXPECT_THAT(bench.at_kernel(), UnorderedElementsAreArray(frames));
    EXPECT_EQ(bench.counter("kernel_door.checksum_completed"), 0U);
}

TEST(KernelDoor, TheTokenBucketLimitsAndRefillsWithTime) {
    Bench bench({.kernel_door_rate = 4});
    for (int i = 0; i < 6; ++i) {
        bench.inject(arp_request());
    }
    bench.walk();
    EXPECT_EQ(bench.at_kernel().size(), 4U);
    EXPECT_EQ(bench.drops(), "kernel_door.limited=2");
    bench.pass_time(std::chrono::milliseconds(500));
    for (int i = 0; i < 6; ++i) {
        bench.inject(arp_request());
    }
    bench.walk();
    EXPECT_EQ(bench.at_kernel().size(), 2U);
    EXPECT_EQ(bench.drops(), "kernel_door.limited=6");
}

TEST(KernelDoor, WithoutATwinFramesAreCounted) {
    Bench bench({.twin = false});
    bench.inject(arp_request());
    bench.walk();
    EXPECT_EQ(bench.drops(), "kernel_door.no_twin=1");
}

TEST(KernelDoor, AFullTwinIsCounted) {
    Bench bench;
    // A local socket buffers some hundred datagrams (unix(7), max_dgram_qlen and SO_SNDBUF).
    for (int i = 0; i < 900; ++i) {
        bench.inject(ethernet(broadcast, peer_mac, 0x0806, Bytes(1400)));
    }
    bench.walk();
    EXPECT_GT(bench.counter("kernel_door.full"), 0U);
    EXPECT_EQ(bench.counter("kernel_door.full") + bench.counter("kernel_door.frames"), 900U);
}

TEST(KernelDoor, ATwinThatIsGoneIsCounted) {
    Bench bench;
    ASSERT_EQ(shutdown(bench.kernel_side(), SHUT_RD), 0);
    const auto ignore = signal(SIGPIPE, SIG_IGN);
    bench.inject(arp_request());
    bench.walk();
    signal(SIGPIPE, ignore);
    EXPECT_EQ(bench.drops(), "kernel_door.write_failed=1");
}

TEST(KernelIn, WhatTheKernelSendsLeavesAsItIs) {
    Bench bench;
    const Bytes reply = ethernet(peer_mac, our_mac, 0x0806, Bytes(46, 0x33));
    for (int i = 0; i < 100; ++i) {
        bench.kernel_sends(reply);
    }
    bench.walk();
    EXPECT_EQ(bench.sent(), std::vector(100, reply));
    EXPECT_EQ(bench.counter("kernel_in.frames"), 100U);
    EXPECT_EQ(bench.drops(), "");
}

TEST(KernelIn, ARuntIsCounted) {
    Bench bench;
    bench.kernel_sends(Bytes(13));
    bench.walk();
    EXPECT_TRUE(bench.sent().empty());
    EXPECT_EQ(bench.drops(), "kernel_in.runt=1");
}

TEST(KernelIn, WithoutBuffersAFrameStaysInTheTwin) {
    Bench bench;
    const auto taken = bench.take_all_packets();
    bench.kernel_sends(arp_request());
    bench.walk();
    EXPECT_GT(bench.counter("kernel_in.no_buffer"), 0U);
    for (rte_mbuf* packet : taken) {
        rte_pktmbuf_free(packet);
    }
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 1U);
}

TEST(KernelIn, ATwinThatCannotBeReadIsCounted) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    Bench bench({.twin_fd = ends[1]});  // read(2) on it says EBADF
    bench.walk();
    EXPECT_GT(bench.counter("kernel_in.read_failed"), 0U);
    close(ends[0]);
    close(ends[1]);
}

TEST(Tx, WhatADriverRefusesIsCountedAndTheRestIsSent) {
    Bench bench({.tx_offloads = true});
    const uint16_t port = bench.worker_options().groups[0].members[0].dpdk_port;
    // Refuses frames of 100 bytes, as a driver refuses what its offloads cannot do.
    rte_eth_fp_ops[port].tx_pkt_prepare = [](void*, rte_mbuf** frames, uint16_t count) {
        uint16_t good = 0;
        while (good < count && frames[good]->pkt_len != 100) {
            ++good;
        }
        return good;
    };
    for (const std::size_t size : {60U, 100U, 60U, 100U}) {
        bench.kernel_sends(ethernet(peer_mac, our_mac, 0x0806, Bytes(size - 14)));
    }
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 2U);
    EXPECT_EQ(bench.drops(), "tx.refused_by_driver=2");
}

TEST(Tx, WhatAFullPortDoesNotTakeIsCountedAndFreed) {
    Bench bench({.tx_capacity = 8});
    for (int i = 0; i < 10; ++i) {
        bench.kernel_sends(ethernet(peer_mac, our_mac, 0x0806, Bytes(46)));
    }
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 7U);
    EXPECT_EQ(bench.drops(), "tx.port_full=3");
}

}  // namespace
}  // namespace trunkline::dataplane::testing
