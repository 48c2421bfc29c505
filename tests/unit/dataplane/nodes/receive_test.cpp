// Frames in, and where they end: rx, ethernet, ip4, ip6, udp and sip_door as one path.
#include "bench.h"

#include <poll.h>

namespace trunkline::dataplane::testing {
namespace {

UdpFrame frame6() {
    UdpFrame frame;
    frame.source = "2001:db8::20";
    frame.destination = "2001:db8::10";
    return frame;
}

TEST(ReceivePath, AGoodIpv4DatagramReachesItsShardWithItsFacts) {
    Bench bench;
    UdpFrame frame;
    frame.payload = "0 OPTIONS sip:a SIP/2.0\r\n\r\n";
    bench.inject(frame.build());
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, frame.payload);
    EXPECT_EQ(received[0].facts.remote.to_string(), "192.0.2.20:5070");
    EXPECT_EQ(received[0].facts.local.to_string(), "192.0.2.10:5060");
    EXPECT_EQ(received[0].facts.ip_interface, 0);
    EXPECT_EQ(received[0].facts.device, 0);
    EXPECT_EQ(bench.drops(), "");
    EXPECT_EQ(bench.counter("rx.frames"), 1U);
    EXPECT_EQ(bench.counter("sip_door.datagrams"), 1U);
}

TEST(ReceivePath, AGoodIpv6DatagramReachesItsShardWithItsFacts) {
    Bench bench;
    bench.inject(frame6().build());
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, "0 payload");
    EXPECT_EQ(received[0].facts.remote.to_string(), "[2001:db8::20]:5070");
    EXPECT_EQ(received[0].facts.local.to_string(), "[2001:db8::10]:5060");
    EXPECT_EQ(received[0].facts.ip_interface, 1);
}

TEST(ReceivePath, TheSelectorDecidesTheShardAndOrderIsKept) {
    Bench bench({.shards = 3});
    for (const char* payload : {"0a", "1a", "1b", "2a", "0b", "1c"}) {
        UdpFrame frame;
        frame.payload = payload;
        bench.inject(frame.build());
    }
    bench.walk();
    const auto payloads = [&](uint32_t shard) {
        std::string all;
        for (const Received& received : bench.received(shard)) {
            all += received.payload + " ";
        }
        return all;
    };
    EXPECT_EQ(payloads(0), "0a 0b ");
    EXPECT_EQ(payloads(1), "1a 1b 1c ");
    EXPECT_EQ(payloads(2), "2a ");
}

TEST(ReceivePath, EachDeviceHasItsOwnAddresses) {
    Bench bench({.devices = 2});
    UdpFrame frame;
    frame.source = "192.0.3.20";
    frame.destination = "192.0.3.10";
    bench.inject(frame.build(), 0, 1);
    bench.inject(frame.build(), 0, 0);  // not an address of this device: the kernel may know it
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].facts.device, 1);
    EXPECT_EQ(received[0].facts.ip_interface, 2);
    EXPECT_EQ(bench.at_kernel().size(), 1U);
}

TEST(ReceivePath, TheDoorbellOfASleepingShardIsRung) {
    Bench bench({.shards = 2});
    ASSERT_TRUE(bench.shard_bell(0).prepare_to_sleep());
    ASSERT_TRUE(bench.shard_bell(1).prepare_to_sleep());
    bench.inject(UdpFrame{}.build());
    bench.walk();
    pollfd bells[] = {{bench.shard_bell(0).fd(), POLLIN, 0}, {bench.shard_bell(1).fd(), POLLIN, 0}};
    EXPECT_EQ(poll(bells, 2, 0), 1);
    EXPECT_NE(bells[0].revents, 0) << "only the one that was fed";
    bench.received();
}

TEST(ReceivePath, PaddingOfShortFramesAndBytesBehindUdpAreCut) {
    Bench bench;
    UdpFrame padded;
    padded.payload = "0x";
    padded.padding = 16;
    bench.inject(padded.build());
    // The UDP length may be shorter than the IP packet; the sum covers what it says.
    Bytes segment = udp_segment("192.0.2.20", "192.0.2.10", 5070, 5060, "0y");
    segment.insert(segment.end(), {'z', 'z', 'z'});
    bench.inject(
        ethernet(our_mac, peer_mac, 0x0800, ip_packet("192.0.2.20", "192.0.2.10", 17, segment)));
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 2U) << bench.drops();
    EXPECT_EQ(received[0].payload, "0x");
    EXPECT_EQ(received[1].payload, "0y");
}

TEST(ReceivePath, APacketInManySegmentsArrivesInOne) {
    Bench bench;
    UdpFrame frame;
    frame.payload = "0" + std::string(1301, 'p');
    // Odd lengths: 16-bit words of the checksum lie across the segments.
    for (const std::size_t segment : {13U, 127U, 129U, 301U}) {
        bench.inject(frame.build(), segment);
    }
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 4U) << bench.drops();
    for (const Received& datagram : received) {
        EXPECT_EQ(datagram.payload, frame.payload);
        EXPECT_EQ(datagram.segments, 1);
    }
}

TEST(ReceivePath, OptionsInTheIpv4HeaderAreSteppedOver) {
    Bench bench;
    Bytes packet = ip_packet("192.0.2.20", "192.0.2.10", 17,
                             udp_segment("192.0.2.20", "192.0.2.10", 5070, 5060, "0opt"));
    packet.insert(packet.begin() + 20, {1, 1, 1, 0});
    packet[0] = 0x46;
    packet[3] = static_cast<uint8_t>(packet.size());
    packet[10] = packet[11] = 0;
    const auto sum = static_cast<uint16_t>(~ones_sum(Bytes(packet.begin(), packet.begin() + 24)));
    packet[10] = static_cast<uint8_t>(sum >> 8);
    packet[11] = static_cast<uint8_t>(sum);
    bench.inject(ethernet(our_mac, peer_mac, 0x0800, packet));
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, "0opt");
}

TEST(ReceivePath, AHostTakesWhatHasNoTimeToLiveLeft) {
    Bench bench;
    UdpFrame frame;
    frame.ttl = 0;
    bench.inject(frame.build());
    bench.walk();
    EXPECT_EQ(bench.received().size(), 1U) << bench.drops();
}

TEST(ReceivePath, AZeroChecksumIsAllowedOnIpv4) {
    Bench bench;
    UdpFrame frame;
    frame.udp_sum = Sum::zero;
    bench.inject(frame.build());
    bench.walk();
    EXPECT_EQ(bench.received().size(), 1U) << bench.drops();
}

TEST(ReceivePath, APartialChecksumIsAcceptedWhereThePortMayDeliverThem) {
    Bench bench({.partial_checksums = true});
    UdpFrame frame;
    frame.udp_sum = Sum::partial;
    bench.inject(frame.build());
    frame = frame6();
    frame.udp_sum = Sum::partial;
    bench.inject(frame.build());
    bench.walk();
    EXPECT_EQ(bench.received().size(), 2U) << bench.drops();
    EXPECT_EQ(bench.counter("udp.partial_checksum_accepted"), 2U);
}

TEST(ReceivePath, TheShardsRingIsFullAndTheRestIsCounted) {
    Bench bench({.ring_capacity = 4});
    for (int i = 0; i < 5; ++i) {
        bench.inject(UdpFrame{}.build());
    }
    bench.walk();
    EXPECT_EQ(bench.received().size(), 3U);
    EXPECT_EQ(bench.drops(), "sip_door.ring_full=2");
    EXPECT_EQ(bench.link().inbound_full.load(), 2U);
}

TEST(ReceivePath, ABurstLargerThanOnePollArrivesWhole) {
    Bench bench;
    for (int i = 0; i < 500; ++i) {
        bench.inject(UdpFrame{}.build());
    }
    bench.walk();
    EXPECT_EQ(bench.received().size(), 500U) << bench.drops();
}

/// One bad frame and the counter that it must end in.
struct Drop {
    const char* name;
    Bytes frame;
    std::string counted;
    std::size_t segment = 0;
};

void PrintTo(const Drop& drop, std::ostream* out) {
    *out << drop.name;
}

Bytes changed(Bytes frame, std::size_t at, uint8_t value) {
    frame[at] = value;
    return frame;
}

Bytes shortened(Bytes frame, std::size_t by) {
    frame.resize(frame.size() - by);
    return frame;
}

UdpFrame with(UdpFrame frame, auto change) {
    change(frame);
    return frame;
}

/// A wrong byte in the IPv4 header with the header's sum made right again.
Bytes ip4_header_changed(std::size_t at, uint8_t value) {
    Bytes frame = changed(UdpFrame{}.build(), 14 + at, value);
    frame[24] = frame[25] = 0;
    const auto sum =
        static_cast<uint16_t>(~ones_sum(Bytes(frame.begin() + 14, frame.begin() + 34)));
    frame[24] = static_cast<uint8_t>(sum >> 8);
    frame[25] = static_cast<uint8_t>(sum);
    return frame;
}

std::vector<Drop> drops() {
    const UdpFrame good;
    const Bytes good4 = good.build(), good6 = frame6().build();
    return {
        {"Runt", Bytes(13), "ethernet.runt=1"},
        {"AnothersFrame", with(good, [](auto& f) { f.to.bytes[5] = 9; }).build(),
         "ethernet.not_ours=1"},
        {"OwnFrame", with(good, [](auto& f) { f.from = our_mac; }).build(), "ethernet.own_frame=1"},
        {"Tagged", ethernet(our_mac, peer_mac, 0x8100, Bytes(50, 1)), "ethernet.tagged=1"},
        {"DoubleTagged", ethernet(our_mac, peer_mac, 0x88a8, Bytes(50)), "ethernet.tagged=1"},
        {"HeadersInTooManyPieces", with(good, [](auto& f) { f.payload.assign(9000, '0'); }).build(),
         "ethernet.scattered_headers=1", 64},
        {"Ip4TooShort", shortened(ethernet(our_mac, peer_mac, 0x0800, Bytes(20, 0x45)), 1),
         "ip4.bad_header=1"},
        {"Ip4WrongVersion", changed(good4, 14, 0x65), "ip4.bad_header=1"},
        {"Ip4HeaderTooShort", changed(good4, 14, 0x44), "ip4.bad_header=1"},
        {"Ip4HeaderLongerThanThePacket", changed(shortened(good4, 9), 14, 0x4f),
         "ip4.bad_header=1"},
        {"Ip4LengthShorterThanTheHeader", ip4_header_changed(3, 19), "ip4.bad_header=1"},
        {"Ip4Truncated", shortened(good4, 1), "ip4.truncated=1"},
        {"Ip4BadChecksum", with(good, [](auto& f) { f.ip_sum_good = false; }).build(),
         "ip4.bad_checksum=1"},
        {"Ip4FromMulticast", with(good, [](auto& f) { f.source = "224.0.0.5"; }).build(),
         "ip4.bad_source=1"},
        {"Ip4FromBroadcast", with(good, [](auto& f) { f.source = "255.255.255.255"; }).build(),
         "ip4.bad_source=1"},
        {"Ip4FromLoopback", with(good, [](auto& f) { f.source = "127.0.0.1"; }).build(),
         "ip4.bad_source=1"},
        {"Ip6TooShort", ethernet(our_mac, peer_mac, 0x86dd, Bytes(39, 0x60)), "ip6.bad_header=1"},
        {"Ip6WrongVersion", changed(good6, 14, 0x40), "ip6.bad_header=1"},
        {"Ip6Truncated", shortened(good6, 1), "ip6.truncated=1"},
        {"Ip6FromMulticast", with(frame6(), [](auto& f) { f.source = "ff02::5"; }).build(),
         "ip6.bad_source=1"},
        {"Ip6FromLoopback", with(frame6(), [](auto& f) { f.source = "::1"; }).build(),
         "ip6.bad_source=1"},
        {"Ip6FragmentHeaderCut",
         ethernet(our_mac, peer_mac, 0x86dd,
                  ip_packet("2001:db8::20", "2001:db8::10", 44, Bytes{17, 0, 0, 0})),
         "ip6.bad_header=1"},
        {"UdpHeaderCut",
         ethernet(our_mac, peer_mac, 0x0800, ip_packet("192.0.2.20", "192.0.2.10", 17, Bytes(7))),
         "udp.bad_length=1"},
        {"UdpLengthBeyondThePacket", with(good, [](auto& f) { f.udp_length = 18; }).build(),
         "udp.bad_length=1"},
        {"UdpLengthBelowItsHeader", with(good, [](auto& f) { f.udp_length = 7; }).build(),
         "udp.bad_length=1"},
        {"UdpBadChecksum", with(good, [](auto& f) { f.udp_sum = Sum::bad; }).build(),
         "udp.bad_checksum=1"},
        {"Udp6BadChecksum", with(frame6(), [](auto& f) { f.udp_sum = Sum::bad; }).build(),
         "udp.bad_checksum=1"},
        {"UdpPartialChecksumFromAWire",
         with(good, [](auto& f) { f.udp_sum = Sum::partial; }).build(), "udp.bad_checksum=1"},
        {"Udp6ZeroChecksum", with(frame6(), [](auto& f) { f.udp_sum = Sum::zero; }).build(),
         "udp.zero_checksum_ip6=1"},
        {"EmptyDatagram", with(good, [](auto& f) { f.payload.clear(); }).build(),
         "sip_door.empty=1"},
    };
}

class ReceivePathDrops : public ::testing::TestWithParam<Drop> {};

TEST_P(ReceivePathDrops, AreCountedByName) {
    Bench bench;
    bench.inject(GetParam().frame, GetParam().segment);
    bench.walk();
    EXPECT_EQ(bench.drops(), GetParam().counted);
    EXPECT_TRUE(bench.received().empty());
    EXPECT_TRUE(bench.at_kernel().empty());
}

INSTANTIATE_TEST_SUITE_P(Each, ReceivePathDrops, ::testing::ValuesIn(drops()),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace trunkline::dataplane::testing
