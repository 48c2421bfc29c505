// UDP fragments in, datagrams out: order, limits and what hostile fragments end in.
#include "bench.h"

#include <algorithm>

namespace trunkline::dataplane::testing {
namespace {

UdpFrame datagram(bool is_v4, std::size_t size, char digit = '0') {
    UdpFrame frame;
    if (!is_v4) {
        frame.source = "2001:db8::20";
        frame.destination = "2001:db8::10";
    }
    frame.payload.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
        frame.payload[i] = static_cast<char>('a' + i % 23);
    }
    frame.payload[0] = digit;
    return frame;
}

void inject_all(Bench& bench, const std::vector<Bytes>& frames) {
    for (const Bytes& frame : frames) {
        bench.inject(frame);
    }
}

class Reassembly : public ::testing::TestWithParam<bool> {
protected:
    UdpFrame of_size(std::size_t size, char digit = '0') const {
        return datagram(GetParam(), size, digit);
    }
    /// RFC 791 3.2; RFC 8200 4.5.
    static std::chrono::milliseconds timeout() {
        return std::chrono::seconds(GetParam() ? 15 : 60);
    }
};

TEST_P(Reassembly, FragmentsInOrderBecomeTheirDatagram) {
    Bench bench;
    const UdpFrame whole = of_size(4001);
    inject_all(bench, fragments_of(whole, 1448));
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, whole.payload);
    EXPECT_EQ(received[0].segments, 1);
    EXPECT_EQ(received[0].facts.remote.port, 5070);
    EXPECT_EQ(bench.drops(), "");
    EXPECT_EQ(bench.counter("reassembly.datagrams"), 1U);
}

TEST_P(Reassembly, EveryOrderWillDo) {
    const UdpFrame whole = of_size(4001);
    auto fragments = fragments_of(whole, 1448);
    std::ranges::sort(fragments);
    do {
        Bench bench;
        inject_all(bench, fragments);
        bench.walk();
        const auto received = bench.received();
        ASSERT_EQ(received.size(), 1U) << bench.drops();
        EXPECT_EQ(received[0].payload, whole.payload);
    } while (std::ranges::next_permutation(fragments).found);
}

TEST_P(Reassembly, DatagramsThatCrossEachOtherStayApart) {
    Bench bench;
    const UdpFrame first = of_size(2500), second = of_size(2700, '1');
    const auto one = fragments_of(first, 1448, 7), two = fragments_of(second, 1448, 8);
    inject_all(bench, {one[0], two[1], two[0], one[1]});
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 2U) << bench.drops();
    EXPECT_EQ(received[0].payload, second.payload);
    EXPECT_EQ(received[1].payload, first.payload);
}

TEST_P(Reassembly, EightFragmentsPassAsAChainToTheRightShard) {
    Bench bench({.shards = 3});
    const UdpFrame whole = of_size(8 * 1448 - 8, '2');
    inject_all(bench, fragments_of(whole, 1448));
    bench.walk();
    const auto received = bench.received(2);
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, whole.payload);
    EXPECT_GT(received[0].segments, 1) << "a packet's room is less than this";
}

// T121
TEST_P(Reassembly, ADatagramOfSixtyKilobytesPassesInFortyTwoFragments) {
    Bench bench;
    const UdpFrame whole = of_size(60'000);
    const auto fragments = fragments_of(whole, 1448);
    ASSERT_EQ(fragments.size(), 42U);
    inject_all(bench, fragments);
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, whole.payload);
    EXPECT_EQ(bench.drops(), "");
}

// T121
TEST_P(Reassembly, TheLongestDatagramPassesInSixtyFourFragmentsInReverse) {
    Bench bench;
    const UdpFrame whole = of_size(GetParam() ? 65'507 : 65'527);
    auto fragments = fragments_of(whole, 1024);
    ASSERT_EQ(fragments.size(), 64U);
    std::ranges::reverse(fragments);
    inject_all(bench, fragments);
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, whole.payload);
}

TEST_P(Reassembly, ADatagramThatIsTooLongWithItsHeaderIsRefused) {
    Bench bench;
    const UdpFrame whole = of_size(100);
    const Bytes transport(65'535);
    for (std::size_t offset = 0; offset < transport.size(); offset += 8184) {
        const std::size_t length = std::min<std::size_t>(8184, transport.size() - offset);
        bench.inject(
            fragment_frame(whole, transport, offset, length, offset + length < transport.size(), 7),
            4096);
    }
    bench.walk();
    // IPv6 counts its header apart, and the kernel has the port 0.
    EXPECT_EQ(bench.drops(), GetParam() ? "reassembly.bad_fragment=9" : "");
    EXPECT_EQ(bench.at_kernel().size(), GetParam() ? 0U : 1U);
}

TEST_P(Reassembly, SixtyFiveFragmentsAreTooMany) {
    Bench bench;
    inject_all(bench, fragments_of(of_size(64 * 256), 256));
    bench.walk();
    EXPECT_EQ(bench.drops(), "reassembly.too_many_fragments=65");
    bench.pass_time(timeout());
    bench.walk();
    EXPECT_EQ(bench.drops(), "reassembly.too_many_fragments=65") << "nothing of it waited";
}

TEST_P(Reassembly, OverlapsTakeTheWholeDatagramWithThem) {
    Bench bench;
    const UdpFrame whole = of_size(2992);
    const Bytes transport = udp_segment(whole.source, whole.destination, 5070, 5060, whole.payload);
    bench.inject(fragment_frame(whole, transport, 0, 1448, true, 7));
    bench.inject(fragment_frame(whole, transport, 1000, 1448, true, 7));
    bench.inject(fragment_frame(whole, transport, 2448, 552, false, 7));
    bench.walk();
    EXPECT_EQ(bench.drops(), "reassembly.overlapping=3");
    // RFC 5722 3: nor does the rest of it count, should it come again.
    inject_all(bench, fragments_of(whole, 1448, 7));
    bench.walk();
    EXPECT_EQ(bench.drops(), "reassembly.overlapping=6");
    EXPECT_TRUE(bench.received().empty());
}

TEST_P(Reassembly, AFragmentThatComesTwiceHarmsNothing) {
    Bench bench;
    const UdpFrame whole = of_size(2992);
    const auto fragments = fragments_of(whole, 1448);
    inject_all(bench, {fragments[0], fragments[0], fragments[2], fragments[2], fragments[1]});
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, whole.payload);
    EXPECT_EQ(bench.drops(), "reassembly.duplicate=2");
}

TEST_P(Reassembly, WhatDoesNotCompleteInTimeIsFreedAndCounted) {
    Bench bench;
    const auto fragments = fragments_of(of_size(4001), 1448);
    inject_all(bench, {fragments[0], fragments[2]});
    bench.walk();
    EXPECT_EQ(bench.drops(), "");
    bench.pass_time(timeout() - std::chrono::milliseconds(1));
    bench.walk();
    EXPECT_EQ(bench.drops(), "");
    bench.pass_time(std::chrono::milliseconds(1));
    bench.walk();
    EXPECT_EQ(bench.drops(), "reassembly.timed_out=2");
    bench.inject(fragments[1]);
    bench.walk();
    EXPECT_TRUE(bench.received().empty());
}

TEST_P(Reassembly, ALateFragmentOfTheSameDatagramStartsAnew) {
    Bench bench;
    const UdpFrame whole = of_size(2500);
    const auto fragments = fragments_of(whole, 1448);
    bench.inject(fragments[0]);
    bench.walk();
    bench.pass_time(timeout());
    inject_all(bench, fragments);
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, whole.payload);
    EXPECT_EQ(bench.drops(), "reassembly.timed_out=1");
}

TEST_P(Reassembly, TheOldestMakeRoomForTheNewest) {
    Bench bench({.reassembly = {.datagrams = 4}});
    std::vector<std::vector<Bytes>> all;
    for (uint32_t id = 1; id <= 6; ++id) {
        all.push_back(fragments_of(of_size(2500), 1448, id));
        bench.inject(all.back()[0]);
        bench.walk();
        bench.pass_time(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(bench.drops(), "reassembly.evicted=2");
    // The newest first: the two that were pushed out begin anew, each with its last fragment.
    std::ranges::reverse(all);
    for (const auto& fragments : all) {
        bench.inject(fragments[1]);
        bench.walk();
    }
    EXPECT_EQ(bench.received().size(), 4U) << bench.drops();
}

TEST_P(Reassembly, BuffersThatWaitAreBounded) {
    Bench bench({.reassembly = {.fragments = 64}});
    const auto slow = fragments_of(of_size(40 * 256), 256, 1);
    for (std::size_t i = 0; i + 1 < slow.size(); ++i) {
        bench.inject(slow[i]);
    }
    bench.walk();
    bench.pass_time(std::chrono::milliseconds(1));
    const UdpFrame honest = of_size(40 * 256, '0');
    inject_all(bench, fragments_of(honest, 256, 2));
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, honest.payload);
    EXPECT_EQ(bench.drops(), "reassembly.evicted=40");
}

TEST_P(Reassembly, ManyExpireAtOnce) {
    Bench bench;
    for (uint32_t id = 1; id <= 80; ++id) {
        const auto fragments = fragments_of(of_size(8 * 256), 256, id);
        inject_all(bench, {fragments[0], fragments[1], fragments[2]});
    }
    bench.walk();
    bench.pass_time(timeout());
    bench.walk();
    EXPECT_EQ(bench.drops().substr(0, 24), "reassembly.timed_out=240");
}

TEST_P(Reassembly, ImpossibleFragmentsAreRefused) {
    Bench bench;
    const UdpFrame whole = of_size(3000);
    const Bytes transport = udp_segment(whole.source, whole.destination, 5070, 5060, whole.payload);
    bench.inject(fragment_frame(whole, transport, 0, 1447, true, 7));  // not a multiple of eight
    bench.inject(fragment_frame(whole, transport, 1448, 0, false, 8));
    Bytes beyond(65536 + 1448);  // ends behind the longest datagram
    bench.inject(fragment_frame(whole, beyond, 65528, 16, false, 9));
    bench.walk();
    EXPECT_EQ(bench.drops(), "reassembly.bad_fragment=3");
}

TEST_P(Reassembly, ADatagramForAForeignPortGoesToTheKernelWhole) {
    Bench bench;
    UdpFrame whole = of_size(5000);
    whole.destination_port = 7;
    inject_all(bench, fragments_of(whole, 1448));
    bench.walk();
    const auto frames = bench.at_kernel();
    ASSERT_EQ(frames.size(), 1U) << bench.drops();
    const auto frame = read_frame(frames[0]);
    ASSERT_TRUE(frame) << "the headers are not those of a whole packet";
    EXPECT_FALSE(frame->fragment);
    const auto udp = read_udp(*frame);
    ASSERT_TRUE(udp);
    EXPECT_EQ(udp->payload, whole.payload);
}

TEST_P(Reassembly, ABadChecksumOfTheWholeIsFound) {
    Bench bench;
    UdpFrame whole = of_size(3000);
    whole.udp_sum = Sum::bad;
    inject_all(bench, fragments_of(whole, 1448));
    bench.walk();
    EXPECT_EQ(bench.drops(), "udp.bad_checksum=1");
}

TEST_P(Reassembly, WhatStillWaitsIsFreedWithTheWorker) {
    Bench bench;
    bench.inject(fragments_of(of_size(3000), 1448)[0]);
    bench.walk();
    // The bench counts its packets when it goes.
}

INSTANTIATE_TEST_SUITE_P(Both, Reassembly, ::testing::Values(true, false),
                         [](const auto& tested) { return tested.param ? "ip4" : "ip6"; });

TEST(Reassembly4, AFirstFragmentWithoutTheWholeUdpHeaderIsRefused) {
    Bench bench;
    const UdpFrame whole = datagram(true, 100);
    const Bytes transport = udp_segment(whole.source, whole.destination, 1, 2, "x");
    // Offset 0, the last one set in a later fragment: only IPv6 allows a datagram of one fragment.
    Bytes frame = fragment_frame(whole, transport, 0, 8, true, 7);
    frame[17] = 24;  // IPv4 total length: four bytes of UDP
    frame[24] = frame[25] = 0;
    const auto sum =
        static_cast<uint16_t>(~ones_sum(Bytes(frame.begin() + 14, frame.begin() + 34)));
    frame[24] = static_cast<uint8_t>(sum >> 8);
    frame[25] = static_cast<uint8_t>(sum);
    bench.inject(frame);
    bench.walk();
    EXPECT_EQ(bench.drops(), "reassembly.bad_fragment=1");
}

TEST(Reassembly4, FragmentsOfOtherProtocolsAreTheKernels) {
    Bench bench;
    const Bytes frame = ethernet(our_mac, peer_mac, 0x0800,
                                 ip_packet("192.0.2.20", "192.0.2.10", 1, Bytes(64), 0x2000));
    bench.inject(frame);
    bench.walk();
    EXPECT_EQ(bench.at_kernel(), std::vector<Bytes>{frame});
}

TEST(Reassembly6, FragmentsOfOtherProtocolsAreTheKernels) {
    Bench bench;
    Bytes fragment = {58, 0, 0, 1, 0, 0, 0, 7};
    fragment.resize(72);
    const Bytes frame = ethernet(our_mac, peer_mac, 0x86dd,
                                 ip_packet("2001:db8::20", "2001:db8::10", 44, fragment));
    bench.inject(frame);
    bench.walk();
    EXPECT_EQ(bench.at_kernel(), std::vector<Bytes>{frame});
}

TEST(Reassembly6, AFragmentThatIsTheWholeDatagramPassesAtOnce) {
    Bench bench;
    const UdpFrame whole = datagram(false, 100);
    inject_all(bench, fragments_of(whole, 1448));
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, whole.payload);
    EXPECT_EQ(bench.counter("reassembly.datagrams"), 0U) << "there was nothing to put together";
}

}  // namespace
}  // namespace trunkline::dataplane::testing
