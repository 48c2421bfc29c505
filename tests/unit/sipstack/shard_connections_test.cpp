// Registrations over TCP and TLS on one shard: which requests go there, what a connection's end
// does, and that the pace holds while one is being opened.
#include "tests/unit/sipstack/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using State = RegistrationState;

Config with_tcp(std::size_t accounts = 1) {
    Config config = with_accounts(accounts);
    config.sip_interfaces[0].tcp_port = 5060;
    config.sip_interfaces[0].tls_port = 5061;
    return config;
}

Config with_a_long_name() {
    Config config = with_tcp();
    config.accounts[0].contact_user = std::string(600, '7');
    return config;
}

// T120
TEST(LargeRequest, GoesByTcp) {
    Fleet fleet(with_a_long_name());
    fleet.start();
    EXPECT_EQ(fleet.sender.sent.size(), 0U);
    ASSERT_EQ(fleet.sockets.opened.size(), 1U);
    const StreamId id = fleet.sockets.opened[0].id;
    EXPECT_EQ(fleet.sockets.opened[0].peer.remote, first.endpoint);
    fleet.shard.stream_opened(id, fleet.now);
    const std::string& text = fleet.sockets.written[id];
    EXPECT_THAT(text, HasSubstr("Via: SIP/2.0/TCP 192.0.2.10:5060;"));
    EXPECT_THAT(text, HasSubstr("@192.0.2.10;transport=tcp>"));
    fleet.shard.stream_received(id, Fleet::answer_to(text, 200), fleet.now);
    EXPECT_EQ(fleet.row("a0").state, State::registered);
}

// T120
TEST(LargeRequest, ComesBackToUdpWhereTcpIsRefused) {
    Fleet fleet(with_a_long_name());
    fleet.start();
    ASSERT_EQ(fleet.sockets.opened.size(), 1U);
    fleet.shard.stream_closed(fleet.sockets.opened[0].id, "connection refused", fleet.now);
    fleet.pass(1ms);
    ASSERT_EQ(fleet.sender.sent.size(), 1U);
    EXPECT_GT(fleet.sender.sent[0].bytes.size(), Registration::largest_datagram);
    EXPECT_THAT(fleet.header("Via"), StartsWith("SIP/2.0/UDP "));
    fleet.answer_all();
    EXPECT_EQ(fleet.row("a0").state, State::registered);
    fleet.pass(90s);
    EXPECT_EQ(fleet.sender.sent.size(), 2U);
    EXPECT_EQ(fleet.sockets.opened.size(), 1U) << "it is known that there is no TCP";
}

// T120
TEST(LargeRequest, IsSentByUdpWhereTheInterfaceHasNoTcp) {
    Config config = with_a_long_name();
    config.sip_interfaces[0].tcp_port = 0;
    Fleet fleet(config);
    fleet.start();
    EXPECT_EQ(fleet.sender.sent.size(), 1U);
}

/// Up over TCP; returns its connection.
StreamId up_over(Fleet& fleet, Transport transport) {
    fleet.start({{{bench_registrar.address, 5060}, transport}});
    const StreamId id = fleet.sockets.opened.at(0).id;
    fleet.shard.stream_opened(id, fleet.now);
    fleet.shard.stream_received(id, Fleet::answer_to(fleet.sockets.written[id], 200), fleet.now);
    EXPECT_EQ(fleet.row("a0").state, State::registered);
    return id;
}

// T130
TEST(ConnectionFailure, RegistersAgainAtOnceWhereThePageSaysSo) {
    Config config = with_tcp();
    config.proxy_and_registration.re_register_on_connection_failure = true;
    Fleet fleet(config);
    const StreamId id = up_over(fleet, Transport::tcp);
    fleet.pass(Registration::min_interval);
    fleet.shard.stream_closed(id, "closed", fleet.now);
    fleet.pass(1ms);
    EXPECT_EQ(fleet.sockets.opened.size(), 2U);
}

// T130
TEST(ConnectionFailure, AServerThatClosesAfterEachAnswerIsAskedOnceASecondAtMost) {
    Config config = with_tcp();
    config.proxy_and_registration.re_register_on_connection_failure = true;
    Fleet fleet(config);
    fleet.start({{bench_registrar, Transport::tcp}});
    for (std::size_t round = 1; round <= 10; ++round) {
        ASSERT_EQ(fleet.sockets.opened.size(), round);
        const StreamId id = fleet.sockets.opened.back().id;
        fleet.shard.stream_opened(id, fleet.now);
        fleet.shard.stream_received(id, Fleet::answer_to(fleet.sockets.written[id], 200),
                                    fleet.now);
        fleet.shard.stream_closed(id, "closed", fleet.now);
        fleet.pass(Registration::min_interval - 20ms);
        ASSERT_EQ(fleet.sockets.opened.size(), round);
        EXPECT_TRUE(fleet.row("a0").registered);
        fleet.pass(20ms);
    }
}

// T126, T130
TEST(ConnectionFailure, AFlowOfOutboundIsPingedAndReplacedWhenItFails) {
    Config config = with_tcp();
    config.accounts[0].outbound = true;
    Fleet fleet(config);
    fleet.start({{{bench_registrar.address, 5060}, Transport::tcp}});
    const StreamId id = fleet.sockets.opened.at(0).id;
    fleet.shard.stream_opened(id, fleet.now);
    fleet.shard.stream_received(
        id, Fleet::answer_to(fleet.sockets.written[id], 200, "Flow-Timer: 20\r\n"), fleet.now);
    fleet.pass(20s);
    EXPECT_TRUE(fleet.sockets.written[id].ends_with("\r\n\r\n\r\n\r\n")) << "a ping";
    fleet.pass(5s);
    EXPECT_EQ(fleet.sockets.opened.size(), 1U);
    fleet.pass(6s);
    EXPECT_THAT(fleet.sockets.closed, ElementsAre(id));
    EXPECT_EQ(fleet.sockets.opened.size(), 2U) << "no pong in 10 s: another flow";
}

// T130
TEST(ConnectionFailure, WaitsForTheRefreshOtherwise) {
    Fleet fleet(with_tcp());
    const StreamId id = up_over(fleet, Transport::tcp);
    fleet.shard.stream_closed(id, "closed", fleet.now);
    fleet.pass(80s);
    EXPECT_EQ(fleet.sockets.opened.size(), 1U);
    EXPECT_EQ(fleet.row("a0").state, State::registered);
    fleet.pass(10s);
    EXPECT_EQ(fleet.sockets.opened.size(), 2U);
}

// T130
TEST(ConnectionFailure, OfAnEarlierRunIsCertain) {
    for (const bool wanted : {true, false}) {
        Config config = with_tcp();
        Fleet before(config);
        up_over(before, Transport::tcp);
        config.proxy_and_registration.re_register_on_connection_failure = wanted;
        Fleet after(config);
        after.now = before.now;
        after.shard.restore(std::span(&before.journal.records.back(), 1), after.now);
        after.start({{bench_registrar, Transport::tcp}});
        EXPECT_EQ(after.sockets.opened.size(), wanted ? 1U : 0U);
    }
}

std::size_t requests_in(const std::string& text) {
    std::size_t count = 0;
    for (auto at = text.find("REGISTER sip:"); at != text.npos;
         at = text.find("REGISTER sip:", at + 1)) {
        ++count;
    }
    return count;
}

Config with_a_rate(Config config) {
    config.proxy_sets[0].registration_rate = 10;
    return config;
}

/// What had its turn while the connection was being opened must not leave in a burst.
TEST(PaceOfAConnection, HoldsWhenItOpensLate) {
    for (const bool is_large : {false, true}) {
        Config config = with_a_rate(with_tcp(20));
        for (Account& account : config.accounts) {
            account.host_name += is_large ? std::string(500, 'x') : "";
        }
        Fleet fleet(config);
        fleet.start({{bench_registrar, is_large ? Transport::udp : Transport::tcp}});
        ASSERT_EQ(fleet.sockets.opened.size(), 1U);
        const StreamId id = fleet.sockets.opened[0].id;
        fleet.pass(3s);
        EXPECT_EQ(fleet.sockets.written[id], "");
        fleet.shard.stream_opened(id, fleet.now);
        EXPECT_LE(requests_in(fleet.sockets.written[id]), 2U)
            << "the one that opened it, and one whose turn it is";
        for (int tenth = 0; tenth < 20; ++tenth) {
            const std::size_t before = requests_in(fleet.sockets.written[id]);
            fleet.pass(100ms);
            EXPECT_LE(requests_in(fleet.sockets.written[id]), before + 1);
        }
        const std::string& written = fleet.sockets.written[id];
        EXPECT_EQ(requests_in(written), 20U);
        EXPECT_EQ(written.find("CSeq: 2 "), written.npos) << "no number was used up";
        EXPECT_EQ(fleet.sockets.opened.size(), 1U);
        EXPECT_EQ(fleet.sender.sent.size(), 0U);
    }
}

TEST(PaceOfAConnection, AllThatWaitForItFailWithIt) {
    Fleet fleet(with_a_rate(with_tcp(20)));
    fleet.start({{bench_registrar, Transport::tcp}});
    fleet.pass(3s);
    EXPECT_FALSE(fleet.shard.is_quiet());
    fleet.shard.stream_closed(fleet.sockets.opened[0].id, "connection refused", fleet.now);
    for (int number = 0; number < 20; ++number) {
        const auto row = fleet.row(fmt::format("a{}", number));
        EXPECT_EQ(row.state, State::failed) << number;
        EXPECT_EQ(row.reason, "connection refused") << number;
    }
    EXPECT_EQ(fleet.shard.usage().held, 0U);
    EXPECT_TRUE(fleet.shard.is_quiet());
}

TEST(PaceOfAConnection, WhoLeavesDoesNotWaitForIt) {
    Fleet fleet(with_a_rate(with_tcp(20)));
    fleet.start({{bench_registrar, Transport::tcp}});
    fleet.pass(3s);
    fleet.shard.unregister_all(fleet.now);
    EXPECT_EQ(fleet.shard.unregister_progress().unfinished, 1U) << "the one that opened it";
    const StreamId id = fleet.sockets.opened[0].id;
    fleet.shard.stream_opened(id, fleet.now);
    fleet.pass(3s);
    EXPECT_EQ(requests_in(fleet.sockets.written[id]), 1U);
}

Config tmedia_over_tcp() {
    Config config = with_tcp();
    config.proxy_and_registration.retry_profile = RetryProfile::tmedia;
    return config;
}

// TD4
TEST(TraceD, AClosedTcpPortIsTriedEveryFiveSeconds) {
    Fleet fleet(tmedia_over_tcp());
    fleet.start({{bench_registrar, Transport::tcp}});
    for (std::size_t attempt = 1; attempt <= 10; ++attempt) {
        ASSERT_EQ(fleet.sockets.opened.size(), attempt);
        fleet.shard.stream_closed(fleet.sockets.opened.back().id, "connection refused", fleet.now);
        fleet.pass(4999ms);
        ASSERT_EQ(fleet.sockets.opened.size(), attempt);
        fleet.pass(1ms);
    }
}

// TD5
TEST(TraceD, TcpThatIsOpenAndSilentTakesThirtySevenSeconds) {
    Fleet fleet(tmedia_over_tcp());
    fleet.start({{bench_registrar, Transport::tcp}});
    const StreamId id = fleet.sockets.opened.at(0).id;
    fleet.shard.stream_opened(id, fleet.now);
    const std::size_t once = fleet.sockets.written[id].size();
    fleet.pass(36s);
    EXPECT_EQ(fleet.row("a0").state, State::failed);
    EXPECT_EQ(fleet.sockets.written[id].size(), once) << "no retransmission on a stream";
    fleet.pass(1s);
    EXPECT_EQ(fleet.row("a0").cseq, 2U);
}

// T12
TEST(Sips, AddressOfRecordHasASipsContact) {
    Config config = with_tcp();
    config.enable_sips = true;
    config.proxy_sets[0].addresses[0].transport = Transport::tls;
    Fleet fleet(config);
    fleet.start({{{bench_registrar.address, 5061}, Transport::tls}});
    const StreamId id = fleet.sockets.opened.at(0).id;
    fleet.shard.stream_opened(id, fleet.now);
    const std::string& text = fleet.sockets.written[id];
    EXPECT_THAT(text, StartsWith("REGISTER sips:lab.example SIP/2.0\r\n"));
    EXPECT_EQ(Fleet::header_of(text, "To"), "<sips:100@lab.example>");
    EXPECT_THAT(Fleet::header_of(text, "Contact"), StartsWith("<sips:100@192.0.2.10"));
}

}  // namespace
}  // namespace trunkline::sipstack
