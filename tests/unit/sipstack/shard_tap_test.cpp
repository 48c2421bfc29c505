// What a shard shows of its messages.
#include "sipstack/shard_key.h"
#include "tests/unit/sipstack/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Tap : MessageTap {
    Tap() : MessageTap(1 << 16, [] { return std::chrono::nanoseconds(1); }) { listen(true); }

    /// Of each message its direction and first line.
    std::vector<std::string> shown() {
        std::vector<std::string> lines;
        while (next(last)) {
            lines.push_back((last.direction == MessageDirection::sent ? "> " : "< ") +
                            last.bytes.substr(0, last.bytes.find("\r\n")));
        }
        return lines;
    }
    TappedMessage last;
};

Config with_tcp(uint32_t shards) {
    Config config = with_accounts(8);
    config.shards = shards;
    config.sip_interfaces[0].tcp_port = 5060;
    return config;
}

std::string options(const std::string& more = "") {
    return "OPTIONS sip:192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKn\r\n"
           "From: <sip:a@b>;tag=n\r\nTo: <sip:c@d>" +
           more + "\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
}

TEST(ShardTapTest, ShowsDatagramsThatComeAndGo) {
    Tap tap;
    Fleet fleet(with_accounts(1), 0, &tap);
    fleet.start();
    EXPECT_THAT(tap.shown(), ElementsAre("> REGISTER sip:lab.example SIP/2.0"));
    EXPECT_EQ(tap.last.flow, fleet.sender.sent[0].flow);
    fleet.receive(Fleet::answer_to(fleet.sender.sent[0].bytes, 200), fleet.sender.sent[0].flow);
    EXPECT_THAT(tap.shown(), ElementsAre("< SIP/2.0 200 OK"));
    fleet.receive("garbage without a line", fleet.sender.sent[0].flow);
    EXPECT_THAT(tap.shown(), ElementsAre("< garbage without a line"));
    const auto counted = fleet.shard.sip_interface_counters();
    ASSERT_EQ(counted.size(), 1U);
    EXPECT_EQ(counted[0].sent, fleet.sender.sent.size());
    EXPECT_EQ(counted[0].received, 2U);
}

TEST(ShardTapTest, WhatTheTransportDoesNotTakeIsNotShown) {
    Tap tap;
    Fleet fleet(with_accounts(1), 0, &tap);
    fleet.sender.is_broken = true;
    fleet.start();
    EXPECT_GT(fleet.shard.counters().send_failures, 0U);
    EXPECT_EQ(fleet.shard.sip_interface_counters()[0].sent, 0U);
    EXPECT_THAT(tap.shown(), IsEmpty());
}

TEST(ShardTapTest, ShowsEachMessageOfAStream) {
    Tap tap;
    Fleet fleet(with_tcp(1), 0, &tap);
    const dataplane::Endpoint remote{dataplane::IpAddress::v4(0xc0000201), 40'000};
    const StreamId id = fleet.shard.stream_accepted(Transport::tcp, 0, remote, fleet.now);
    const std::string one = options();
    fleet.shard.stream_received(id, one + one.substr(0, 20), fleet.now);
    EXPECT_THAT(tap.shown(), ElementsAre("< OPTIONS sip:192.0.2.10 SIP/2.0", "> SIP/2.0 200 OK"));
    EXPECT_EQ(tap.last.flow.remote, remote);
    EXPECT_EQ(tap.last.flow.transport, Transport::tcp);
    fleet.shard.stream_received(id, "\r\n\r\n", fleet.now);
    EXPECT_THAT(tap.shown(), IsEmpty()) << "half a message, and a keep-alive";
}

/// By the shard that has the connection, once.
TEST(ShardTapTest, WhatIsHandedOverIsShownWhereItCameAndWent) {
    Tap owners, others;
    Fleet owner(with_tcp(2), 0, &owners), other(with_tcp(2), 1, &others);
    Random random(Random::seed_from(1));
    const StreamId id = other.shard.stream_accepted(
        Transport::tcp, 0, {dataplane::IpAddress::v4(0xc0000201), 40'000}, other.now);
    other.shard.stream_received(id, options(";tag=" + make_tag(0, random)), other.now);
    ASSERT_EQ(other.listener.mail.size(), 1U);
    EXPECT_THAT(others.shown(), ElementsAre(StartsWith("< OPTIONS")));
    owner.shard.take_mail(other.listener.mail[0], owner.now);
    EXPECT_THAT(owners.shown(), IsEmpty());
    ASSERT_EQ(owner.listener.mail.size(), 1U);
    other.shard.take_mail(owner.listener.mail[0], other.now);
    EXPECT_THAT(others.shown(), ElementsAre(StartsWith("> SIP/2.0 ")));
}

}  // namespace
}  // namespace trunkline::sipstack
