// The two ends of RTP streams, each alone and against each other.
#include "played.h"
#include "tools/blast/rtp_peer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace trunkline::blast {
namespace {

constexpr uint64_t millisecond = 1'000'000, begin = 5'000'000'000;

Flow flow_from(uint16_t local, uint16_t remote) {
    Flow flow = at_client();
    flow.local.port = local;
    flow.remote.port = remote;
    return flow;
}

RtpSettings settings(uint32_t streams = 2) {
    RtpSettings made;
    made.streams = streams;
    return made;
}

struct Sender {
    explicit Sender(const RtpSettings& made = settings())
        : role(made, flow_from(6000, 7000), outlet) {
        role.start(begin);
    }
    void turn(uint64_t now) { role.poll(now); }
    /// What was sent last comes back, `change`d.
    void comes_back(const Sent& sent, uint64_t now) { give(role, sent.text, now, sent.flow); }

    KeptOutlet outlet;
    RtpSender role;
};

RtpPacket packet_of(const Sent& sent) {
    const auto packet = read_rtp(sent.text);
    EXPECT_TRUE(packet);
    return packet.value_or(RtpPacket());
}

TEST(RtpSender, StreamsTakeTurnsEvenlySpaced) {
    Sender sender;
    sender.turn(begin);
    EXPECT_EQ(sender.outlet.sent.size(), 1u);
    sender.turn(begin + 10 * millisecond - 1);
    EXPECT_EQ(sender.outlet.sent.size(), 1u);
    sender.turn(begin + 10 * millisecond);
    ASSERT_EQ(sender.outlet.sent.size(), 2u);
    EXPECT_EQ(sender.outlet.sent[0].flow.local.port, 6000);
    EXPECT_EQ(sender.outlet.sent[0].flow.remote.port, 7000);
    EXPECT_EQ(sender.outlet.sent[1].flow.local.port, 6002);
    EXPECT_EQ(sender.outlet.sent[1].flow.remote.port, 7002);
    sender.turn(begin + 40 * millisecond);
    EXPECT_EQ(sender.outlet.sent.size(), 5u);
    EXPECT_EQ(sender.role.counts().late, 1u) << "that of 20 ms";
}

TEST(RtpSender, NumbersAndTimestampsRiseByRfc3550) {
    RtpSettings made = settings(1);
    made.payload_type = 8;
    Sender sender(made);
    for (uint64_t time = 0; time < 100; time += 20) {
        sender.turn(begin + time * millisecond);
    }
    ASSERT_EQ(sender.outlet.sent.size(), 5u);
    const RtpPacket first = packet_of(sender.outlet.sent[0]);
    EXPECT_TRUE(first.marker);
    for (unsigned i = 0; i < 5; ++i) {
        const RtpPacket packet = packet_of(sender.outlet.sent[i]);
        EXPECT_EQ(packet.marker, i == 0);
        EXPECT_EQ(packet.payload_type, 8);
        EXPECT_EQ(packet.ssrc, first.ssrc);
        EXPECT_EQ(packet.sequence, static_cast<uint16_t>(first.sequence + i));
        EXPECT_EQ(packet.timestamp, first.timestamp + 160 * i);
        EXPECT_EQ(packet.payload.size(), 160u);
        EXPECT_EQ(read_time(packet.payload), begin + i * 20 * millisecond);
    }
}

TEST(RtpSender, EachStreamHasAnSsrcOfItsOwn) {
    Sender sender(settings(50));
    sender.turn(begin + 19 * millisecond);
    sender.turn(begin + 20 * millisecond - 1);
    std::set<uint32_t> ssrcs;
    for (const Sent& sent : sender.outlet.sent) {
        ssrcs.insert(packet_of(sent).ssrc);
    }
    EXPECT_EQ(ssrcs.size(), 50u);
}

TEST(RtpSender, LatencyCountsFromTheTimeThatWasMeant) {
    Sender sender(settings(1));
    sender.turn(begin + 5 * millisecond);
    sender.comes_back(sender.outlet.sent[0], begin + 7 * millisecond);
    EXPECT_EQ(sender.role.latency().count(), 1u);
    EXPECT_EQ(sender.role.latency().max(), 7 * millisecond);
}

TEST(RtpSender, TellsLossesOrderAndDuplicates) {
    Sender sender(settings(1));
    sender.turn(begin + 80 * millisecond);
    const auto sent = sender.outlet.sent;
    ASSERT_EQ(sent.size(), 5u);
    for (const unsigned i : {0, 3, 2, 3}) {
        sender.comes_back(sent[i], begin + 81 * millisecond);
    }
    const auto report = sender.role.report(0);
    EXPECT_EQ(report["sent"], 5);
    EXPECT_EQ(report["received"], 3);
    EXPECT_EQ(report["lost"], 2) << "the last one, too, which no number tells of";
    EXPECT_EQ(report["reordered"], 1);
    EXPECT_EQ(report["duplicates"], 1);
    EXPECT_EQ(report["latency"]["count"], 3);
    EXPECT_EQ(sender.role.completed(), 3u);
    EXPECT_EQ(sender.role.wrong(), 0u);
}

TEST(RtpSender, SaysWhenNothingCameBack) {
    Sender sender(settings(1)), one_way([] {
        RtpSettings made = settings(1);
        made.comes_back = false;
        return made;
    }());
    EXPECT_EQ(one_way.role.unanswered(), "none of 0 packets was sent");
    sender.turn(begin + 20 * millisecond);
    one_way.turn(begin);
    EXPECT_EQ(sender.role.unanswered(), "none of 2 packets came back");
    EXPECT_EQ(one_way.role.unanswered(), "");
    sender.comes_back(sender.outlet.sent[0], begin + 21 * millisecond);
    EXPECT_EQ(sender.role.unanswered(), "") << "losses are counted";
}

TEST(RtpSender, WhatWasNotSentIsWrong) {
    Sender sender;
    sender.turn(begin + 15 * millisecond);
    const Sent sent = sender.outlet.sent[0];
    const auto changed = [&](std::size_t at) {
        Sent other = sent;
        other.text[at] ^= 1;
        return other;
    };
    const RtpCounts& counts = sender.role.counts();
    for (const std::size_t at : {1u, 2u, 4u, 12u}) {  // payload type, number, timestamp, the cookie
        sender.comes_back(changed(at), begin + 16 * millisecond);
    }
    Sent shorter = sent;
    shorter.text.pop_back();
    sender.comes_back(shorter, begin + 16 * millisecond);
    EXPECT_EQ(counts.mismatched, 5u);
    sender.comes_back(changed(8), begin + 16 * millisecond);
    Sent elsewhere = sent;
    for (const uint16_t port : {6001, 6002, 6004, 5998}) {
        elsewhere.flow.local.port = port;
        sender.comes_back(elsewhere, begin + 16 * millisecond);
    }
    EXPECT_EQ(counts.unexpected, 5u) << "an SSRC, and ports";
    give(sender.role, "no RTP", begin + 16 * millisecond, sent.flow);
    EXPECT_EQ(counts.malformed, 1u);
    EXPECT_EQ(sender.role.wrong(), 11u);
    EXPECT_EQ(sender.role.completed(), 0u);
}

TEST(RtpSender, EndsWhenAllCameBackOrPatienceIsOver) {
    RtpSettings made = settings(1);
    made.nanoseconds = 40 * millisecond;
    made.patience = 100 * millisecond;
    Sender sender(made);
    sender.turn(begin + 20 * millisecond);
    EXPECT_EQ(sender.outlet.sent.size(), 2u);
    sender.turn(begin + 60 * millisecond);
    EXPECT_EQ(sender.outlet.sent.size(), 2u) << "none is due at the end";
    EXPECT_FALSE(sender.role.done(begin + 60 * millisecond));
    EXPECT_TRUE(sender.role.done(begin + 120 * millisecond));
    for (const Sent& sent : sender.outlet.sent) {
        sender.comes_back(sent, begin + 61 * millisecond);
    }
    EXPECT_TRUE(sender.role.done(begin + 61 * millisecond));
}

TEST(RtpSender, WhatThePortDoesNotTakeIsMadeUpForUntilPatienceIsOver) {
    RtpSettings made = settings(1);
    made.nanoseconds = 100 * millisecond;
    made.patience = 50 * millisecond;
    made.comes_back = false;
    Sender sender(made);
    sender.outlet.full = true;
    sender.turn(begin + 40 * millisecond);
    EXPECT_TRUE(sender.outlet.sent.empty());
    sender.outlet.full = false;
    sender.turn(begin + 40 * millisecond);
    EXPECT_EQ(sender.outlet.sent.size(), 3u);
    EXPECT_FALSE(sender.role.done(begin + 40 * millisecond));
    sender.turn(begin + 150 * millisecond);
    EXPECT_EQ(sender.role.counts().unsent, 2u);
    EXPECT_TRUE(sender.role.done(begin + 150 * millisecond));
}

TEST(RtpSender, StopsWhenItIsTold) {
    Sender sender(settings(1));
    sender.turn(begin);
    sender.role.stop();
    sender.turn(begin + 100 * millisecond);
    EXPECT_EQ(sender.outlet.sent.size(), 1u);
}

struct Peer {
    explicit Peer(RtpPeerSettings made = {.first_port = 7000, .streams = 2}) : role(made, outlet) {}
    void hears(const Sent& sent, uint64_t now) {
        give(role, sent.text, now, flow_from(sent.flow.remote.port, sent.flow.local.port));
    }

    KeptOutlet outlet;
    RtpPeer role;
};

TEST(RtpPeer, SendsEachPacketBackAsItCame) {
    Sender sender;
    Peer peer;
    sender.turn(begin + 15 * millisecond);
    for (const Sent& sent : sender.outlet.sent) {
        peer.hears(sent, begin + 18 * millisecond);
    }
    ASSERT_EQ(peer.outlet.sent.size(), 2u);
    EXPECT_EQ(peer.outlet.sent[1].text, sender.outlet.sent[1].text);
    EXPECT_EQ(peer.outlet.sent[1].flow.local.port, 7002);
    EXPECT_EQ(peer.outlet.sent[1].flow.remote.port, 6002);
    EXPECT_EQ(peer.role.latency().max(), 18 * millisecond);
    const auto report = peer.role.report(0);
    EXPECT_EQ(report["streams"], 2);
    EXPECT_EQ(report["received"], 2);
    EXPECT_EQ(report["reflected"], 2);
    EXPECT_EQ(report["wrong"], 0);
}

TEST(RtpPeer, CountsAloneWhenTold) {
    Sender sender(settings(1));
    Peer peer({.first_port = 7000, .streams = 2, .reflect = false});
    sender.turn(begin + 100 * millisecond);
    for (const unsigned i : {0, 1, 4, 3, 3}) {
        peer.hears(sender.outlet.sent[i], begin + 101 * millisecond);
    }
    EXPECT_TRUE(peer.outlet.sent.empty());
    const auto report = peer.role.report(0);
    EXPECT_EQ(report["received"], 4);
    EXPECT_EQ(report["lost"], 1);
    EXPECT_EQ(report["reordered"], 1);
    EXPECT_EQ(report["duplicates"], 1);
    EXPECT_GT(report["jitter"]["max_us"], 0);
}

TEST(RtpPeer, AnotherSsrcBeginsAnew) {
    Peer peer;
    Sender first(settings(1));
    RtpSettings made = settings(1);
    made.seed = 2;
    Sender second(made);
    for (Sender* sender : {&first, &second}) {
        sender->turn(begin + 40 * millisecond);
        for (const Sent& sent : sender->outlet.sent) {
            peer.hears(sent, begin + 41 * millisecond);
        }
    }
    const auto report = peer.role.report(0);
    EXPECT_EQ(report["streams"], 2);
    EXPECT_EQ(report["restarts"], 1);
    EXPECT_EQ(report["received"], 6);
    EXPECT_EQ(report["lost"], 0);
}

TEST(RtpPeer, OtherPortsAndNoRtpAreWrong) {
    Sender sender(settings(1));
    Peer peer;
    sender.turn(begin);
    Sent sent = sender.outlet.sent[0];
    for (const uint16_t port : {6998, 7001, 7004}) {
        sent.flow.remote.port = port;
        peer.hears(sent, begin);
    }
    EXPECT_EQ(peer.role.counts().unexpected, 3u);
    give(peer.role, "x", begin, flow_from(7000, 6000));
    EXPECT_EQ(peer.role.counts().malformed, 1u);
    EXPECT_EQ(peer.role.wrong(), 4u);
    EXPECT_TRUE(peer.outlet.sent.empty());
}

TEST(RtpPeer, SaysWhatItCouldNotSendBack) {
    Sender sender(settings(1));
    Peer peer;
    sender.turn(begin);
    peer.outlet.full = true;
    peer.hears(sender.outlet.sent[0], begin);
    EXPECT_EQ(peer.role.counts().unsent, 1u);
    EXPECT_EQ(peer.role.counts().reflected, 0u);
    EXPECT_EQ(peer.role.completed(), 1u);
}

}  // namespace
}  // namespace trunkline::blast
