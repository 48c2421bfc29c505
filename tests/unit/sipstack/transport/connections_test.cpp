#include "sipstack/transport/connections.h"

#include "tests/unit/sipstack/transport/fake_stream_sockets.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <functional>
#include <set>

namespace trunkline::sipstack::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

dataplane::Endpoint at(const char* address, uint16_t port) {
    return {*dataplane::IpAddress::parse(address), port};
}

const dataplane::Endpoint registrar = at("192.0.2.1", 5060);
const std::string request = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n";

class Datagrams final : public MessageSender {
public:
    bool send(const Flow&, std::string_view bytes) override {
        sent.emplace_back(bytes);
        return true;
    }
    std::vector<std::string> sent;
};

class Listener final : public ConnectionListener {
public:
    void on_message(const Flow& flow, std::string_view bytes, Instant) override {
        flows.push_back(flow);
        messages.emplace_back(bytes);
        then();
    }
    void on_connection_failed(const Flow& flow, std::string_view reason, Instant) override {
        failed.emplace_back(flow.stream, reason);
        then();
    }
    std::function<void()> then = [] {};
    std::vector<Flow> flows;
    std::vector<std::string> messages;
    std::vector<std::pair<StreamId, std::string>> failed;
};

class ConnectionsTest : public ::testing::Test {
protected:
    ConnectionsTest() {
        SipInterface v4;
        v4.address = *dataplane::IpAddress::parse("192.0.2.10");
        v4.tcp_port = 5060;
        v4.tls_port = 5061;
        SipInterface v6 = v4;
        v6.address = *dataplane::IpAddress::parse("2001:db8::10");
        v6.udp_port = v6.tls_port = 0;
        config.sip_interfaces = {v4, v6};
    }

    Connections make(std::size_t max_outbound = 100, std::size_t max_inbound = 100) {
        return {
            config, datagrams, {sockets, wheel, random, log, listener, max_outbound, max_inbound}};
    }
    Connections& connections() {
        if (!made) {
            made = std::make_unique<Connections>(
                config, datagrams, Connections::Streams{sockets, wheel, random, log, listener});
        }
        return *made;
    }
    static StreamPeer peer(Transport transport = Transport::tcp, const std::string& host = "",
                           const dataplane::Endpoint& remote = registrar) {
        return {transport, 0, remote, host, std::nullopt};
    }
    /// An open connection of ours.
    Flow open(const StreamPeer& to = peer()) {
        const auto flow = connections().flow_to(to, now());
        connections().stream_opened(flow->stream, now());
        return *flow;
    }
    Flow accept(const dataplane::Endpoint& remote) {
        const StreamId id = connections().stream_accepted(Transport::tcp, 0, remote, now());
        return {Transport::tcp, 0, at("192.0.2.10", 5060), remote, id};
    }
    void receive(const Flow& flow, std::string_view bytes) {
        connections().stream_received(flow.stream, bytes, now());
    }
    Instant now() const { return wheel.now(); }
    void pass(Milliseconds time) { wheel.advance(now() + time); }

    Config config;
    Datagrams datagrams;
    FakeStreamSockets sockets;
    TimerWheel wheel{Instant{1h}};
    Random random{Random::seed_from(5)};
    spdlog::logger log{"test", std::make_shared<spdlog::sinks::null_sink_st>()};
    Listener listener;
    std::unique_ptr<Connections> made;
};

TEST_F(ConnectionsTest, UdpIsAlwaysThere) {
    const auto flow = connections().flow_to(peer(Transport::udp), now());
    ASSERT_TRUE(flow);
    EXPECT_EQ(*flow, (Flow{Transport::udp, 0, at("192.0.2.10", 5060), registrar}));
    EXPECT_TRUE(connections().send(*flow, "x"));
    EXPECT_THAT(datagrams.sent, ElementsAre("x"));
    EXPECT_THAT(sockets.opened, IsEmpty());
}

TEST_F(ConnectionsTest, NoFlowWithoutAPortOrAnAddressOfTheFamily) {
    EXPECT_FALSE(connections().flow_to(peer(Transport::tcp, "", at("2001:db8::1", 5060)), now()));
    StreamPeer v6 = peer(Transport::tcp, "", at("2001:db8::1", 5060));
    v6.sip_interface_index = 1;
    EXPECT_TRUE(connections().flow_to(v6, now()));
    v6.transport = Transport::tls;
    EXPECT_FALSE(connections().flow_to(v6, now()));
    v6.transport = Transport::udp;
    EXPECT_FALSE(connections().flow_to(v6, now()));
    Connections no_streams(config, datagrams);
    EXPECT_FALSE(no_streams.flow_to(peer(), now()));
    EXPECT_TRUE(no_streams.flow_to(peer(Transport::udp), now()));
}

// T131: what waits for one connection waits for no other.
TEST_F(ConnectionsTest, MessagesWaitForTheConnectionToOpen) {
    const auto slow = connections().flow_to(peer(), now());
    const auto other =
        connections().flow_to(peer(Transport::tcp, "", at("192.0.2.2", 5060)), now());
    ASSERT_TRUE(slow && other);
    EXPECT_EQ(slow->local, at("192.0.2.10", 5060));
    EXPECT_TRUE(connections().send(*slow, "a"));
    EXPECT_TRUE(connections().send(*slow, "b"));
    EXPECT_TRUE(connections().send(*other, "c"));
    EXPECT_THAT(sockets.written, IsEmpty());
    connections().stream_opened(other->stream, now());
    EXPECT_EQ(sockets.written[other->stream], "c");
    connections().stream_opened(slow->stream, now());
    EXPECT_TRUE(connections().send(*slow, "d"));
    EXPECT_EQ(sockets.written[slow->stream], "abd");
}

TEST_F(ConnectionsTest, WhatWaitsIsBounded) {
    const auto flow = connections().flow_to(peer(), now());
    const std::string half(Connections::max_waiting_bytes / 2, 'x');
    EXPECT_TRUE(connections().send(*flow, half));
    EXPECT_TRUE(connections().send(*flow, half));
    EXPECT_FALSE(connections().send(*flow, "x"));
    EXPECT_EQ(connections().counters().queue_full, 1U);
}

// T131
TEST_F(ConnectionsTest, ConnectingIsGivenUpAfterFiveSeconds) {
    const auto flow = connections().flow_to(peer(), now());
    pass(4999ms);
    EXPECT_THAT(listener.failed, IsEmpty());
    pass(1ms);
    ASSERT_EQ(listener.failed.size(), 1U);
    EXPECT_EQ(listener.failed[0].first, flow->stream);
    EXPECT_EQ(listener.failed[0].second, "no TCP connection to 192.0.2.1:5060 within 5 s");
    EXPECT_THAT(sockets.closed, ElementsAre(flow->stream));
    connections().stream_closed(flow->stream, "late", now());
    pass(1h);
    EXPECT_EQ(listener.failed.size(), 1U);
    EXPECT_FALSE(connections().send(*flow, "x"));
    EXPECT_NE(connections().flow_to(peer(), now())->stream, flow->stream);
}

// T128
TEST_F(ConnectionsTest, ConnectionsAreReusedForTheSameTarget) {
    const Flow flow = open();
    EXPECT_EQ(connections().flow_to(peer(), now()), flow);
    EXPECT_EQ(connections().flow_to(peer(Transport::tcp, "any.example"), now()), flow)
        << "TCP proves nobody's identity";
    EXPECT_NE(connections().flow_to(peer(Transport::tcp, "", at("192.0.2.1", 5062)), now()), flow);
    EXPECT_EQ(sockets.opened.size(), 2U);
}

// T128
TEST_F(ConnectionsTest, TlsIsReusedForTheSameIdentityAlone) {
    const Flow flow = open(peer(Transport::tls, "a.example"));
    EXPECT_EQ(flow.local.port, 5061);
    EXPECT_EQ(connections().flow_to(peer(Transport::tls, "A.Example"), now()), flow);
    EXPECT_NE(connections().flow_to(peer(Transport::tls, "b.example"), now()), flow);
    StreamPeer other_context = peer(Transport::tls, "a.example");
    other_context.tls_context_index = 1;
    EXPECT_NE(connections().flow_to(other_context, now()), flow);
    other_context.tls_context_index = 0;
    EXPECT_EQ(connections().flow_to(other_context, now()), flow);
    EXPECT_EQ(sockets.opened.size(), 3U);
    EXPECT_EQ(sockets.opened[0].peer.host, "a.example");
}

// T130
TEST_F(ConnectionsTest, APeerThatClosesIsToldOnceWithItsReason) {
    const Flow flow = open();
    listener.then = [&] { EXPECT_NE(connections().flow_to(peer(), now())->stream, flow.stream); };
    connections().stream_closed(flow.stream, "closed by 192.0.2.1:5060", now());
    connections().stream_closed(flow.stream, "again", now());
    EXPECT_THAT(listener.failed,
                ElementsAre(std::pair{flow.stream, std::string("closed by 192.0.2.1:5060")}));
    EXPECT_FALSE(connections().send(flow, "x"));
    EXPECT_EQ(sockets.opened.size(), 2U) << "and a new one was opened meanwhile";
}

// T124
TEST_F(ConnectionsTest, MessagesComeWholeWithTheirFlow) {
    const Flow flow = open();
    receive(flow, request + request.substr(0, 20));
    EXPECT_THAT(listener.messages, ElementsAre(request));
    receive(flow, request.substr(20));
    EXPECT_THAT(listener.messages, ElementsAre(request, request));
    EXPECT_EQ(listener.flows[0], flow);
}

// T123
TEST_F(ConnectionsTest, LostFramingClosesTheConnection) {
    const Flow flow = accept(at("192.0.2.7", 40'000));
    receive(flow, request + "GET / HTTP/1.1\r\n\r\n" + request);
    EXPECT_THAT(listener.messages, ElementsAre(request));
    EXPECT_THAT(sockets.closed, ElementsAre(flow.stream));
    ASSERT_EQ(listener.failed.size(), 1U);
    EXPECT_EQ(listener.failed[0].second, "192.0.2.7:40000 sent what is not SIP: no Content-Length");
    EXPECT_EQ(connections().counters().framing_faults, 1U);
    receive(flow, request);
    EXPECT_EQ(listener.messages.size(), 1U);
}

// T127, T126
TEST_F(ConnectionsTest, PingsAreAnsweredHoweverTheyAreCut) {
    const Flow flow = accept(at("192.0.2.7", 40'000));
    receive(flow, "\r\n\r\n");
    EXPECT_EQ(sockets.written[flow.stream], "\r\n");
    for (const char* byte : {"\r", "\n", "\r", "\n"}) {
        receive(flow, byte);
    }
    EXPECT_EQ(sockets.written[flow.stream], "\r\n\r\n");
    std::string load;
    for (int i = 0; i < 100; ++i) {
        load += request;
    }
    receive(flow, load + "\r\n\r\n" + load);
    EXPECT_EQ(sockets.written[flow.stream], "\r\n\r\n\r\n");
    EXPECT_EQ(listener.messages.size(), 200U);
    receive(flow, "\r\n" + request + "\r\n" + request);
    EXPECT_EQ(connections().counters().pings_answered, 3U) << "a lone CRLF is no ping";
}

class PingPong : public ConnectionsTest {
protected:
    PingPong() {
        config.proxy_and_registration.use_ping_pong_keep_alive = true;
        config.proxy_and_registration.ping_pong_keep_alive_time = 120s;
    }
    /// Advances to the next ping and returns how long that took.
    Milliseconds time_to_ping(const Flow& flow) {
        const Instant begin = now();
        const std::size_t before = sockets.written[flow.stream].size();
        while (sockets.written[flow.stream].size() == before && now() - begin < 1h) {
            wheel.advance(*wheel.next_deadline());
        }
        EXPECT_TRUE(sockets.written[flow.stream].ends_with("\r\n\r\n"));
        return now() - begin;
    }
};

// T126
TEST_F(PingPong, PingsAtRandomTimesOfTheLastFifthOfTheInterval) {
    const Flow flow = open();
    std::set<Milliseconds> times;
    Milliseconds since{0};
    for (int i = 0; i < 50; ++i) {
        const Milliseconds time = since + time_to_ping(flow);
        EXPECT_GE(time, 96s);
        EXPECT_LE(time, 120s);
        times.insert(time);
        pass(3s);
        since = 3s;
        receive(flow, "\r\n");
    }
    EXPECT_GT(times.size(), 40U);
    EXPECT_EQ(connections().counters().pings_sent, 50U);
    EXPECT_EQ(connections().counters().pings_answered, 0U) << "a pong is no ping";
    EXPECT_THAT(listener.failed, IsEmpty());
}

// T126
TEST_F(PingPong, FailsTheFlowWithoutAPongInTenSeconds) {
    const Flow flow = open();
    time_to_ping(flow);
    receive(flow, request);  // no pong
    pass(9999ms);
    EXPECT_THAT(listener.failed, IsEmpty());
    pass(1ms);
    EXPECT_THAT(
        listener.failed,
        ElementsAre(std::pair{flow.stream, std::string("no answer to a keep-alive within 10 s from "
                                                       "192.0.2.1:5060")}));
    EXPECT_THAT(sockets.closed, ElementsAre(flow.stream));
}

TEST_F(PingPong, AnswersThePeersPingWhileItWaitsForAPong) {
    const Flow flow = open();
    time_to_ping(flow);
    receive(flow, "\r\n\r\n");  // the peer's ping
    receive(flow, "\r\n");      // our pong
    EXPECT_EQ(connections().counters().pings_answered, 1U);
    pass(1min);
    EXPECT_THAT(listener.failed, IsEmpty());
}

TEST_F(PingPong, IsTheOpenersBusinessAndOffByDefault) {
    accept(at("192.0.2.7", 40'000));
    pass(1h);
    config.proxy_and_registration.use_ping_pong_keep_alive = false;
    open();
    pass(1h);
    EXPECT_THAT(sockets.written, IsEmpty());
    EXPECT_EQ(wheel.size(), 0U);
}

// T126
TEST_F(PingPong, FollowsAFlowTimer) {
    config.proxy_and_registration.use_ping_pong_keep_alive = false;
    const Flow flow = open();
    connections().keep_alive(flow.stream, 20s, now());
    EXPECT_GE(time_to_ping(flow), 16s);
    receive(flow, "\r\n");
    EXPECT_LE(time_to_ping(flow), 20s);
    receive(flow, "\r\n");
    pass(10s);
    connections().keep_alive(flow.stream, 20s, now());
    EXPECT_LE(time_to_ping(flow), 10s) << "the same again puts nothing off";
    receive(flow, "\r\n");
    connections().keep_alive(flow.stream, 0s, now());
    EXPECT_EQ(wheel.size(), 0U);
}

// T129
TEST_F(ConnectionsTest, AnAnswerGoesOverTheRequestsConnection) {
    const Flow flow = accept(at("192.0.2.7", 40'000));
    Via via;
    via.host = "192.0.2.7";
    EXPECT_EQ(connections().way_back(flow, via, now()), flow);
    EXPECT_TRUE(connections().send(flow, "answer"));
    EXPECT_EQ(sockets.written[flow.stream], "answer");
    EXPECT_THAT(sockets.opened, IsEmpty());
}

// T129
TEST_F(ConnectionsTest, AnAnswerWithoutItsConnectionGoesToSentBy) {
    const Flow flow = accept(at("192.0.2.7", 40'000));
    connections().stream_closed(flow.stream, "closed", now());
    Via via;
    via.host = "peer.example";
    via.port = 5070;
    const auto way = connections().way_back(flow, via, now());
    ASSERT_TRUE(way);
    EXPECT_EQ(way->remote, at("192.0.2.7", 5070));
    EXPECT_EQ(sockets.opened.at(0).peer.host, "peer.example");
    via.port.reset();
    EXPECT_EQ(connections().way_back(flow, via, now())->remote, at("192.0.2.7", 5060));
}

TEST_F(ConnectionsTest, AConnectionThatWasAcceptedIsNotUsedForRequests) {
    accept(registrar);
    EXPECT_TRUE(connections().flow_to(peer(), now()));
    EXPECT_EQ(sockets.opened.size(), 1U);
}

TEST_F(ConnectionsTest, TheirNumberIsBounded) {
    Connections few = make(1, 1);
    const auto first = few.flow_to(peer(), now());
    EXPECT_TRUE(first);
    EXPECT_TRUE(few.flow_to(peer(), now()));
    EXPECT_FALSE(few.flow_to(peer(Transport::tls, "x"), now()));
    const StreamId accepted = few.stream_accepted(Transport::tcp, 0, registrar, now());
    EXPECT_NE(accepted, 0U);
    EXPECT_EQ(few.stream_accepted(Transport::tcp, 0, registrar, now()), 0U);
    EXPECT_EQ(few.counters().refused, 2U);
    few.stream_closed(accepted, "closed", now());
    few.stream_closed(first->stream, "refused", now());
    EXPECT_NE(few.stream_accepted(Transport::tcp, 0, registrar, now()), 0U);
    EXPECT_TRUE(few.flow_to(peer(Transport::tls, "x"), now()));
}

TEST_F(ConnectionsTest, ARefusedFirstWriteFailsTheConnection) {
    const auto flow = connections().flow_to(peer(), now());
    connections().send(*flow, "x");
    sockets.is_stuck = true;
    connections().stream_opened(flow->stream, now());
    EXPECT_EQ(listener.failed.size(), 1U);
    EXPECT_THAT(sockets.closed, ElementsAre(flow->stream));
}

TEST_F(ConnectionsTest, UnknownStreamsAreIgnored) {
    connections().stream_opened(77, now());
    connections().stream_received(77, "x", now());
    connections().stream_closed(77, "x", now());
    connections().keep_alive(77, 1s, now());
    EXPECT_FALSE(connections().is_alive(77));
    EXPECT_THAT(listener.failed, IsEmpty());
}

}  // namespace
}  // namespace trunkline::sipstack::testing
