#include "sipstack/proxy_set/keep_alive.h"

#include "sipstack/message/message.h"
#include "tests/unit/sipstack/transport/fake_stream_sockets.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::sipstack {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr Instant start{Milliseconds{1'000'000}};

Target target(uint32_t number, const std::string& host = "proxy.example") {
    Target result;
    result.endpoint = {dataplane::IpAddress::v4(0xc0000200 + number), 5060};
    result.host = host;
    return result;
}

const Target a = target(1), b = target(2), c = target(3);

/// Servers that answer with a status, at once, or are silent.
class Servers final : public MessageSender {
public:
    struct Sent {
        int64_t at;
        dataplane::Endpoint to;
        std::string text;
    };

    explicit Servers(const TimerWheel& wheel) : wheel_(wheel) {}

    bool send(const Flow& flow, std::string_view bytes) override {
        if (is_down) {
            return false;
        }
        sent.push_back({(wheel_.now() - start).count(), flow.remote, std::string(bytes)});
        if (statuses.contains(flow.remote)) {
            answers.emplace_back(flow, answer(std::string(bytes), statuses[flow.remote]));
        }
        return true;
    }

    static std::string answer(const std::string& request_text, int status) {
        const auto request = Message::parse(request_text);
        return fmt::format(
            "SIP/2.0 {} X\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {} "
            "OPTIONS\r\nContent-Length: 0\r\n\r\n",
            status, request->rows("Via")[0], request->rows("From")[0], request->rows("To")[0],
            request->call_id(), request->cseq());
    }

    std::vector<int64_t> times(const Target& to) const {
        std::vector<int64_t> result;
        for (const Sent& message : sent) {
            if (message.to == to.endpoint) {
                result.push_back(message.at);
            }
        }
        return result;
    }

    bool is_down = false;
    std::map<dataplane::Endpoint, int> statuses;  ///< absent: silent
    std::vector<Sent> sent;
    std::vector<std::pair<Flow, std::string>> answers;  ///< on their way

private:
    const TimerWheel& wheel_;
};

class KeepAliveTest : public ::testing::Test {
protected:
    KeepAliveTest() {
        SipInterface interface;
        interface.address = dataplane::IpAddress::v4(0xc000020a);
        config.sip_interfaces.push_back(interface);
        set().name = "ITSP";
        set().keep_alive = KeepAlive::using_options;
        for (const Target& one : {a, b, c}) {
            servers.statuses[one.endpoint] = 200;
        }
    }

    ProxySet& set() { return config.proxy_sets.at(0); }
    void follow(std::vector<Target> targets) {
        state.set_targets(targets);
        monitor.follow_servers(wheel.now());
    }
    void pass(Milliseconds span) {
        const Instant end = wheel.now() + span;
        deliver();
        for (auto next = wheel.next_deadline(); next && *next <= end;
             next = wheel.next_deadline()) {
            wheel.advance(*next);
            deliver();
        }
        wheel.advance(end);
    }
    void deliver() {
        for (const auto& [flow, text] : std::exchange(servers.answers, {})) {
            receive(flow, text);
        }
    }
    void receive(const Flow& flow, const std::string& text) {
        const auto message = Message::parse(text);
        ASSERT_TRUE(message);
        transactions.receive_response(*message, flow, wheel.now());
    }
    /// "+1 -2": which server came or went, in order; forgets it.
    std::string news() {
        std::string text;
        for (const auto& [at, word] : std::exchange(told, {})) {
            text += text.empty() ? word : " " + word;
        }
        return text;
    }
    void silence(const Target& one) { servers.statuses.erase(one.endpoint); }

    Config config = [] {
        Config fresh;
        fresh.proxy_sets.emplace_back();
        return fresh;
    }();
    TimerWheel wheel{start};
    Servers servers{wheel};
    Random random{Random::seed_from(11)};
    TransactionLayer transactions{wheel, servers, config.timers, 17};
    Connections connections{config, servers};
    ProxySetState state{config.proxy_sets.at(0), config.proxy_and_registration, random};
    std::vector<std::pair<int64_t, std::string>> told;
    KeepAliveMonitor monitor{0,
                             state,
                             {config, 3, wheel, random, transactions, connections},
                             [this](const Target& one, bool online, Instant now) {
                                 told.emplace_back((now - start).count(),
                                                   fmt::format("{}{}", online ? "+" : "-",
                                                               one.endpoint.address.bytes[3]));
                                 state.set_online(one, online);
                             }};
};

TEST_F(KeepAliveTest, ProbesEachServerEveryKeepAliveTimeFromARandomMomentOn) {
    set().keep_alive_time = Seconds(60);
    follow({a, b, c});
    EXPECT_THAT(servers.sent, IsEmpty());
    pass(Seconds(200));
    for (const Target& one : {a, b, c}) {
        const auto times = servers.times(one);
        ASSERT_THAT(times, SizeIs(4));
        EXPECT_THAT(times[0], AllOf(Ge(0), Le(1000)));
        for (std::size_t i = 1; i < times.size(); ++i) {
            EXPECT_EQ(times[i] - times[i - 1], 60'000);
        }
    }
    EXPECT_NE(servers.times(a)[0], servers.times(b)[0]);
    EXPECT_NE(servers.times(b)[0], servers.times(c)[0]);
    EXPECT_EQ(news(), "");
    EXPECT_EQ(transactions.live(), 0U);
}

TEST_F(KeepAliveTest, SendsNothingWithoutKeepAliveByOptions) {
    for (const KeepAlive keep_alive : {KeepAlive::disable, KeepAlive::using_register}) {
        set().keep_alive = keep_alive;
        follow({a, b});
        pass(Seconds(200));
        EXPECT_THAT(servers.sent, IsEmpty());
        EXPECT_EQ(wheel.size(), 0U);
    }
}

TEST_F(KeepAliveTest, WritesAnOptionsOutsideAnyDialog) {
    config.user_agent = "Trunkline/test";
    follow({a});
    pass(Seconds(1));
    ASSERT_THAT(servers.sent, SizeIs(1));
    const std::string text = servers.sent[0].text;
    EXPECT_THAT(text, StartsWith("OPTIONS sip:proxy.example SIP/2.0\r\n"
                                 "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK"));
    const auto request = Message::parse(text);
    ASSERT_TRUE(request) << request.error().reason;
    EXPECT_TRUE(request->vias()[0].has_rport);
    EXPECT_EQ(request->rows("Max-Forwards")[0], "70");
    EXPECT_THAT(std::string(request->rows("From")[0]), StartsWith("<sip:192.0.2.10>;tag="));
    EXPECT_EQ(request->rows("To")[0], "<sip:192.0.2.10>");
    EXPECT_EQ(request->rows("Contact")[0], "<sip:192.0.2.10>");
    EXPECT_EQ(request->rows("Allow")[0], "OPTIONS");
    EXPECT_EQ(request->rows("User-Agent")[0], "Trunkline/test");
    EXPECT_EQ(request->cseq(), 1U);
    EXPECT_THAT(std::string(request->call_id()), HasSubstr("@192.0.2.10"));
    pass(Seconds(60));
    ASSERT_THAT(servers.sent, SizeIs(2));
    const auto second = Message::parse(servers.sent[1].text);
    EXPECT_NE(second->vias()[0].branch, request->vias()[0].branch);
    EXPECT_NE(second->call_id(), request->call_id());
}

TEST_F(KeepAliveTest, HostsFollowTheirParameters) {
    auto& page = config.proxy_and_registration;
    config.sip_interfaces[0].udp_port = 5080;
    Target numeric = target(4, "192.0.2.4");
    numeric.endpoint.port = 5070;
    servers.statuses[numeric.endpoint] = 200;
    const auto probe = [&] {
        follow({});
        follow({numeric});
        pass(Seconds(1));
        return servers.sent.back().text;
    };
    std::string text = probe();
    EXPECT_THAT(text, StartsWith("OPTIONS sip:192.0.2.4:5070 SIP/2.0\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nContact: <sip:192.0.2.10:5080>\r\n"));
    page.use_gateway_name_for_options = GatewayNameForOptions::yes;
    EXPECT_THAT(probe(), HasSubstr("\r\nTo: <sip:192.0.2.10>\r\n"));
    page.gateway_name = "gw.example";
    text = probe();
    EXPECT_THAT(text, HasSubstr("\r\nTo: <sip:gw.example>\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nFrom: <sip:gw.example>;tag="));
    EXPECT_THAT(text, HasSubstr("\r\nContact: <sip:192.0.2.10:5080>\r\n"));
    page.use_gateway_name_for_options = GatewayNameForOptions::server;
    text = probe();
    EXPECT_THAT(text, StartsWith("OPTIONS sip:192.0.2.4:5070 SIP/2.0\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nTo: <sip:192.0.2.10>\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nFrom: <sip:192.0.2.10>;tag="));
}

TEST_F(KeepAliveTest, SpeaksIpv6) {
    config.sip_interfaces[0].address = *dataplane::IpAddress::parse("2001:db8::10");
    Target six = target(1, "2001:db8::1");
    six.endpoint.address = *dataplane::IpAddress::parse("2001:db8::1");
    servers.statuses[six.endpoint] = 200;
    follow({six});
    pass(Seconds(1));
    ASSERT_THAT(servers.sent, SizeIs(1));
    const std::string& text = servers.sent[0].text;
    EXPECT_THAT(text, StartsWith("OPTIONS sip:[2001:db8::1] SIP/2.0\r\n"
                                 "Via: SIP/2.0/UDP [2001:db8::10]:5060;branch="));
    EXPECT_THAT(text, HasSubstr("\r\nContact: <sip:[2001:db8::10]>\r\n"));
    EXPECT_TRUE(Message::parse(text));
    EXPECT_EQ(news(), "");
}

TEST_F(KeepAliveTest, AnyFinalAnswerIsGoodUnlessItsCodeIsListed) {
    set().keep_alive_failure_responses = {503, 480};
    follow({a});
    for (const int status : {200, 301, 404, 405, 486, 500, 603}) {
        servers.statuses[a.endpoint] = status;
        pass(Seconds(61));
        EXPECT_EQ(news(), "") << status;
    }
    servers.statuses[a.endpoint] = 503;
    pass(Seconds(61));
    EXPECT_EQ(news(), "-1");
    servers.statuses[a.endpoint] = 500;
    pass(Seconds(61));
    EXPECT_EQ(news(), "+1");
    servers.statuses[a.endpoint] = 480;
    pass(Seconds(61));
    EXPECT_EQ(news(), "-1");
}

TEST_F(KeepAliveTest, AProvisionalAnswerIsNone) {
    follow({a});
    servers.statuses[a.endpoint] = 100;
    pass(Seconds(34));
    EXPECT_EQ(news(), "-1");
}

TEST_F(KeepAliveTest, SilenceAfterTheConfiguredTransmissionsTakesAServerOffline) {
    set().failure_detection_retransmissions = 3;
    silence(a);
    follow({a, b});
    pass(Seconds(20));
    const auto times = servers.times(a);
    ASSERT_THAT(times, SizeIs(3));
    EXPECT_EQ(times[2] - times[0], 1500);
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told[0].first - times[0], 3500);
    EXPECT_EQ(news(), "-1");
    EXPECT_FALSE(state.servers()[0].online);
    EXPECT_TRUE(state.servers()[1].online);
    EXPECT_EQ(transactions.live(), 0U);
}

TEST_F(KeepAliveTest, TransmissionsDefaultToThoseOfEveryRequest) {
    silence(a);
    follow({a});
    pass(Seconds(40));
    EXPECT_THAT(servers.times(a), SizeIs(11));
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told[0].first - servers.sent[0].at, 32'000);
    servers.sent.clear();
    config.timers.max_transmissions = 2;
    pass(Seconds(40));
    EXPECT_THAT(servers.times(a), SizeIs(2));
    set().failure_detection_retransmissions = 0;
    servers.sent.clear();
    pass(Seconds(60));
    EXPECT_THAT(servers.times(a), SizeIs(1));
}

TEST_F(KeepAliveTest, ATransportErrorTakesAServerOfflineAtOnce) {
    follow({a});
    servers.is_down = true;
    pass(Seconds(1));
    EXPECT_EQ(news(), "-1");
    servers.is_down = false;
    pass(Seconds(60));
    EXPECT_EQ(news(), "+1");
    silence(a);
    pass(Seconds(59));
    servers.is_down = true;  // at a retransmission
    pass(Seconds(3));
    EXPECT_EQ(news(), "-1");
}

TEST_F(KeepAliveTest, AServerThatItsSipInterfaceCannotReachIsOffline) {
    Target tcp = b, six = c;
    tcp.transport = Transport::tcp;
    six.endpoint.address = *dataplane::IpAddress::parse("2001:db8::3");
    follow({a, tcp, six});
    pass(Seconds(1));
    EXPECT_FALSE(state.servers()[1].online || state.servers()[2].online);
    EXPECT_TRUE(state.servers()[0].online);
    EXPECT_THAT(servers.sent, SizeIs(1));
}

TEST_F(KeepAliveTest, ComesBackAfterEnoughGoodProbesInARow) {
    set().failure_detection_retransmissions = 1;
    set().success_detection_retries = 3;
    set().success_detection_interval = Seconds(4);
    silence(a);
    follow({a});
    pass(Seconds(10));
    EXPECT_EQ(news(), "-1");
    const int64_t first = servers.sent[0].at;
    servers.statuses[a.endpoint] = 200;
    pass(Seconds(56));  // good ones at 60 and 64
    EXPECT_EQ(news(), "");
    silence(a);
    pass(Seconds(10));  // none at 68
    EXPECT_EQ(news(), "");
    servers.statuses[a.endpoint] = 200;
    pass(Seconds(62));  // good ones at 128, 132, 136
    EXPECT_EQ(news(), "+1");
    EXPECT_EQ(state.active()->target, a);
    pass(Seconds(60));
    std::vector<int64_t> times;
    for (const int64_t at : servers.times(a)) {
        times.push_back((at - first) / 1000);
    }
    EXPECT_THAT(times, ElementsAre(0, 60, 64, 68, 128, 132, 136, 196));
    EXPECT_EQ(news(), "");
}

TEST_F(KeepAliveTest, FindsAServerAgainThatAFailedRequestTookOffline) {
    follow({a});
    pass(Seconds(30));
    state.did_not_serve(a, wheel.now());
    pass(Seconds(31));
    EXPECT_EQ(news(), "+1");
}

TEST_F(KeepAliveTest, ServersHaveOneTransactionAtATime) {
    set().keep_alive_time = Seconds(5);
    silence(a);
    follow({a});
    pass(Seconds(200));
    std::map<std::string, std::pair<int64_t, int64_t>> lives;  // by branch
    for (const auto& sent : servers.sent) {
        const std::string branch(Message::parse(sent.text)->vias()[0].branch);
        lives.try_emplace(branch, sent.at, sent.at).first->second.second = sent.at;
    }
    std::vector<std::pair<int64_t, int64_t>> spans;
    for (const auto& [branch, span] : lives) {
        spans.push_back(span);
    }
    std::ranges::sort(spans);
    ASSERT_GE(spans.size(), 5U);
    for (std::size_t i = 1; i < spans.size(); ++i) {
        EXPECT_EQ(spans[i].first - spans[i - 1].first, 33'000);
        EXPECT_LT(spans[i - 1].second, spans[i].first);
    }
    EXPECT_EQ(news(), "-1");
}

TEST_F(KeepAliveTest, ListenersThatDoNothingAreToldAgain) {
    std::vector<bool> heard;
    KeepAliveMonitor deaf(0, state, {config, 3, wheel, random, transactions, connections},
                          [&](const Target&, bool online, Instant) { heard.push_back(online); });
    state.set_targets(std::vector<Target>{a});
    servers.is_down = true;
    deaf.follow_servers(wheel.now());
    pass(Seconds(61));
    EXPECT_THAT(heard, ElementsAre(false, false));
}

TEST_F(KeepAliveTest, ProbesOfServersThatAreGoneEndUnheardAndTheOthersGoOn) {
    silence(a);
    follow({a, b});
    pass(Seconds(10));
    const auto before = servers.times(b);
    const std::string probe_of_a =
        std::ranges::find(servers.sent, a.endpoint, &Servers::Sent::to)->text;
    follow({b, c});
    EXPECT_EQ(transactions.live(), 0U);
    receive({}, Servers::answer(probe_of_a, 503));
    servers.sent.clear();
    pass(Seconds(120));
    EXPECT_THAT(servers.times(a), IsEmpty());
    EXPECT_THAT(servers.times(b), ElementsAre(before[0] + 60'000, before[0] + 120'000));
    EXPECT_THAT(servers.times(c), SizeIs(2));
    EXPECT_EQ(news(), "");
    follow({});
    EXPECT_EQ(wheel.size(), 0U);
}

TEST_F(KeepAliveTest, ProbesOnlyTheActiveServerAndAllWhenNoneIsOnline) {
    set().keep_alive = KeepAlive::using_options_on_active_server;
    set().failure_detection_retransmissions = 2;
    follow({a, b, c});
    pass(Seconds(61));
    EXPECT_THAT(servers.times(a), SizeIs(2));
    EXPECT_THAT(servers.sent, SizeIs(2));
    silence(a);
    pass(Seconds(65));
    EXPECT_EQ(news(), "-1");
    EXPECT_EQ(state.active()->target, b);
    servers.sent.clear();
    pass(Seconds(60));
    EXPECT_THAT(servers.times(b), Not(IsEmpty()));
    EXPECT_THAT(servers.times(a), IsEmpty());
    silence(b);
    silence(c);
    pass(Seconds(70));
    EXPECT_EQ(news(), "-2 -3");
    EXPECT_FALSE(state.is_online());
    servers.statuses[b.endpoint] = 200;
    pass(Seconds(70));
    EXPECT_EQ(news(), "+2");
    EXPECT_EQ(state.active()->target, b);
    servers.sent.clear();
    pass(Seconds(60));
    EXPECT_THAT(servers.sent, SizeIs(1));
}

TEST_F(KeepAliveTest, FollowsAnotherActiveServer) {
    set().keep_alive = KeepAlive::using_options_on_active_server;
    follow({a, b});
    pass(Seconds(10));
    state.served(b);
    monitor.follow_servers(wheel.now());
    servers.sent.clear();
    pass(Seconds(61));
    EXPECT_THAT(servers.times(a), IsEmpty());
    EXPECT_THAT(servers.times(b), SizeIs(2));
}

/// Probes over TLS, with the sockets in the test's hands.
class KeepAliveOverTls : public KeepAliveTest, public ConnectionListener {
protected:
    KeepAliveOverTls() {
        config.sip_interfaces[0].tls_port = 5061;
        set().tls_context_index = 2;
        server.transport = Transport::tls;
        server.endpoint.port = 5061;
        state.set_targets(std::vector<Target>{server});
        over_tls.follow_servers(wheel.now());
    }
    void on_message(const Flow& flow, std::string_view bytes, Instant) override {
        const auto message = Message::parse(bytes);
        ASSERT_TRUE(message);
        requests.receive_response(*message, flow, wheel.now());
    }
    void on_connection_failed(const Flow& flow, std::string_view reason, Instant now) override {
        requests.connection_lost(flow.stream, reason, now);
    }
    std::string& written() { return sockets.written[sockets.opened.back().id]; }

    Target server = target(1);
    testing::FakeStreamSockets sockets;
    spdlog::logger log{"test", std::make_shared<spdlog::sinks::null_sink_st>()};
    Connections streams{config, servers, {sockets, wheel, random, log, *this}};
    TransactionLayer requests{wheel, streams, config.timers, 17};
    std::vector<bool> heard;
    KeepAliveMonitor over_tls{0,
                              state,
                              {config, 3, wheel, random, requests, streams},
                              [this](const Target& one, bool online, Instant) {
                                  heard.push_back(online);
                                  state.set_online(one, online);
                              }};
};

TEST_F(KeepAliveOverTls, UsesOneConnectionToTheServerOfThatName) {
    pass(Seconds(1));
    ASSERT_THAT(sockets.opened, SizeIs(1));
    EXPECT_EQ(sockets.opened[0].peer,
              (StreamPeer{Transport::tls, 0, server.endpoint, "proxy.example", 2}));
    const StreamId id = sockets.opened[0].id;
    streams.stream_opened(id, wheel.now());
    EXPECT_THAT(written(), StartsWith("OPTIONS sip:proxy.example SIP/2.0\r\n"
                                      "Via: SIP/2.0/TLS 192.0.2.10:5061;branch="));
    EXPECT_THAT(written(), HasSubstr("\r\nContact: <sip:192.0.2.10;transport=tls>\r\n"));
    streams.stream_received(id, Servers::answer(written(), 200), wheel.now());
    EXPECT_EQ(requests.live(), 0U);
    written().clear();
    config.enable_sips = true;
    pass(Seconds(60));
    EXPECT_THAT(sockets.opened, SizeIs(1));
    EXPECT_THAT(written(), StartsWith("OPTIONS sips:proxy.example SIP/2.0\r\n"));
    EXPECT_THAT(heard, IsEmpty());
}

TEST_F(KeepAliveOverTls, AConnectionThatFailsTakesTheServerOfflineAtOnce) {
    pass(Seconds(1));
    ASSERT_THAT(sockets.opened, SizeIs(1));
    streams.stream_closed(sockets.opened[0].id, "connection refused", wheel.now());
    EXPECT_THAT(heard, ElementsAre(false));
    pass(Seconds(60));
    ASSERT_THAT(sockets.opened, SizeIs(2));
    streams.stream_opened(sockets.opened[1].id, wheel.now());
    streams.stream_received(sockets.opened[1].id, Servers::answer(written(), 200), wheel.now());
    EXPECT_THAT(heard, ElementsAre(false, true));
    pass(Seconds(60));
    streams.stream_closed(sockets.opened[1].id, "reset", wheel.now());
    EXPECT_THAT(heard, ElementsAre(false, true, false));
}

TEST_F(KeepAliveTest, DestructionLeavesNothingBehind) {
    {
        KeepAliveMonitor other(0, state, {config, 3, wheel, random, transactions, connections},
                               [](const Target&, bool, Instant) { FAIL(); });
        silence(a);
        state.set_targets(std::vector<Target>{a, b});
        other.follow_servers(wheel.now());
        pass(Seconds(1));
        EXPECT_GT(transactions.live(), 0U);
    }
    pass(Seconds(60));
    EXPECT_EQ(transactions.live(), 0U);
    EXPECT_EQ(wheel.size(), 0U);
}

}  // namespace
}  // namespace trunkline::sipstack
