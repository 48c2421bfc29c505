// next_hop and next_hop_answers: packets wait for an address, the resolver answers.
#include "bench.h"
#include "dataplane/held_packets.h"

#include <fmt/format.h>
#include <poll.h>

namespace trunkline::dataplane::testing {
namespace {

const std::string ours = "192.0.2.10";
const std::pair<std::string, std::string> ways[] = {{ours, "192.0.2.99"},
                                                    {"2001:db8::10", "2001:db8::99"}};
const MacAddress found{{0x02, 0, 0, 0, 0, 0x77}};

NextHopUpdate update(NextHopUpdate::Kind kind, const std::string& destination = "192.0.2.99") {
    return {*IpAddress::parse(destination), found, 0, kind};
}

TEST(NextHop, ADatagramWaitsForTheAnswerThenLeaves) {
    Bench bench({.neighbours = false});
    ASSERT_TRUE(bench.channel().requests_bell.prepare_to_sleep());
    bench.shard_sends("0 held", ours, "192.0.2.99");
    bench.walk();
    EXPECT_TRUE(bench.sent().empty());
    pollfd bell{bench.channel().requests_bell.fd(), POLLIN, 0};
    EXPECT_EQ(poll(&bell, 1, 0), 1) << "the resolver sleeps on its bell";
    const auto questions = bench.questions();
    ASSERT_EQ(questions.size(), 1U);
    EXPECT_EQ(questions[0].destination.to_string(), "192.0.2.99");
    EXPECT_EQ(questions[0].source.to_string(), ours);
    EXPECT_EQ(questions[0].device, 0);

    bench.answer(update(NextHopUpdate::Kind::resolved));
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 1U) << bench.drops();
    EXPECT_EQ(read_frame(frames[0])->to, found);
    EXPECT_EQ(read_udp(frames[0])->payload, "0 held");
    EXPECT_EQ(bench.drops(), "");
}

TEST(NextHop, WhatIsKnownIsNotAskedAgain) {
    Bench bench({.neighbours = false});
    bench.answer(update(NextHopUpdate::Kind::resolved));
    for (int i = 0; i < 3; ++i) {
        bench.shard_sends("0", ours, "192.0.2.99");
    }
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 3U);
    EXPECT_TRUE(bench.questions().empty());
}

TEST(NextHop, OneQuestionForManyPacketsAndTheyKeepTheirOrder) {
    Bench bench({.neighbours = false});
    for (const char* payload : {"0a", "0b", "0c"}) {
        bench.shard_sends(payload, ours, "192.0.2.99");
    }
    bench.walk();
    EXPECT_EQ(bench.questions().size(), 1U);
    bench.answer(update(NextHopUpdate::Kind::resolved));
    bench.walk();
    std::string order;
    for (const Bytes& frame : bench.sent()) {
        order += read_udp(frame)->payload;
    }
    EXPECT_EQ(order, "0a0b0c");
}

TEST(NextHop, UnreachableDropsWhatIsHeldAndForgetsTheAddress) {
    Bench bench({.neighbours = false});
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    bench.answer(update(NextHopUpdate::Kind::unreachable));
    bench.walk();
    EXPECT_EQ(bench.drops(), "next_hop.unreachable=2");
    bench.questions();
    bench.answer(update(NextHopUpdate::Kind::resolved));
    bench.answer(update(NextHopUpdate::Kind::unreachable));
    bench.walk();
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    EXPECT_EQ(bench.questions().size(), 1U) << "the address is gone";
}

/// As the network's own "unreachable", so that the shard need not wait for Timer F.
TEST(NextHop, TheShardWhoseRequestFindsNoNextHopIsTold) {
    for (const auto& [source, destination] : ways) {
        Bench bench({.shards = 3, .neighbours = false});
        bench.shard_sends("2 request", source, destination, 2);
        bench.walk();
        EXPECT_TRUE(bench.received(2).empty());
        bench.answer(update(NextHopUpdate::Kind::unreachable, destination));
        bench.walk();
        const auto told = bench.received(2);
        ASSERT_EQ(told.size(), 1U) << bench.drops();
        EXPECT_EQ(told[0].payload, "2 request");
        EXPECT_EQ(told[0].facts.unreachable, Unreachable::next_hop);
        EXPECT_EQ(told[0].facts.remote.address.to_string(), destination);
        EXPECT_EQ(told[0].facts.local.address.to_string(), source);
        EXPECT_EQ(bench.drops(), "next_hop.unreachable=1");
    }
}

TEST(NextHop, TheShardIsToldWhenTimeRunsOutOrNobodyCanBeAsked) {
    Bench late({.neighbours = false});
    late.shard_sends("0", ours, "192.0.2.99");
    late.walk();
    late.pass_time(std::chrono::seconds(4));
    late.walk();
    EXPECT_EQ(late.received().size(), 1U) << late.drops();
    Bench alone({.resolver = false, .neighbours = false});
    alone.shard_sends("0", ours, "192.0.2.99");
    alone.walk();
    EXPECT_EQ(alone.received().size(), 1U) << alone.drops();
}

TEST(NextHop, OfALargeDatagramTheFirstFragmentTells) {
    for (const auto& [source, destination] : ways) {
        Bench bench({.neighbours = false});
        const std::string payload = "0" + std::string(4999, 'x');
        bench.shard_sends(payload, source, destination);
        bench.walk();
        bench.answer(update(NextHopUpdate::Kind::unreachable, destination));
        bench.walk();
        const auto told = bench.received();
        ASSERT_EQ(told.size(), 1U) << bench.drops();
        EXPECT_TRUE(payload.starts_with(told[0].payload));
        EXPECT_GT(told[0].payload.size(), 1000U);
        EXPECT_EQ(bench.drops(), "next_hop.unreachable=4");
    }
}

TEST(NextHop, WhatIsNoRequestOfOursIsDroppedInSilence) {
    Bench bench({.neighbours = false});
    bench.shard_sends("an answer", ours, "192.0.2.99");
    bench.walk();
    bench.answer(update(NextHopUpdate::Kind::unreachable));
    bench.walk();
    EXPECT_TRUE(bench.received().empty());
    EXPECT_EQ(bench.drops(), "next_hop.unreachable=1");
}

TEST(NextHop, AFullRingOfTheShardIsCounted) {
    Bench bench({.ring_capacity = 2, .neighbours = false});
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    bench.inject(UdpFrame{}.build());
    bench.inject(UdpFrame{}.build());
    bench.walk();
    const uint64_t full = bench.link().inbound_full.load();
    bench.answer(update(NextHopUpdate::Kind::unreachable));
    bench.walk();
    EXPECT_EQ(bench.link().inbound_full.load(), full + 1);
}

TEST(NextHop, AFlushForgetsAndAsksAgainForWhatIsHeld) {
    Bench bench({.neighbours = false});
    bench.answer(update(NextHopUpdate::Kind::resolved));
    bench.shard_sends("0", ours, "192.0.2.98");
    bench.walk();
    EXPECT_EQ(bench.questions().size(), 1U);
    bench.answer(update(NextHopUpdate::Kind::flush));
    bench.walk();
    const auto again = bench.questions();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].destination.to_string(), "192.0.2.98");
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    EXPECT_EQ(bench.questions().size(), 1U) << "known before the flush, not after";
}

TEST(NextHop, AnAnswerMayChangeAnAddress) {
    Bench bench({.neighbours = false});
    NextHopUpdate changed = update(NextHopUpdate::Kind::resolved);
    bench.answer(changed);
    changed.mac = peer_mac;
    bench.answer(changed);
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    const auto frames = bench.sent();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(read_frame(frames[0])->to, peer_mac);
}

TEST(NextHop, HeldPacketsRunOutOfTime) {
    Bench bench({.neighbours = false});
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    bench.pass_time(std::chrono::milliseconds(3400));
    bench.walk();
    EXPECT_EQ(bench.drops(), "");
    bench.pass_time(std::chrono::milliseconds(200));
    bench.walk();
    EXPECT_EQ(bench.drops(), "next_hop.hold_timeout=1");
    bench.questions();
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    EXPECT_EQ(bench.questions().size(), 1U) << "the next one asks again";
}

TEST(NextHop, OneDestinationHoldsADatagramOfManyFragments) {
    Bench bench({.neighbours = false});
    for (std::size_t i = 0; i < HeldPackets::packets_a_destination + 4; ++i) {
        bench.shard_sends("0", ours, "192.0.2.99");
    }
    bench.walk();
    EXPECT_EQ(bench.drops(), "next_hop.hold_full=4");
    EXPECT_EQ(bench.counter("next_hop.held"), HeldPackets::packets_a_destination);
}

TEST(NextHop, ALostQuestionIsCountedAndItsPacketsTimeOut) {
    Bench bench({.next_hop_requests = 2, .neighbours = false});
    bench.shard_sends("0", ours, "192.0.2.98");
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    EXPECT_EQ(bench.drops(), "next_hop.request_lost=1");
    bench.pass_time(std::chrono::seconds(4));
    bench.walk();
    EXPECT_EQ(bench.drops(), "next_hop.hold_timeout=2 next_hop.request_lost=1");
}

TEST(NextHop, WithNobodyToAskThePacketIsUnreachable) {
    Bench bench({.resolver = false, .neighbours = false});
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    EXPECT_EQ(bench.drops(), "next_hop.unreachable=1");
}

TEST(NextHop, AStaticNeighbourNeedsNoResolver) {
    Bench bench({.resolver = false});
    bench.shard_sends("0", ours, "192.0.2.20");
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 1U) << bench.drops();
}

TEST(NextHop, AllFragmentsOfADatagramWaitTogether) {
    Bench bench({.neighbours = false});
    bench.shard_sends(std::string(5000, '0'), ours, "192.0.2.99");
    bench.walk();
    bench.answer(update(NextHopUpdate::Kind::resolved));
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 4U) << bench.drops();
}

TEST(NextHop, ManyAnswersAtOnceAreAllTaken) {
    Bench bench({.neighbours = false});
    for (int i = 100; i < 200; ++i) {
        const std::string destination = fmt::format("192.0.2.{}", i);
        bench.shard_sends("0", ours, destination);
    }
    bench.walk();
    for (const NextHopRequest& question : bench.questions()) {
        bench.answer(update(NextHopUpdate::Kind::resolved, question.destination.to_string()));
    }
    bench.walk();
    EXPECT_EQ(bench.sent().size(), 100U) << bench.drops();
}

TEST(NextHop, WhatIsStillHeldIsFreedWithTheWorker) {
    Bench bench({.neighbours = false});
    bench.shard_sends("0", ours, "192.0.2.99");
    bench.walk();
    // The bench counts its packets when it goes.
}

}  // namespace
}  // namespace trunkline::dataplane::testing
