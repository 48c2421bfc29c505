// Many registrations on one shard: pacing, keep-alive, another configuration, restart.
#include "sipstack/shard.h"
#include "tests/unit/sipstack/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <vector>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using State = RegistrationState;

// TD1, TA7
TEST(ShardApply, RegistersWhatIsNewUnregistersWhatIsGoneAndLeavesTheRestAlone) {
    Config config = with_accounts(3);
    Fleet fleet(config);
    fleet.start();
    fleet.answer_all();
    const std::string call_id = fleet.row("a1").call_id;
    const std::string gone = fleet.row("a0").call_id;
    const std::size_t before = fleet.sender.sent.size();
    config = with_accounts(4);
    config.accounts.erase(config.accounts.begin());
    config.accounts[1].password = Secret("changed");
    const ConfigChange change = fleet.shard.apply(config, fleet.now);
    EXPECT_EQ(change.added, 1U);
    EXPECT_EQ(change.removed, 1U);
    EXPECT_EQ(change.kept, 2U);
    EXPECT_FALSE(fleet.shard.is_quiet());
    fleet.pass(10ms);
    ASSERT_EQ(fleet.sender.sent.size(), before + 2);
    std::map<std::string, std::string> expires;
    for (std::size_t at = before; at < before + 2; ++at) {
        const std::string& text = fleet.sender.sent[at].bytes;
        expires[Fleet::header_of(text, "To")] = Fleet::header_of(text, "Expires");
    }
    EXPECT_EQ(expires["<sip:100@lab.example>"], "0");
    EXPECT_EQ(expires["<sip:103@lab.example>"], "180");
    EXPECT_EQ(fleet.row("a1").call_id, call_id);
    EXPECT_EQ(fleet.shard.registration_count(), 3U);
    EXPECT_TRUE(fleet.journal.erased.empty());
    fleet.answer_all();
    fleet.shard.apply(config, fleet.now);
    fleet.pass(1ms);
    ASSERT_EQ(fleet.journal.erased.size(), 1U);
    EXPECT_THAT(fleet.journal.erased[0], HasSubstr("sip:100@lab.example"));
    EXPECT_TRUE(fleet.shard.is_quiet());
    EXPECT_EQ(fleet.sender.sent.size(), before + 2) << "applied again, nothing is new";
}

TEST(ShardRestore, TakesUpItsRecordsAndLeavesOthersAlone) {
    const Config config = with_accounts(2);
    Fleet before(config);
    before.start();
    before.answer_all();
    std::vector<RegistrationRecord> records = before.journal.records;
    std::erase_if(records, [](const auto& record) { return !record.expires_at; });
    ASSERT_EQ(records.size(), 2U);
    records[1].key = "of somebody else";
    Fleet after(config);
    after.now = before.now;
    after.shard.restore(records, after.now);
    EXPECT_TRUE(after.shard.any_registered());
    after.start();
    ASSERT_EQ(after.sender.sent.size(), 1U) << "the one whose record is not there";
    EXPECT_EQ(after.header("To"), "<sip:101@lab.example>");
    EXPECT_EQ(after.header("CSeq"), "1 REGISTER");
    after.answer_all();
    after.pass(90s - 20ms);
    ASSERT_EQ(after.sender.sent.size(), 2U);
    EXPECT_EQ(after.header("Call-ID"), records[0].call_id);
    EXPECT_EQ(after.header("CSeq"), "2 REGISTER");
}

TEST(ShardTrace, IsFoundByName) {
    Fleet fleet(with_accounts(2));
    fleet.start();
    fleet.answer_all();
    const auto flows = fleet.shard.trace("a1");
    ASSERT_TRUE(flows);
    ASSERT_EQ(flows->size(), 1U);
    EXPECT_THAT((*flows)[0][0].text, HasSubstr("To: <sip:101@lab.example>"));
    EXPECT_FALSE(fleet.shard.trace("nobody"));
}

// TA7
TEST(ShardSelectors, MeanTheDeviceATrunkGroupANameOrAll) {
    Config config = with_accounts(2);
    config.accounts[1].served_trunk_group = 1;
    config.proxy_and_registration.enable_registration = true;
    config.proxy_and_registration.gateway_registration_name = "gw";
    config.trunk_groups.push_back({1, 1, 1, 1, 1, 2, "2000"});
    config.trunk_group_settings.push_back({1, RegistrationMode::per_endpoint, {}, "", ""});
    Fleet fleet(config);
    fleet.start();
    fleet.answer_all();
    using Kind = RegistrantSelector::Kind;
    const auto meant = [&](const RegistrantSelector& whom) {
        const std::size_t before = fleet.sender.sent.size();
        const std::size_t count = fleet.shard.register_now(whom, fleet.now);
        fleet.pass(1ms);
        EXPECT_EQ(fleet.sender.sent.size(), before + count);
        fleet.answer_all();
        return count;
    };
    EXPECT_EQ(meant({Kind::all, 0, ""}), 5U);
    EXPECT_EQ(meant({Kind::device, 0, ""}), 3U);
    EXPECT_EQ(meant({Kind::trunk_group, 1, ""}), 3U);
    EXPECT_EQ(meant({Kind::trunk_group, 2, ""}), 0U);
    EXPECT_EQ(meant({Kind::name, 0, "a0"}), 1U);
    EXPECT_EQ(meant({Kind::name, 0, "endpoint 2001"}), 1U);
    EXPECT_EQ(fleet.shard.unregister({Kind::name, 0, "a0"}, fleet.now), 1U);
    fleet.pass(1ms);
    EXPECT_EQ(fleet.header("Expires"), "0");
}

Config with_options() {
    Config config = with_accounts(2);
    config.proxy_sets[0].keep_alive = KeepAlive::using_options;
    return config;
}

/// Answers as two registrars would, of which the first one is dead for OPTIONS.
TEST(ShardKeepAlive, MovesTheRegistrationsOffADeadServerAndTellsTheOthers) {
    Fleet fleet(with_options());
    fleet.start({first, second});
    fleet.answer_all();
    for (int step = 0; step < 500 && fleet.listener.heard.empty(); ++step) {
        fleet.pass(100ms);
        for (; fleet.answered < fleet.sender.sent.size(); ++fleet.answered) {
            const auto sent = fleet.sender.sent[fleet.answered];
            if (sent.flow.remote != first.endpoint) {
                fleet.receive(Fleet::answer_to(sent.bytes, 200), sent.flow);
            }
        }
    }
    EXPECT_THAT(fleet.listener.heard, ElementsAre("192.0.2.1:5060 offline"));
    fleet.pass(10ms);
    fleet.answer_all();
    EXPECT_EQ(fleet.row("a0").answered_by, "192.0.2.2:5060");
    EXPECT_EQ(fleet.row("a1").answered_by, "192.0.2.2:5060");
    const auto sets = fleet.shard.proxy_sets(fleet.now);
    ASSERT_EQ(sets.size(), 1U);
    EXPECT_EQ(sets[0].name, "ITSP");
    EXPECT_TRUE(sets[0].online);
    ASSERT_EQ(sets[0].servers.size(), 2U);
    EXPECT_FALSE(sets[0].servers[0].online);
    EXPECT_TRUE(sets[0].servers[1].active);
}

// What it sends when it goes on has the time of an answer before it.
TEST(ShardKeepAlive, OfAShardThatStalledFindsNobodyOfflineWhoWasNotAsked) {
    Config config = with_accounts(1);
    config.proxy_sets[0].keep_alive = KeepAlive::using_options;
    config.proxy_sets[0].keep_alive_time = 10s;
    Fleet fleet(config);
    fleet.start();
    fleet.answer_all();
    const std::size_t before = fleet.sender.sent.size();
    fleet.now += 60s;
    fleet.shard.advance(fleet.now);
    ASSERT_EQ(fleet.sender.sent.size(), before + 1) << "once, without retransmissions";
    EXPECT_THAT(fleet.sender.sent.back().bytes, StartsWith("OPTIONS "));
    EXPECT_TRUE(fleet.shard.proxy_sets(fleet.now).at(0).online);
    fleet.answer_all();
    fleet.pass(9s);
    EXPECT_EQ(fleet.sender.sent.size(), before + 1);
    EXPECT_TRUE(fleet.listener.news.empty());
}

TEST(ShardKeepAlive, BelievesWhatAnotherShardFound) {
    Fleet fleet(with_options());
    fleet.start({first, second});
    fleet.answer_all();
    const std::size_t before = fleet.sender.sent.size();
    fleet.shard.take_news({0, first, false}, fleet.now);
    fleet.pass(1ms);
    ASSERT_EQ(fleet.sender.sent.size(), before + 2);
    EXPECT_EQ(fleet.sender.sent.back().flow.remote, second.endpoint);
    EXPECT_TRUE(fleet.listener.heard.empty());
    fleet.shard.take_news({7, first, false}, fleet.now);
}

// T42: on every shard, and where nothing is kept alive.
TEST(ShardServers, ThatA503SetAsideAreToldToTheOthers) {
    Config config = with_accounts(1);
    Fleet told(config), hearing(config);
    told.start();
    told.receive(Fleet::answer_to(told.sender.sent[0].bytes, 503, "Retry-After: 600\r\n"),
                 told.sender.sent[0].flow);
    ASSERT_THAT(told.listener.heard, ElementsAre("192.0.2.1:5060 aside"));
    hearing.shard.set_targets(ProxySetTargets{0, {first}}, hearing.now);
    hearing.shard.take_news(told.listener.news[0], hearing.now);
    hearing.shard.start(hearing.now);
    hearing.pass(599s);
    EXPECT_TRUE(hearing.sender.sent.empty());
    EXPECT_THAT(hearing.row("a0").reason, HasSubstr("takes requests for"));
    EXPECT_TRUE(hearing.listener.heard.empty()) << "it is no news of its own";
    hearing.pass(62s);
    EXPECT_EQ(hearing.row("a0").attempts, 1U);
    hearing.shard.take_news({7, first, true, hearing.now + 600s}, hearing.now);
}

TEST(UdpPortAssignment, GivesEachAccountASourceOfItsOwn) {
    Config config = with_accounts(2);
    config.sip_interfaces[0].first_additional_udp_port = 6000;
    config.sip_interfaces[0].last_additional_udp_port = 6001;
    for (Account& account : config.accounts) {
        account.udp_port_assignment = true;
    }
    Fleet fleet(config);
    fleet.start();
    ASSERT_EQ(fleet.sender.sent.size(), 2U);
    for (std::size_t at = 0; at < 2; ++at) {
        const auto& sent = fleet.sender.sent[at];
        const std::string port = std::to_string(6000 + at);
        EXPECT_EQ(sent.flow.local.port, 6000 + at);
        EXPECT_THAT(Fleet::header_of(sent.bytes, "Via"), HasSubstr("192.0.2.10:" + port + ";"));
        EXPECT_THAT(Fleet::header_of(sent.bytes, "Contact"), HasSubstr("@192.0.2.10:" + port));
    }
    fleet.answer_all();
    EXPECT_EQ(fleet.row("a1").state, State::registered) << "its own port is ours, too";
}

Config with_own_ports(std::size_t count) {
    Config config = with_accounts(count);
    config.sip_interfaces[0].first_additional_udp_port = 6000;
    config.sip_interfaces[0].last_additional_udp_port = 6009;
    for (Account& account : config.accounts) {
        account.udp_port_assignment = true;
    }
    return config;
}

TEST(UdpPortAssignment, LeavesTheOthersAloneWhenARowIsInserted) {
    Fleet fleet(with_own_ports(3));
    fleet.start();
    fleet.answer_all();
    std::vector<std::string> keys;
    for (const Registrant& registrant : registrants(with_own_ports(3))) {
        keys.push_back(registrant.key());
    }
    Config config = with_own_ports(4);
    std::rotate(config.accounts.begin() + 1, config.accounts.end() - 1, config.accounts.end());
    config.kept_udp_ports = kept_udp_ports(keys);
    const ConfigChange change = fleet.shard.apply(config, fleet.now);
    EXPECT_EQ(change.added, 1U);
    EXPECT_EQ(change.kept, 3U);
    fleet.pass(10ms);
    ASSERT_EQ(fleet.sender.sent.size(), 4U) << "the others send no packet";
    EXPECT_EQ(fleet.sender.sent.back().flow.local.port, 6003);
    EXPECT_EQ(Fleet::header_of(fleet.sender.sent.back().bytes, "To"), "<sip:103@lab.example>");
}

// A port that is open while it is used stays so until its account has left.
TEST(UdpPortAssignment, HearsTheAnswerToTheUnregisterOfWhoLeaves) {
    Config config = with_own_ports(1);
    config.sip_interfaces[0].additional_udp_ports_mode = AdditionalUdpPortsMode::open_when_used;
    Fleet fleet(config);
    fleet.start();
    fleet.answer_all();
    config.accounts.clear();
    fleet.shard.apply(config, fleet.now);
    fleet.pass(10ms);
    fleet.answer_all();
    EXPECT_EQ(fleet.shard.counters().port_closed, 0U);
    EXPECT_TRUE(fleet.shard.is_quiet());
    fleet.receive("SIP/2.0 200 OK\r\n\r\n", fleet.sender.sent.back().flow);
    EXPECT_EQ(fleet.shard.counters().port_closed, 1U);
}

TEST(UdpPortAssignment, HearsTheAnswerToASubscribeThatIsBehindTheUnregister) {
    Config config = with_own_ports(1);
    config.sip_interfaces[0].additional_udp_ports_mode = AdditionalUdpPortsMode::open_when_used;
    config.accounts[0].reg_event_package_subscription = true;
    Fleet fleet(config);
    fleet.start();
    fleet.answer_all();
    fleet.answer_all();
    const std::size_t before = fleet.sender.sent.size();
    fleet.shard.unregister_all(fleet.now);
    fleet.pass(10ms);
    ASSERT_EQ(fleet.sender.sent.size(), before + 2);
    auto last = std::vector(fleet.sender.sent.end() - 2, fleet.sender.sent.end());
    std::ranges::sort(last, {}, &RecordingSender::Sent::bytes);  // REGISTER before SUBSCRIBE
    for (const auto& sent : last) {
        fleet.receive(Fleet::answer_to(sent.bytes, 200), sent.flow);
    }
    EXPECT_EQ(fleet.shard.counters().port_closed, 0U);
    EXPECT_TRUE(fleet.shard.is_quiet());
}

// T61: the page's rate, in every second of a start with many accounts.
TEST(Pacing, NeverPassesThePagesRate) {
    Config config = with_accounts(400);
    config.proxy_and_registration.max_generated_registers_rate = 40;
    config.proxy_sets[0].registration_window = 0;
    Fleet fleet(config);
    fleet.start();
    std::deque<Instant> last_second;
    for (int step = 0; step < 1200 && fleet.answered < 400; ++step) {
        fleet.pass(10ms);
        while (!last_second.empty() && fleet.now - last_second.front() >= 1s) {
            last_second.pop_front();
        }
        for (std::size_t at = fleet.answered; at < fleet.sender.sent.size(); ++at) {
            last_second.push_back(fleet.now);
        }
        EXPECT_LE(last_second.size(), 41U);
        fleet.answer_all();
    }
    EXPECT_EQ(fleet.answered, 400U);
    EXPECT_EQ(fleet.row("a399").state, State::registered);
}

TEST(Pacing, WithoutALimitOfThePageAllGoAtOnce) {
    Config config = with_accounts(400);
    config.proxy_and_registration.max_generated_registers_rate = 0;
    config.proxy_sets[0].registration_window = 0;
    Fleet fleet(config);
    fleet.start();
    fleet.pass(1ms);
    EXPECT_EQ(fleet.sender.sent.size(), 400U);
}

// T61
TEST(Pacing, NeverHasMoreOutThanTheWindow) {
    Config config = with_accounts(50);
    config.proxy_sets[0].registration_window = 7;
    Fleet fleet(config);
    fleet.start();
    fleet.pass(400ms);
    EXPECT_EQ(fleet.sender.sent.size(), 7U);
    fleet.receive(Fleet::answer_to(fleet.sender.sent[0].bytes, 200), fleet.sender.sent[0].flow);
    fleet.pass(10ms);
    EXPECT_EQ(fleet.sender.sent.size(), 8U);
}

Config with_subscription() {
    Config config = with_accounts(1);
    config.accounts[0].reg_event_package_subscription = true;
    return config;
}

TEST(ShardNotify, IsAnsweredByTheSubscriptionOfItsDialog) {
    Fleet fleet(with_subscription());
    fleet.start();
    fleet.receive(Fleet::answer_to(fleet.sender.sent[0].bytes, 200), fleet.sender.sent[0].flow);
    const auto subscribe = *Message::parse(fleet.sender.sent.back().bytes);
    ASSERT_EQ(subscribe.method(), "SUBSCRIBE");
    unsigned cseq = 0;
    const auto notify = [&](std::string_view call_id, std::string_view event, std::string_view body,
                            const std::string& more = "") {
        ++cseq;
        fleet.receive(
            fmt::format("NOTIFY sip:100@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP "
                        "192.0.2.1;branch=z9hG4bKn{0}\r\nFrom: <sip:100@lab.example>;tag=n\r\n"
                        "To: <sip:100@lab.example>;tag={1}\r\nCall-ID: {2}\r\nCSeq: {0} NOTIFY\r\n"
                        "Event: {3}\r\nSubscription-State: active\r\nContent-Type: "
                        "application/reginfo+xml\r\n{6}Content-Length: {4}\r\n\r\n{5}",
                        cseq, subscribe.from_tag(), call_id, event, body.size(), body, more),
            fleet.sender.sent[0].flow);
        const std::string& answer = fleet.sender.sent.back().bytes;
        return answer.substr(0, answer.find("\r\n"));
    };
    const std::string up = "<reginfo version=\"0\" state=\"full\"/>";
    EXPECT_EQ(notify(subscribe.call_id(), "reg;id=1", up), "SIP/2.0 200 OK");
    EXPECT_EQ(fleet.shard.trace("a0")->back().back().text, fleet.sender.sent.back().bytes)
        << "its answer ends the flow";
    EXPECT_EQ(fleet.row("a0").subscription, "active");
    EXPECT_THAT(notify(subscribe.call_id(), "reg", "<"), StartsWith("SIP/2.0 400 "));
    EXPECT_THAT(notify("another@call", "reg", up), StartsWith("SIP/2.0 481 "));
    EXPECT_THAT(notify(subscribe.call_id(), "presence", up), StartsWith("SIP/2.0 489 "));
    EXPECT_EQ(fleet.header("Allow-Events"), "reg");
    const std::string ended =
        "<reginfo version=\"1\" state=\"partial\"><registration aor=\"sip:100@lab.example\" "
        "id=\"1\" state=\"terminated\"/></reginfo>";
    EXPECT_EQ(notify(subscribe.call_id(), "reg", ended), "SIP/2.0 200 OK");
    fleet.pass(1s);
    EXPECT_THAT(fleet.sender.sent.back().bytes, StartsWith("REGISTER "));
}

// The last NOTIFY comes behind the answer to the un-SUBSCRIBE (RFC 6665 4.2.1.4).
TEST(ShardNotify, IsTakenInADialogThatEndsAsItsAccountLeaves) {
    Config config = with_subscription();
    Fleet fleet(config);
    fleet.start();
    fleet.answer_all();
    fleet.answer_all();
    const auto subscribe = *Message::parse(fleet.sender.sent.back().bytes);
    ASSERT_EQ(subscribe.method(), "SUBSCRIBE");
    const Flow flow = fleet.sender.sent.back().flow;
    config.accounts.clear();
    fleet.shard.apply(config, fleet.now);
    fleet.pass(10ms);
    fleet.answer_all();
    fleet.receive(fmt::format("NOTIFY sip:100@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP "
                              "192.0.2.1;branch=z9hG4bKn\r\nFrom: <sip:100@lab.example>;tag=r\r\n"
                              "To: <sip:100@lab.example>;tag={}\r\nCall-ID: {}\r\nCSeq: 1 NOTIFY"
                              "\r\nEvent: reg\r\nSubscription-State: terminated;reason=timeout"
                              "\r\nContent-Length: 0\r\n\r\n",
                              subscribe.from_tag(), subscribe.call_id()),
                  flow);
    EXPECT_THAT(fleet.sender.sent.back().bytes, StartsWith("SIP/2.0 200 "));
}

TEST(ShardDatagram, IsTakenAsLargeAsItCanBe) {
    Fleet fleet(with_accounts(1));
    std::string options =
        "OPTIONS sip:192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKo\r\n"
        "From: <sip:a@b>;tag=f\r\nTo: <sip:c@d>\r\nCall-ID: o\r\nCSeq: 5 OPTIONS\r\n"
        "Content-Length: 65000\r\n\r\n";
    options += std::string(65000, 'x');
    fleet.receive(
        options,
        {Transport::udp, 0, {dataplane::IpAddress::v4(0xc000020a), 5060}, bench_registrar});
    ASSERT_EQ(fleet.sender.sent.size(), 1U);
    EXPECT_THAT(fleet.sender.sent[0].bytes, StartsWith("SIP/2.0 200 OK"));
}

TEST(ShardNotify, IsAllowedOnlyWhereAnAccountSubscribes) {
    Fleet with(with_subscription()), without(with_accounts(1));
    const std::string options =
        "OPTIONS sip:192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKo\r\n"
        "From: <sip:a@b>;tag=f\r\nTo: <sip:c@d>\r\nCall-ID: o\r\nCSeq: 5 OPTIONS\r\n"
        "Content-Length: 0\r\n\r\n";
    std::string notify = options;
    for (std::size_t at = notify.find("OPTIONS"); at != notify.npos; at = notify.find("OPTIONS")) {
        notify.replace(at, 7, "NOTIFY");
    }
    const Flow flow{
        Transport::udp, 0, {dataplane::IpAddress::v4(0xc000020a), 5060}, bench_registrar};
    with.receive(options, flow);
    EXPECT_EQ(with.header("Allow"), "OPTIONS, NOTIFY");
    with.receive(notify, flow);
    EXPECT_THAT(with.sender.sent.back().bytes, StartsWith("SIP/2.0 489 "));
    without.receive(options, flow);
    EXPECT_EQ(without.header("Allow"), "OPTIONS");
    without.receive(notify, flow);
    EXPECT_THAT(without.sender.sent.back().bytes, StartsWith("SIP/2.0 405 "));
    without.shard.apply(with_subscription(), without.now);
    notify.replace(notify.find("z9hG4bKo"), 8, "z9hG4bKp");
    without.receive(notify, flow);
    EXPECT_THAT(without.sender.sent.back().bytes, StartsWith("SIP/2.0 489 "));
}

}  // namespace
}  // namespace trunkline::sipstack
