#include "sipstack/shard.h"

#include "sipstack/shard_key.h"
#include "sipstack/transport/stun.h"
#include "tests/unit/sipstack/registration/registration_bench.h"
#include "tests/unit/sipstack/transport/fake_stream_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <set>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const dataplane::Endpoint appliance{dataplane::IpAddress::v4(0xc000020a), 5060};
const dataplane::Endpoint peer{dataplane::IpAddress::v4(0xc0000205), 6000};

struct ShardBench {
    explicit ShardBench(const Config& config = RegistrationBench::default_config(),
                        uint32_t index = 0)
        : shard(index, std::make_shared<const Config>(config), {sender, &sockets},
                Random::seed_from(3),
                std::make_shared<spdlog::logger>("shard",
                                                 std::make_shared<spdlog::sinks::null_sink_st>()),
                now) {}

    void receive(std::string_view bytes, const dataplane::Endpoint& from = peer) {
        shard.receive({Transport::udp, 0, appliance, from}, bytes, now);
    }
    /// REGISTERs are paced: what waits for its turn has it meanwhile.
    void pass(Milliseconds span) {
        for (const Instant end = now + span; now < end;) {
            shard.advance(now += 1ms);
        }
    }
    /// The status line of the answer to `bytes`; empty: there was none.
    std::string answer(std::string_view bytes) {
        const std::size_t before = sender.sent.size();
        receive(bytes);
        if (sender.sent.size() == before) {
            return {};
        }
        const std::string& text = sender.sent.back().bytes;
        return text.substr(0, text.find("\r\n"));
    }
    std::string header(std::string_view name) const {
        const auto message = Message::parse(sender.sent.back().bytes);
        const auto rows = message->rows(name);
        return rows.empty() ? "(none)" : std::string(rows[0]);
    }

    Instant now{1h};
    RecordingSender sender;
    testing::FakeStreamSockets sockets;
    Shard shard;
};

std::string request(const std::string& method, const std::string& more = "",
                    const std::string& uri = "sip:192.0.2.10") {
    static int number = 0;
    ++number;
    return fmt::format(
        "{0} {1} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.5:6000;branch=z9hG4bK{2}\r\n"
        "From: <sip:a@b>;tag=f\r\nTo: <sip:c@d>\r\nCall-ID: call{2}\r\nCSeq: 5 {0}\r\n{3}"
        "Content-Length: 0\r\n\r\n",
        method, uri, number, more);
}

// T158
TEST(ShardAnswers, OptionsWithWhatItCanDo) {
    ShardBench bench;
    EXPECT_EQ(bench.answer(request("OPTIONS", "Max-Forwards: 70\r\n")), "SIP/2.0 200 OK");
    EXPECT_EQ(bench.header("Allow"), "OPTIONS");
    EXPECT_EQ(bench.header("Accept"), "application/sdp");
    EXPECT_THAT(bench.sender.sent.back().bytes, HasSubstr("\r\nSupported:"));
    EXPECT_EQ(bench.header("Server"), "Trunkline/0.1.0");
    EXPECT_EQ(bench.sender.sent.back().flow.remote, peer);
    EXPECT_EQ(bench.shard.counters().requests_answered, 1U);
}

// T147: not forwarded, so a last hop is enough; an absent header is an old peer's.
TEST(ShardAnswers, OptionsAlsoAtTheLastHop) {
    ShardBench bench;
    EXPECT_EQ(bench.answer(request("OPTIONS", "Max-Forwards: 0\r\n")), "SIP/2.0 200 OK");
    EXPECT_EQ(bench.answer(request("OPTIONS")), "SIP/2.0 200 OK");
    EXPECT_THAT(bench.answer(request("OPTIONS", "Max-Forwards: 256\r\n")),
                StartsWith("SIP/2.0 400 "));
}

// T150, T152
TEST(ShardAnswers, OtherMethodsWithMethodNotAllowed) {
    ShardBench bench;
    for (const char* method : {"REGISTER", "INVITE", "BYE", "MESSAGE", "DANCE", "options"}) {
        EXPECT_EQ(bench.answer(request(method)), "SIP/2.0 405 Method Not Allowed") << method;
        EXPECT_EQ(bench.header("Allow"), "OPTIONS") << method;
    }
}

TEST(ShardAnswers, CancelWithNoSuchTransaction) {
    ShardBench bench;
    EXPECT_THAT(bench.answer(request("CANCEL")), StartsWith("SIP/2.0 481 "));
}

// T160
TEST(ShardAnswers, NoAck) {
    ShardBench bench;
    EXPECT_EQ(bench.answer(request("ACK")), "");
    EXPECT_EQ(bench.answer("ACK sip:x SIP/2.0\r\n\r\n"), "");
}

// T150
TEST(ShardAnswers, UnknownExtensionsByName) {
    ShardBench bench;
    EXPECT_EQ(bench.answer(request("OPTIONS", "Require: 100rel\r\nRequire: gin, foo\r\n")),
              "SIP/2.0 420 Bad Extension");
    EXPECT_EQ(bench.header("Unsupported"), "100rel, gin, foo");
}

// T151, T145
TEST(ShardAnswers, UnknownSchemesAndVersions) {
    ShardBench bench;
    EXPECT_THAT(bench.answer(request("OPTIONS", "", "nobodyKnowsThisScheme:totallyopaquecontent")),
                StartsWith("SIP/2.0 416 "));
    std::string future = request("OPTIONS");
    future.replace(future.find("SIP/2.0"), 7, "SIP/7.0");
    EXPECT_THAT(bench.answer(future), StartsWith("SIP/2.0 505 "));
}

// T143, T144, T146
TEST(ShardAnswers, UnparseableRequestsWhenThereIsAWayBack) {
    ShardBench bench;
    std::string wrong_cseq = request("OPTIONS");
    wrong_cseq.replace(wrong_cseq.find("CSeq: 5 OPTIONS"), 15, "CSeq: 5 REGISTER");
    EXPECT_THAT(bench.answer(wrong_cseq), StartsWith("SIP/2.0 400 "));
    EXPECT_EQ(bench.shard.counters().malformed_answered, 1U);
    std::string no_via = request("OPTIONS");
    no_via.erase(no_via.find("Via:"), no_via.find("From:") - no_via.find("Via:"));
    EXPECT_EQ(bench.answer(no_via), "");
    EXPECT_EQ(bench.shard.counters().malformed_dropped, 1U);
}

TEST(ShardReceives, GarbageWithoutHarm) {
    ShardBench bench;
    const std::string whole = request("OPTIONS");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        bench.receive(whole.substr(0, length));
        std::string holed = whole;
        holed[length] = '\0';
        bench.receive(holed);
    }
    bench.receive(std::string(65535, 'x'));
    bench.receive(std::string(65535, '\xff'));
    const ShardCounters& counters = bench.shard.counters();
    EXPECT_EQ(counters.received, whole.size() * 2 + 2);
    EXPECT_GT(counters.malformed_dropped, 0U);
    EXPECT_GT(counters.malformed_answered, 0U);
}

// T126: only streams answer a ping.
TEST(ShardReceives, KeepalivesInSilence) {
    ShardBench bench;
    for (const std::string_view bytes : {std::string_view("\r\n\r\n"), std::string_view("\r\n"),
                                         std::string_view(""), std::string_view("\0\0\0\0", 4)}) {
        EXPECT_EQ(bench.answer(bytes), "");
    }
    EXPECT_EQ(bench.shard.counters().keepalives, 4U);
}

// T126
TEST(ShardReceives, StunInSilenceAndNoSip) {
    ShardBench bench;
    EXPECT_EQ(bench.answer(stun_binding_request({1, 2, 3})), "");
    EXPECT_EQ(bench.shard.stun_counters().not_ours, 1U);
    EXPECT_EQ(bench.shard.counters().malformed_dropped, 0U);
}

TEST(ShardReceives, ARepeatedRequestAndRepeatsItsAnswer) {
    ShardBench bench;
    const std::string options = request("OPTIONS");
    bench.receive(options);
    bench.receive(options);
    ASSERT_EQ(bench.sender.sent.size(), 2U);
    EXPECT_EQ(bench.sender.sent[0].bytes, bench.sender.sent[1].bytes);
    EXPECT_EQ(bench.shard.counters().requests_answered, 1U);
}

class ShardStreams : public ::testing::TestWithParam<Transport> {
protected:
    static Config config() {
        Config config = RegistrationBench::default_config();
        config.sip_interfaces[0].tcp_port = 5060;
        config.sip_interfaces[0].tls_port = 5061;
        return config;
    }
    static std::string over(Transport transport, std::string text) {
        text.replace(text.find("UDP"), 3, transport == Transport::tls ? "TLS" : "TCP");
        return text;
    }
    StreamId accept() { return bench.shard.stream_accepted(GetParam(), 0, peer, bench.now); }

    ShardBench bench{config()};
};
INSTANTIATE_TEST_SUITE_P(Transports, ShardStreams,
                         ::testing::Values(Transport::tcp, Transport::tls));

// T129, T124, T158
TEST_P(ShardStreams, AnswerRequestsOverTheirConnection) {
    const StreamId id = accept();
    const std::string both =
        over(GetParam(), request("OPTIONS")) + over(GetParam(), request("INVITE"));
    bench.shard.stream_received(id, both.substr(0, 50), bench.now);
    EXPECT_EQ(bench.sockets.written[id], "");
    bench.shard.stream_received(id, both.substr(50), bench.now);
    EXPECT_THAT(bench.sockets.written[id], StartsWith("SIP/2.0 200 OK\r\n"));
    EXPECT_THAT(bench.sockets.written[id], HasSubstr("SIP/2.0 405 Method Not Allowed\r\n"));
    EXPECT_EQ(bench.sender.sent.size(), 0U);
    EXPECT_EQ(bench.shard.counters().requests_answered, 2U);
}

TEST_P(ShardStreams, RefuseWhatIsMalformedAndGoOn) {
    const StreamId id = accept();
    std::string wrong = over(GetParam(), request("OPTIONS"));
    wrong.replace(wrong.find("CSeq: 5 OPTIONS"), 15, "CSeq: 5 REGISTER");
    bench.shard.stream_received(id, wrong + over(GetParam(), request("OPTIONS")), bench.now);
    EXPECT_THAT(bench.sockets.written[id], StartsWith("SIP/2.0 400 "));
    EXPECT_THAT(bench.sockets.written[id], HasSubstr("SIP/2.0 200 OK"));
}

// T129: the first answer could not be written any more.
TEST_P(ShardStreams, AnswerOverANewConnectionWhenTheRequestsIsGone) {
    const StreamId id = accept();
    const std::string options = over(GetParam(), request("OPTIONS"));
    bench.shard.stream_closed(id, "closed", bench.now);
    bench.shard.stream_received(id, options, bench.now);
    EXPECT_EQ(bench.sockets.opened.size(), 0U) << "bytes of a closed stream are dropped";
    // A request that was being handled when its connection ended.
    bench.shard.receive({GetParam(), 0, appliance, peer, id}, options, bench.now);
    ASSERT_EQ(bench.sockets.opened.size(), 1U);
    EXPECT_EQ(bench.sockets.opened[0].peer.remote, (dataplane::Endpoint{peer.address, 6000}));
    const StreamId opened = bench.sockets.opened[0].id;
    bench.shard.stream_opened(opened, bench.now);
    EXPECT_THAT(bench.sockets.written[opened], StartsWith("SIP/2.0 200 OK"));
}

// T114: sent-by is judged by the port of the transport.
TEST_P(ShardStreams, TakeResponsesToTheirOwnPortAlone) {
    const StreamId id = accept();
    const auto response = [&](const std::string& sent_by) {
        bench.shard.stream_received(
            id,
            fmt::format("SIP/2.0 200 OK\r\nVia: SIP/2.0/{} {};branch=z9hG4bKx\r\nFrom: <sip:a@b>;"
                        "tag=f\r\nTo: <sip:c@d>;tag=t\r\nCall-ID: x\r\nCSeq: 5 OPTIONS\r\n"
                        "Content-Length: 0\r\n\r\n",
                        GetParam() == Transport::tls ? "TLS" : "TCP", sent_by),
            bench.now);
    };
    const bool is_tls = GetParam() == Transport::tls;
    response(is_tls ? "192.0.2.10:5060" : "192.0.2.10:5061");
    EXPECT_EQ(bench.shard.counters().responses_not_ours, 1U);
    response("192.0.2.10");
    response(is_tls ? "192.0.2.10:5061" : "192.0.2.10:5060");
    EXPECT_EQ(bench.shard.counters().responses_not_ours, 1U);
    EXPECT_EQ(bench.shard.transaction_counters().responses_unmatched, 2U);
}

TEST(ShardWithoutStreams, StillServesDatagrams) {
    RecordingSender sender;
    Shard shard(
        0, std::make_shared<const Config>(RegistrationBench::default_config()), {sender},
        Random::seed_from(3),
        std::make_shared<spdlog::logger>("shard", std::make_shared<spdlog::sinks::null_sink_st>()),
        Instant{1h});
    shard.receive({Transport::udp, 0, appliance, peer}, request("OPTIONS"), Instant{1h});
    EXPECT_EQ(sender.sent.size(), 1U);
}

class ShardRegisters : public ::testing::Test {
protected:
    /// The registrar's 200 to the REGISTER that is out.
    static std::string ok_to(const std::string& text) {
        const auto sent = Message::parse(text);
        return fmt::format(
            "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {} "
            "REGISTER\r\nContact: {}\r\nContent-Length: 0\r\n\r\n",
            sent->rows("Via")[0], sent->rows("From")[0], sent->rows("To")[0], sent->call_id(),
            sent->cseq(), sent->rows("Contact")[0]);
    }
    static ProxySetTargets targets() { return {0, {{bench_registrar, Transport::udp}}}; }
};

TEST_F(ShardRegisters, OnceStartedAndResolvedInEitherOrder) {
    ShardBench first;
    first.shard.set_targets(targets(), first.now);
    EXPECT_EQ(first.sender.sent.size(), 0U);
    first.shard.start(first.now);
    EXPECT_EQ(first.sender.sent.size(), 1U);
    ShardBench second;
    second.shard.start(second.now);
    EXPECT_EQ(second.sender.sent.size(), 0U);
    second.shard.set_targets(targets(), second.now);
    ASSERT_EQ(second.sender.sent.size(), 1U);
    second.receive(ok_to(second.sender.sent[0].bytes), bench_registrar);
    EXPECT_EQ(second.shard.registration_status(0, second.now).state, RegistrationState::registered);
    EXPECT_TRUE(second.shard.next_deadline());
}

TEST_F(ShardRegisters, EachAtItsOwnProxySetOrTheRegistrar) {
    Config config = RegistrationBench::default_config();
    config.proxy_and_registration.enable_registration = true;
    config.proxy_and_registration.gateway_registration_name = "gw";
    config.proxy_and_registration.registrar = ProxyAddress{"192.0.2.2", {}, Transport::udp};
    ShardBench bench(config);
    bench.shard.start(bench.now);
    bench.shard.set_targets(RegistrarTargets{{{bench_second_registrar, Transport::udp}}},
                            bench.now);
    ASSERT_EQ(bench.sender.sent.size(), 1U);
    EXPECT_EQ(bench.sender.sent[0].flow.remote, bench_second_registrar);
    bench.shard.set_targets(ProxySetTargets{1, targets().targets}, bench.now);
    EXPECT_EQ(bench.sender.sent.size(), 1U);
    bench.shard.set_targets(targets(), bench.now);
    bench.pass(10ms);
    ASSERT_EQ(bench.sender.sent.size(), 2U);
    EXPECT_EQ(bench.sender.sent[1].flow.remote, bench_registrar);
}

// T114, T63
TEST_F(ShardRegisters, TakingNoResponseThatIsNotItsOwn) {
    ShardBench bench;
    bench.shard.set_targets(targets(), bench.now);
    bench.shard.start(bench.now);
    const std::string good = ok_to(bench.sender.sent[0].bytes);
    std::string other_host = good;
    other_host.replace(other_host.find("192.0.2.10:5060;branch"), 10, "192.0.2.99");
    std::string other_port = good;
    other_port.replace(other_port.find(":5060;branch"), 5, ":5062");
    std::string two_vias = good;
    two_vias.insert(two_vias.find("From:"), "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKz\r\n");
    for (const std::string& bad : {other_host, other_port, two_vias}) {
        bench.receive(bad, bench_registrar);
        EXPECT_EQ(bench.shard.registration_status(0, bench.now).state,
                  RegistrationState::registering);
    }
    EXPECT_EQ(bench.shard.counters().responses_not_ours, 3U);
    std::string other_branch = good;
    other_branch.replace(other_branch.find("z9hG4bK") + 12, 1, "_");
    bench.receive(other_branch, bench_registrar);
    EXPECT_EQ(bench.shard.transaction_counters().responses_unmatched, 1U);
    EXPECT_FALSE(bench.shard.any_registered());
    bench.receive(good, bench_registrar);
    EXPECT_EQ(bench.shard.registration_status(0, bench.now).state, RegistrationState::registered);
    EXPECT_TRUE(bench.shard.any_registered());
}

TEST_F(ShardRegisters, OnlyItsShareOfTheRegistrants) {
    Config config = RegistrationBench::default_config();
    for (int extra = 1; extra < 7; ++extra) {
        Account account = config.accounts[0];
        account.name = fmt::format("extra{}", extra);
        account.contact_user = fmt::format("10{}", extra);
        config.accounts.push_back(account);
    }
    config.shards = 3;
    std::set<std::string> names;
    for (uint32_t index = 0; index < 3; ++index) {
        ShardBench bench(config, index);
        bench.shard.set_targets(targets(), bench.now);
        bench.shard.start(bench.now);
        bench.pass(100ms);
        EXPECT_EQ(bench.shard.registration_count(), bench.sender.sent.size());
        for (const auto& sent : bench.sender.sent) {
            EXPECT_EQ(owning_shard(ok_to(sent.bytes), 3), index);
        }
        for (std::size_t at = 0; at < bench.shard.registration_count(); ++at) {
            const RegistrationStatus row = bench.shard.registration_status(at, bench.now);
            EXPECT_EQ(row.shard, index);
            EXPECT_TRUE(names.insert(row.name).second);
        }
    }
    EXPECT_EQ(names.size(), 7U);
}

TEST_F(ShardRegisters, AndUnregistersAll) {
    ShardBench bench;
    bench.shard.set_targets(targets(), bench.now);
    bench.shard.start(bench.now);
    bench.receive(ok_to(bench.sender.sent[0].bytes), bench_registrar);
    EXPECT_TRUE(bench.shard.is_quiet());
    bench.shard.unregister_all(bench.now);
    EXPECT_FALSE(bench.shard.is_quiet());
    bench.pass(10ms);
    EXPECT_EQ(bench.header("Expires"), "0");
    bench.receive(ok_to(bench.sender.sent[1].bytes), bench_registrar);
    EXPECT_TRUE(bench.shard.is_quiet());
    EXPECT_EQ(bench.shard.registration_status(0, bench.now).state, RegistrationState::unregistered);
}

TEST_F(ShardRegisters, AndForgetsWhoIsGoneFromTheConfigurationOnceUnregistered) {
    ShardBench bench;
    bench.shard.set_targets(targets(), bench.now);
    bench.shard.start(bench.now);
    bench.receive(ok_to(bench.sender.sent[0].bytes), bench_registrar);
    Config config = RegistrationBench::default_config();
    config.accounts.clear();
    EXPECT_EQ(bench.shard.apply(config, bench.now).removed, 1U);
    bench.pass(3s);
    EXPECT_EQ(bench.shard.usage().leaving, 1U);
    EXPECT_EQ(bench.header("Expires"), "0");
    bench.receive(ok_to(bench.sender.sent.back().bytes), bench_registrar);
    bench.pass(1s);
    EXPECT_EQ(bench.shard.usage().leaving, 0U);
}

/// The un-REGISTER goes to the server of the set that is gone as well.
TEST_F(ShardRegisters, AndUnregistersWhoIsGoneTogetherWithHisProxySet) {
    ShardBench bench;
    bench.shard.set_targets(targets(), bench.now);
    bench.shard.start(bench.now);
    bench.receive(ok_to(bench.sender.sent[0].bytes), bench_registrar);
    Config config = RegistrationBench::default_config();
    config.accounts.clear();
    config.ip_groups.clear();
    config.proxy_sets.clear();
    EXPECT_EQ(bench.shard.apply(config, bench.now).removed, 1U);
    bench.pass(10ms);
    ASSERT_EQ(bench.sender.sent.size(), 2U);
    EXPECT_EQ(bench.header("Expires"), "0");
    EXPECT_EQ(bench.sender.sent[1].flow.remote, bench.sender.sent[0].flow.remote);
    bench.shard.apply(config, bench.now);  // it still leaves
    EXPECT_TRUE(bench.shard.proxy_sets(bench.now).empty());
    bench.receive(ok_to(bench.sender.sent[1].bytes), bench_registrar);
    bench.pass(3s);
    bench.shard.apply(config, bench.now);
    EXPECT_EQ(bench.shard.usage().leaving, 0U);
}

// T03, T10: two would dispute one binding.
TEST_F(ShardRegisters, AgainAsTheSameWhoComesBackWhileItUnregisters) {
    ShardBench bench;
    bench.shard.set_targets(targets(), bench.now);
    bench.shard.start(bench.now);
    bench.receive(ok_to(bench.sender.sent[0].bytes), bench_registrar);
    const std::string call_id = bench.header("Call-ID");
    Config config = RegistrationBench::default_config();
    config.accounts.clear();
    bench.shard.apply(config, bench.now);
    bench.pass(10ms);
    ASSERT_EQ(bench.sender.sent.size(), 2U);
    const auto change = bench.shard.apply(RegistrationBench::default_config(), bench.now);
    EXPECT_EQ(change.added, 1U);
    bench.pass(10ms);
    ASSERT_EQ(bench.sender.sent.size(), 2U);
    bench.receive(ok_to(bench.sender.sent[1].bytes), bench_registrar);
    bench.pass(10ms);
    ASSERT_EQ(bench.sender.sent.size(), 3U);
    EXPECT_EQ(bench.header("Call-ID"), call_id);
    EXPECT_EQ(bench.header("CSeq"), "3 REGISTER");
    EXPECT_EQ(bench.header("Expires"), "180");
    bench.receive(ok_to(bench.sender.sent[2].bytes), bench_registrar);
    bench.pass(2s);
    EXPECT_EQ(bench.shard.registration_status(0, bench.now).state, RegistrationState::registered);
    EXPECT_EQ(bench.shard.usage().leaving, 0U);
}

// What follows a message after an idle time happens then, not when the shard was last awake.
TEST_F(ShardRegisters, AtTheTimeOfTheNewsThatMadeItSo) {
    Config config = RegistrationBench::default_config();
    config.proxy_sets[0].keep_alive = KeepAlive::using_options;
    config.proxy_sets[0].keep_alive_time = Seconds(60);
    ShardBench bench(config);
    const Target second{bench_second_registrar, Transport::udp};
    bench.shard.set_targets(ProxySetTargets{0, {{bench_registrar, Transport::udp}, second}},
                            bench.now);
    bench.shard.start(bench.now);
    const auto is_register = [](const auto& sent) { return sent.bytes.starts_with("REGISTER"); };
    const auto registers = [&] { return std::ranges::count_if(bench.sender.sent, is_register); };
    bench.receive(ok_to(std::ranges::find_if(bench.sender.sent, is_register)->bytes),
                  bench_registrar);
    ASSERT_EQ(registers(), 1);
    bench.now += 400ms;
    bench.shard.take_news({0, {bench_registrar, Transport::udp}, false}, bench.now);
    bench.shard.advance(bench.now);
    ASSERT_EQ(registers(), 2);
    // Its first retransmission is half a second after it.
    bench.now += 499ms;
    bench.shard.advance(bench.now);
    EXPECT_EQ(registers(), 2);
}

TEST_F(ShardRegisters, AndHearsThatTheRegistrarIsUnreachable) {
    ShardBench bench;
    bench.shard.set_targets(targets(), bench.now);
    bench.shard.start(bench.now);
    const std::string sent = bench.sender.sent[0].bytes;
    const auto state = [&] { return bench.shard.registration_status(0, bench.now).state; };
    const auto quote = [&](std::string_view quoted, const dataplane::Endpoint& remote) {
        bench.shard.unreachable(remote, quoted, "192.0.2.1:5060 is unreachable (port)", bench.now);
    };
    quote(sent, bench_second_registrar);
    quote(sent.substr(0, sent.find("z9hG4bK")), bench_registrar);
    quote("", bench_registrar);
    EXPECT_EQ(state(), RegistrationState::registering);
    quote(std::string_view(sent).substr(0, sent.find("Max-Forwards")), bench_registrar);
    EXPECT_EQ(state(), RegistrationState::failed);
    EXPECT_THAT(bench.shard.registration_status(0, bench.now).reason, HasSubstr("unreachable"));
    EXPECT_EQ(bench.shard.counters().unreachable, 4U);
}

TEST_F(ShardRegisters, AndCountsWhatTheTransportRefuses) {
    ShardBench bench;
    bench.sender.is_broken = true;
    bench.shard.set_targets(targets(), bench.now);
    bench.shard.start(bench.now);
    EXPECT_EQ(bench.shard.counters().send_failures, 1U);
    EXPECT_EQ(bench.shard.registration_status(0, bench.now).state, RegistrationState::failed);
}

}  // namespace
}  // namespace trunkline::sipstack
