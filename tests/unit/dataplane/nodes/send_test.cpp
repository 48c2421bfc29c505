// A shard's datagram on its way out: headers, checksums, fragments, limits.
#include "bench.h"

#include <map>
#include <set>

namespace trunkline::dataplane::testing {
namespace {

struct Addresses {
    const char* name;
    std::string ours, peer, far;
    uint16_t interface;
    uint16_t type;
};

void PrintTo(const Addresses& addresses, std::ostream* out) {
    *out << addresses.name;
}

const Addresses ip4{"ip4", "192.0.2.10", "192.0.2.20", "198.51.100.7", 0, 0x0800};
const Addresses ip6{"ip6", "2001:db8::10", "2001:db8::20", "2001:db8:ffff::7", 1, 0x86dd};

class SendPath : public ::testing::TestWithParam<Addresses> {
protected:
    void send(Bench& bench, const std::string& payload, std::size_t segment = 0) const {
        bench.shard_sends(payload, GetParam().ours, GetParam().peer, 0, GetParam().interface,
                          segment);
    }
};

TEST_P(SendPath, ADatagramGetsRightHeadersAndChecksums) {
    Bench bench;
    send(bench, "0 REGISTER sip:lab SIP/2.0\r\n\r\n!");
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 1U) << bench.drops();
    const auto frame = read_frame(frames[0]);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->to, peer_mac);
    EXPECT_EQ(frame->from, our_mac);
    EXPECT_EQ(frame->type, GetParam().type);
    EXPECT_EQ(frame->source.to_string(), GetParam().ours);
    EXPECT_EQ(frame->destination.to_string(), GetParam().peer);
    EXPECT_EQ(frame->hop_limit, 64);
    EXPECT_FALSE(frame->fragment);
    const auto udp = read_udp(*frame);
    ASSERT_TRUE(udp);
    EXPECT_EQ(udp->source_port, 5060);
    EXPECT_EQ(udp->destination_port, 5070);
    EXPECT_EQ(udp->payload, "0 REGISTER sip:lab SIP/2.0\r\n\r\n!");
    EXPECT_EQ(bench.drops(), "");
    EXPECT_EQ(bench.counter("shard_in.datagrams"), 1U);
    EXPECT_EQ(bench.counter("tx.frames"), 1U);
}

TEST_P(SendPath, AnEmptyPayloadIsADatagramToo) {
    Bench bench;
    send(bench, "");
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_TRUE(read_udp(frames[0]));
}

TEST_P(SendPath, AChainOfOddSegmentsHasTheRightChecksum) {
    Bench bench;
    const std::string payload = "0" + std::string(1000, 'c');
    send(bench, payload, 333);
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 1U);
    const auto udp = read_udp(frames[0]);
    ASSERT_TRUE(udp);
    EXPECT_EQ(udp->payload, payload);
}

TEST_P(SendPath, AChecksumOfZeroGoesOutAsAllOnes) {
    // With its own checksum as payload a datagram sums up to all ones, whose complement is zero.
    const Bytes zeros =
        udp_segment(GetParam().ours, GetParam().peer, 5060, 5070, std::string_view("\0\0", 2));
    const std::string payload = {static_cast<char>(zeros[6]), static_cast<char>(zeros[7])};
    Bench bench;
    send(bench, payload);
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 1U);
    const auto udp = read_udp(frames[0]);
    ASSERT_TRUE(udp);
    EXPECT_EQ(udp->checksum, 0xffff);
}

TEST_P(SendPath, APortThatOffloadsGetsThePseudoHeadersSum) {
    Bench bench({.tx_offloads = true});
    send(bench, "0 offloaded");
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 1U) << bench.drops();
    const Bytes segment =
        udp_segment(GetParam().ours, GetParam().peer, 5060, 5070, "0 offloaded", Sum::partial);
    const Bytes sent(frames[0].end() - static_cast<std::ptrdiff_t>(segment.size()),
                     frames[0].end());
    EXPECT_EQ(sent, segment);
    if (GetParam().type == 0x0800) {
        EXPECT_EQ(frames[0][24], 0);
        EXPECT_EQ(frames[0][25], 0);
    }
}

TEST_P(SendPath, WhatIsOffTheLinkGoesToTheGateway) {
    Bench bench;
    bench.shard_sends("0", GetParam().ours, GetParam().far, 0, GetParam().interface);
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 1U) << bench.drops();
    EXPECT_EQ(read_frame(frames[0])->to, router_mac);
}

TEST_P(SendPath, ALargeDatagramLeavesInFragmentsThatFitAndReassemble) {
    for (const bool offload : {false, true}) {
        Bench sender({.tx_offloads = offload});
        const std::string payload = "0" + std::string(5000, 'L');
        send(sender, payload, 2048);
        sender.walk();
        const auto frames = sender.sent();
        ASSERT_EQ(frames.size(), 4U) << sender.drops();
        EXPECT_EQ(sender.counter("fragment.fragments"), 4U);
        Bytes transport;
        std::set<uint32_t> ids;
        for (const Bytes& bytes : frames) {
            EXPECT_LE(bytes.size(), 1514U);
            const auto frame = read_frame(bytes);
            ASSERT_TRUE(frame);
            EXPECT_TRUE(frame->fragment);
            EXPECT_EQ(frame->offset, transport.size());
            EXPECT_EQ(frame->more, &bytes != &frames.back());
            ids.insert(frame->id);
            transport.insert(transport.end(), frame->transport.begin(), frame->transport.end());
        }
        EXPECT_EQ(ids.size(), 1U);
        ReadFrame whole = *read_frame(frames[0]);
        whole.transport = transport;
        const auto udp = read_udp(whole);
        ASSERT_TRUE(udp) << "the checksum covers the whole datagram";
        EXPECT_EQ(udp->payload, payload);
    }
}

TEST_P(SendPath, TwoLargeDatagramsHaveTwoIdentifications) {
    Bench bench;
    send(bench, std::string(3000, '0'));
    send(bench, std::string(3000, '0'));
    bench.walk();
    std::map<uint32_t, int> ids;
    for (const Bytes& frame : bench.sent()) {
        ++ids[read_frame(frame)->id];
    }
    EXPECT_EQ(ids.size(), 2U);
}

TEST_P(SendPath, ASmallMtuIsKept) {
    Bench bench({.mtu = 1280});
    send(bench, std::string(1300, '0'));
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_LE(frames[0].size(), 1280U + 14);
}

TEST_P(SendPath, TheLongestDatagramGoesInFragments) {
    Bench bench;
    const std::string payload(GetParam().type == 0x0800 ? 65'507 : 65'487, '0');
    send(bench, payload, 8000);
    bench.walk();
    std::size_t carried = 0;
    for (const Bytes& frame : bench.sent()) {
        carried += read_frame(frame)->transport.size();
    }
    EXPECT_EQ(carried, payload.size() + 8);
    EXPECT_EQ(bench.drops(), "");
}

TEST_P(SendPath, MoreThanSixtyFourFragmentsAreNotSent) {
    const bool is_v4 = GetParam().type == 0x0800;
    const uint16_t mtu = is_v4 ? 596 : 1280;
    Bench bench({.mtu = mtu});
    // IPv6 has no links so narrow that 64 kB would need more.
    const std::size_t largest = is_v4 ? 64U * 576 - 8 : 65'487;
    send(bench, std::string(largest, '0'), 8000);
    bench.walk();
    EXPECT_EQ(bench.sent().size(), is_v4 ? 64U : 54U);
    EXPECT_EQ(bench.drops(), "");
    if (is_v4) {
        send(bench, std::string(largest + 1, '1'), 8000);
        bench.walk();
        EXPECT_EQ(bench.drops(), "fragment.too_many_fragments=1");
    }
}

TEST_P(SendPath, BeyondWhatUdpCarriesIsCounted) {
    Bench bench;
    send(bench, std::string(65'530, '0'), 8000);
    bench.walk();
    EXPECT_EQ(bench.drops(), "udp_out.too_large=1");
}

TEST_P(SendPath, WithoutBuffersAFragmentedDatagramIsCounted) {
    Bench bench;
    send(bench, std::string(5000, '0'));
    const auto taken = bench.take_all_packets();
    bench.worker().walk();
    EXPECT_EQ(bench.drops(), "fragment.no_buffer=1");
    for (rte_mbuf* packet : taken) {
        rte_pktmbuf_free(packet);
    }
}

TEST_P(SendPath, ADatagramWithoutRoomInFrontIsCounted) {
    Bench bench;
    const auto send_with_headroom = [&](uint16_t headroom) {
        rte_mbuf* packet = bench.make_packet({'0'});
        facts(packet) = {{*IpAddress::parse(GetParam().peer), 5070},
                         {*IpAddress::parse(GetParam().ours), 5060},
                         GetParam().interface,
                         0};
        const auto surplus = static_cast<uint16_t>(rte_pktmbuf_headroom(packet) - headroom);
        ASSERT_NE(rte_pktmbuf_prepend(packet, surplus), nullptr);
        ASSERT_TRUE(bench.link().outbound.push(packet));
    };
    const uint16_t ip_and_udp = GetParam().type == 0x0800 ? 28 : 48;
    send_with_headroom(0);
    send_with_headroom(ip_and_udp);
    send_with_headroom(header_room);
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 1U);
    EXPECT_EQ(bench.drops(), "udp_out.no_headroom=1 next_hop.no_headroom=1");
}

INSTANTIATE_TEST_SUITE_P(Both, SendPath, ::testing::Values(ip4, ip6),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(SendPathFacts, ThatCannotBeSentAreCounted) {
    Bench bench;
    const Endpoint peer{*IpAddress::parse("192.0.2.20"), 5070};
    const Endpoint ours{*IpAddress::parse("192.0.2.10"), 5060};
    const Endpoint other_family{*IpAddress::parse("2001:db8::20"), 5070};
    const PacketFacts wrong[] = {
        {other_family, ours, 0, 0},
        {{peer.address, 0}, ours, 0, 0},
        {peer, {ours.address, 0}, 0, 0},
        {{}, {}, 0, 0},
        {peer, ours, 99, 0},
    };
    for (const PacketFacts& its : wrong) {
        rte_mbuf* packet = bench.make_packet({'0'});
        facts(packet) = its;
        ASSERT_TRUE(bench.link().outbound.push(packet));
    }
    bench.walk();
    EXPECT_EQ(bench.drops(), "udp_out.bad_facts=5");
}

TEST(SendPathShards, EveryShardIsServed) {
    Bench bench({.shards = 3});
    for (uint32_t shard = 0; shard < 3; ++shard) {
        for (int i = 0; i < 100; ++i) {
            bench.shard_sends("0", "192.0.2.10", "192.0.2.20", shard);
        }
    }
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 300U) << bench.drops();
}

TEST(SendPathShards, TheInterfaceChoosesTheDevice) {
    Bench bench({.devices = 2});
    bench.shard_sends("0", "192.0.3.10", "192.0.3.20", 0, 2);
    bench.walk();
    EXPECT_TRUE(bench.sent(0).empty());
    EXPECT_EQ(bench.sent(1).size(), 1U) << bench.drops();
}

}  // namespace
}  // namespace trunkline::dataplane::testing
