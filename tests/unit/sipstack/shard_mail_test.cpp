// What reaches a shard over a connection and belongs to another one: it is handed over, and the
// answer goes back over that connection.
#include "sipstack/shard_key.h"
#include "tests/unit/sipstack/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Config with_two_shards() {
    Config config = with_accounts(8);
    config.shards = 2;
    config.sip_interfaces[0].tcp_port = 5060;
    for (Account& account : config.accounts) {
        account.reg_event_package_subscription = true;
    }
    return config;
}

/// The owner has subscribed; the other one has the connection that the NOTIFY comes over.
class ShardMailTest : public ::testing::Test {
protected:
    ShardMailTest() {
        owner.start();
        owner.receive(Fleet::answer_to(owner.sender.sent[0].bytes, 200), owner.sender.sent[0].flow);
        const auto& last = owner.sender.sent.back().bytes;
        const auto subscribe = *Message::parse(last);
        EXPECT_EQ(subscribe.method(), "SUBSCRIBE");
        call_id = subscribe.call_id();
        tag = subscribe.from_tag();
        connection = other.shard.stream_accepted(
            Transport::tcp, 0, {dataplane::IpAddress::v4(0xc0000201), 40'000}, other.now);
    }

    std::string request(std::string_view method, const std::string& to_tag) const {
        return fmt::format(
            "{0} sip:100@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKn\r\n"
            "From: <sip:100@lab.example>;tag=n\r\nTo: <sip:100@lab.example>{1}\r\nCall-ID: {2}"
            "\r\nCSeq: 1 {0}\r\nEvent: reg\r\nSubscription-State: active\r\n"
            "Content-Length: 0\r\n\r\n",
            method, to_tag.empty() ? "" : ";tag=" + to_tag, to_tag.empty() ? "x" : call_id);
    }
    void come(const std::string& bytes) {
        other.shard.stream_received(connection, bytes, other.now);
    }
    const std::string& answered() { return other.sockets.written[connection]; }
    /// From one to the other, until nothing is left.
    void deliver() {
        while (!owner.listener.mail.empty() || !other.listener.mail.empty()) {
            for (const ShardMail& mail : std::exchange(owner.listener.mail, {})) {
                ASSERT_EQ(mail.to, 1U);
                other.shard.take_mail(mail, other.now);
            }
            for (const ShardMail& mail : std::exchange(other.listener.mail, {})) {
                ASSERT_EQ(mail.to, 0U);
                owner.shard.take_mail(mail, owner.now);
            }
        }
    }

    Fleet owner{with_two_shards(), 0};
    Fleet other{with_two_shards(), 1};
    std::string call_id, tag;
    StreamId connection = 0;
};

TEST_F(ShardMailTest, ANotifyReachesItsSubscriptionAndIsAnsweredOverItsConnection) {
    come(request("NOTIFY", tag));
    EXPECT_EQ(answered(), "");
    EXPECT_EQ(other.shard.counters().handed_over, 1U);
    deliver();
    EXPECT_THAT(answered(), StartsWith("SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 192.0.2.1;"));
    EXPECT_EQ(other.shard.counters().hand_over_drops, 0U);
    EXPECT_EQ(owner.shard.counters().send_failures, 0U);
    EXPECT_EQ(owner.sockets.opened.size(), 0U) << "no connection of its own";
}

TEST_F(ShardMailTest, WhatIsMalformedIsRefusedOverItsConnectionToo) {
    std::string bad = request("NOTIFY", tag);
    bad.replace(bad.find("CSeq: 1 NOTIFY"), 14, "CSeq: x NOTIFY");
    come(bad);
    deliver();
    EXPECT_THAT(answered(), StartsWith("SIP/2.0 400 "));
}

TEST_F(ShardMailTest, WhatBelongsToNobodyIsServedWhereItCame) {
    come(request("OPTIONS", ""));
    EXPECT_TRUE(other.listener.mail.empty());
    EXPECT_THAT(answered(), StartsWith("SIP/2.0 200 "));
}

TEST_F(ShardMailTest, WithoutRoomItIsDroppedAndCounted) {
    other.listener.is_full = true;
    come(request("NOTIFY", tag));
    deliver();
    EXPECT_EQ(answered(), "");
    EXPECT_EQ(other.shard.counters().handed_over, 0U);
    EXPECT_EQ(other.shard.counters().hand_over_drops, 1U);
}

TEST_F(ShardMailTest, AnAnswerWithoutRoomIsDroppedAndCounted) {
    come(request("NOTIFY", tag));
    owner.listener.is_full = true;
    deliver();
    EXPECT_EQ(answered(), "");
    EXPECT_EQ(owner.shard.counters().hand_over_drops, 1U);
    EXPECT_EQ(owner.shard.counters().send_failures, 1U);
}

TEST_F(ShardMailTest, AnAnswerToAConnectionThatIsGoneIsCounted) {
    come(request("NOTIFY", tag));
    other.shard.stream_closed(connection, "closed", other.now);
    deliver();
    EXPECT_EQ(other.shard.counters().send_failures, 1U);
    EXPECT_EQ(other.sockets.opened.size(), 0U);
}

/// RFC 3261 18.2.2: a server whose connection is gone opens another one to the Via's sent-by.
TEST_F(ShardMailTest, AnAnswerThatComesOverAnotherShardsConnectionReachesItsRequest) {
    Fleet registrant(with_two_shards(), 0);
    registrant.start({{bench_registrar, Transport::tcp}});
    const StreamId id = registrant.sockets.opened.at(0).id;
    registrant.shard.stream_opened(id, registrant.now);
    const std::string& sent = registrant.sockets.written[id];
    come(Fleet::answer_to(sent.substr(0, sent.find("\r\n\r\n") + 4), 200));
    ASSERT_EQ(other.listener.mail.size(), 1U);
    EXPECT_FALSE(registrant.shard.any_registered());
    registrant.shard.take_mail(other.listener.mail[0], registrant.now);
    EXPECT_TRUE(registrant.shard.any_registered());
}

TEST(NamedShard, IsOneThatAMessageOfOursNames) {
    Random random(Random::seed_from(5));
    const std::string call_id = make_call_id(3, "192.0.2.10", random);
    const std::string begin = "OPTIONS sip:a@b SIP/2.0\r\n";
    EXPECT_EQ(named_shard(begin + "Call-ID: " + call_id + "\r\n\r\n", 4), 3U);
    EXPECT_EQ(named_shard(begin + "To: <sip:a@b>;tag=" + make_tag(2, random) +
                              "\r\nCall-ID: " + call_id + "\r\n\r\n",
                          4),
              2U);
    EXPECT_EQ(named_shard("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=" + make_branch(1, random) +
                              "\r\n\r\n",
                          4),
              1U);
    EXPECT_EQ(named_shard(begin + "Call-ID: " + call_id + "\r\n\r\n", 2), std::nullopt)
        << "there is no such shard";
    EXPECT_EQ(named_shard(begin + "Call-ID: foreign\r\n\r\n", 4), std::nullopt);
}

}  // namespace
}  // namespace trunkline::sipstack
