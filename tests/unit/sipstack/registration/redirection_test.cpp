// Where a 3xx leads, and what stays of it.
#include "sipstack/registration/redirection.h"

#include "tests/unit/sipstack/registration/failover_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using State = RegistrationState;
using Bench = RegistrationBench;

/// The hosts of what a 3xx with those rows leads to.
std::vector<std::string> hosts_of(const std::string& rows) {
    const auto response = Message::parse(
        fmt::format("SIP/2.0 302 Moved\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx\r\n"
                    "From: <sip:100@lab.example>;tag=a\r\nTo: <sip:100@lab.example>;tag=b\r\n"
                    "Call-ID: c\r\nCSeq: 1 REGISTER\r\n{}Content-Length: 0\r\n\r\n",
                    rows));
    EXPECT_TRUE(response) << rows;
    std::vector<std::string> hosts;
    for (const SipUri& uri : response ? redirections(*response) : std::vector<SipUri>()) {
        hosts.push_back(uri.host);
    }
    return hosts;
}

// RFC 3261 8.1.3.4
TEST(Redirections, AreSipUrisThatWeCanSpeakToByTheirQThenInOrder) {
    EXPECT_THAT(hosts_of("Contact: <sip:a.example>, <mailto:x@x>\r\nContact: <sips:b.example>\r\n"),
                ElementsAre("a.example", "b.example"));
    EXPECT_THAT(hosts_of("Contact: <sip:a.example>;q=0.1, <sip:b.example>;q=0.9, "
                         "<sip:c.example>;q=0.95, <sip:d.example>\r\n"),
                ElementsAre("d.example", "c.example", "b.example", "a.example"));
    EXPECT_THAT(hosts_of("Contact: <sip:a.example>;q=0.5, <sip:b.example>;q=0.50, "
                         "<sip:c.example>;q=0, <sip:d.example>;q=1.0\r\n"),
                ElementsAre("d.example", "a.example", "b.example", "c.example"));
    EXPECT_THAT(hosts_of("Contact: <sip:a.example>;q=2, <sip:b.example>;q=0.1234, "
                         "<sip:c.example>;q=x, <sip:d.example>;q\r\n"),
                ElementsAre("a.example", "b.example", "c.example", "d.example"))
        << "what is no qvalue is none";
    EXPECT_THAT(hosts_of("Contact: <sip:a.example;transport=sctp>, <sip:b.example;transport=ws>, "
                         "<sip:c.example;transport=TCP>\r\n"),
                ElementsAre("c.example"));
}

// RFC 3263 4
TEST(Redirection, GoesToTheMaddrAndNamesTheHost) {
    FailoverBench bench;
    bench.answer(302, "Contact: <sip:far.example;maddr=192.0.2.2>\r\n");
    EXPECT_EQ(bench.asked(), second.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:far.example SIP/2.0\r\n"));
    FailoverBench named;
    named.answer(302, "Contact: <sip:192.0.2.2;maddr=Elsewhere.example>\r\n");
    ASSERT_EQ(named.asked_names.size(), 1U);
    EXPECT_EQ(named.asked_names[0].host, "elsewhere.example");
    const auto six = target_of(*parse_uri("sip:a.example;maddr=[2001:db8::1]"), Transport::udp, {});
    ASSERT_TRUE(six);
    EXPECT_EQ(six->endpoint.to_string(), "[2001:db8::1]:5060");
}

// T49
TEST(Redirection, IsFollowedToTheContactWithItAsRequestUri) {
    FailoverBench bench;
    bench.answer(302, "Contact: <sip:192.0.2.2>\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), second.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:192.0.2.2 SIP/2.0\r\n"));
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
    bench.challenge("n");
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("uri=\"sip:192.0.2.2\""));  // T86
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

// T49
TEST(Redirection, GivesNoCredentialsToAServerThatIsNotConfigured) {
    FailoverBench bench;
    bench.challenge("n");
    bench.answer(301, "Contact: <sip:198.51.100.7:5080>\r\n");
    EXPECT_EQ(bench.asked(), (dataplane::Endpoint{dataplane::IpAddress::v4(0xc6336407), 5080}));
    EXPECT_EQ(bench.header("Authorization"), "");
    bench.challenge("m");
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_THAT(bench.row().reason, HasSubstr("198.51.100.7:5080"));
    EXPECT_THAT(bench.row().reason, HasSubstr("not configured"));
}

TEST(Redirection, IsFollowedWithoutCredentialsWhereNoneAreAsked) {
    FailoverBench bench;
    bench.answer(302, "Contact: <sip:198.51.100.7>\r\n");
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_EQ(bench.row().answered_by, "198.51.100.7:5060");
    bench.pass(90s);
    EXPECT_EQ(bench.asked(), first.endpoint) << "a refresh begins where the configuration says";
}

// T17: what a redirection gave is where the binding is, also for its removal and after a restart.
TEST(Redirection, IsRepeatedByTheUnregister) {
    for (const bool is_restarted : {false, true}) {
        FailoverBench before;
        before.answer(302, "Contact: <sip:192.0.2.2>\r\n");
        before.accept(180);
        Bench after;
        after.set_targets({first, second, third});
        after.registration.restore(before.journal.records.back(), after.now);
        after.registration.start(after.now);
        Bench& bench = is_restarted ? after : before;
        bench.registration.unregister(bench.now);
        EXPECT_EQ(bench.sender.sent.back().flow.remote, second.endpoint);
        EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:192.0.2.2 SIP/2.0\r\n"));
        EXPECT_EQ(bench.header("Expires"), "0");
        bench.challenge("n");
        EXPECT_THAT(bench.header("Authorization"), HasSubstr("uri=\"sip:192.0.2.2\""));
    }
}

TEST(Redirection, IsRepeatedByARefreshAtThatServerUntilItFails) {
    FailoverBench bench(account_with(
        [](Account& account) { account.registrar_stickiness = RegistrarStickiness::enable; }));
    bench.answer(302, "Contact: <sip:192.0.2.2>\r\n");
    bench.accept(180);
    for (int refresh = 0; refresh < 2; ++refresh) {
        bench.pass(90s);
        EXPECT_EQ(bench.asked(), second.endpoint);
        EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:192.0.2.2 SIP/2.0\r\n"));
        bench.accept(180);
    }
    bench.pass(90s);
    bench.answer(404);
    bench.pass(30s);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:lab.example SIP/2.0\r\n"));
    bench.registration.unregister(bench.now);
    bench.answer(500);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:192.0.2.2 SIP/2.0\r\n"))
        << "the binding is still there";
}

// A restart shall not move it before its refresh is due.
TEST(Redirection, IsKnownAgainAfterARestart) {
    FailoverBench before;
    before.answer(302, "Contact: <sip:198.51.100.7>\r\n");
    before.accept(180);
    Bench after;
    after.registration.restore(before.journal.records.back(), after.now);
    after.registration.start(after.now);
    after.set_targets({first, second, third});
    after.pass(10ms);
    EXPECT_EQ(after.sent(), 0U);
    after.pass(90s);
    EXPECT_EQ(after.sender.sent.back().flow.remote, first.endpoint);
}

// T49
TEST(Redirection, InACircleEnds) {
    FailoverBench bench;
    bench.answer(302, "Contact: <sip:192.0.2.2>\r\n");
    bench.answer(302, "Contact: <sip:192.0.2.1>, <sip:192.0.2.2>\r\n");
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_THAT(bench.row().reason, HasSubstr("302"));
}

/// With a second between two REGISTERs.
struct SlowBench : FailoverBench {
    SlowBench() { pacer.set_limits({1, 0}); }
};

TEST(Redirection, WaitsForItsTurnWhateverBecomesOfTheSetMeanwhile) {
    SlowBench bench;
    bench.answer(302, "Contact: <sip:198.51.100.7>\r\n");
    ASSERT_EQ(bench.sent(), 1U);
    bench.set_targets({second, third});
    bench.pass(1s);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), (dataplane::Endpoint{dataplane::IpAddress::v4(0xc6336407), 5060}));
}

TEST(Redirection, HasALimit) {
    FailoverBench bench;
    for (unsigned hop = 0; hop < Registration::max_redirections; ++hop) {
        bench.answer(302, fmt::format("Contact: <sip:198.51.100.{}>\r\n", hop + 1));
    }
    EXPECT_EQ(bench.sent(), 1 + Registration::max_redirections);
    bench.answer(302, "Contact: <sip:198.51.100.99>\r\n");
    EXPECT_EQ(bench.row().state, State::failed);
}

struct NameBench : FailoverBench {
    /// Redirected to a name that is being looked up.
    NameBench() { answer(302, "Contact: <sip:Elsewhere.example>\r\n"); }
    void look_up(const std::vector<Target>& targets, Milliseconds time_to_live = 60s) {
        names.answered({asked_names.back(), targets, time_to_live}, now);
    }
    const Target elsewhere{
        {dataplane::IpAddress::v4(0xc6336407), 5060}, Transport::udp, 0, 0, "elsewhere.example"};
    const Target beyond{
        {dataplane::IpAddress::v4(0xc6336408), 5060}, Transport::udp, 0, 0, "elsewhere.example"};
};

// T49
TEST(RedirectionToAName, WaitsForItsAddressAndFollows) {
    NameBench bench;
    ASSERT_EQ(bench.asked_names.size(), 1U);
    EXPECT_EQ(bench.asked_names[0],
              (RedirectionName{"elsewhere.example", std::nullopt, std::nullopt, 0}));
    EXPECT_EQ(bench.row().state, State::resolving);
    EXPECT_THAT(bench.row().reason, HasSubstr("waits for the address of Elsewhere.example"));
    EXPECT_EQ(bench.pacer.held(), 0U) << "others have their turn";
    bench.look_up({bench.elsewhere});
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.asked(), bench.elsewhere.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:Elsewhere.example SIP/2.0\r\n"));
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

// T49
TEST(RedirectionToAName, GivesNoCredentialsThere) {
    NameBench bench;
    bench.look_up({bench.elsewhere});
    bench.challenge("n");
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_THAT(bench.row().reason, HasSubstr("not configured"));
}

TEST(RedirectionToAName, AsksOnceWhileTheAnswerLives) {
    NameBench bench;
    bench.look_up({bench.elsewhere});
    bench.accept(40);
    bench.pass(20s);
    bench.answer(302, "Contact: <sip:elsewhere.example>\r\n");
    EXPECT_EQ(bench.asked(), bench.elsewhere.endpoint);
    EXPECT_EQ(bench.asked_names.size(), 1U);
    bench.accept(120);
    bench.pass(60s);
    bench.answer(302, "Contact: <sip:elsewhere.example>\r\n");
    EXPECT_EQ(bench.asked_names.size(), 2U);
    EXPECT_TRUE(bench.row().registered);
}

// T134
TEST(RedirectionToAName, GoesOnToItsNextAddressThenToTheConfiguredServers) {
    NameBench bench;
    bench.look_up({bench.elsewhere, bench.beyond});
    bench.answer(503);
    EXPECT_EQ(bench.asked(), bench.beyond.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:Elsewhere.example SIP/2.0\r\n"));
    bench.answer(503);
    EXPECT_EQ(bench.asked(), second.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:lab.example SIP/2.0\r\n"));
}

TEST(RedirectionToAName, OfAConfiguredServerAsksItOnceInAnAttempt) {
    NameBench bench;
    Target same = second;
    same.host = "elsewhere.example";
    bench.look_up({same});
    ASSERT_EQ(bench.asked(), second.endpoint);
    bench.answer(503);
    EXPECT_EQ(bench.asked(), third.endpoint);
    bench.answer(503);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_EQ(bench.sent(), 3U);
}

TEST(RedirectionToAName, ThatLeadsNowhereTakesTheNextContactOrFails) {
    for (const std::string next : {"", ", <sip:192.0.2.2>"}) {
        FailoverBench bench;
        bench.answer(302, "Contact: <sip:elsewhere.example:5070;transport=tcp>" + next + "\r\n");
        EXPECT_EQ(bench.asked_names.at(0),
                  (RedirectionName{"elsewhere.example", 5070, Transport::tcp, 0}));
        bench.names.answered({bench.asked_names[0], {}, 0s}, bench.now);
        if (next.empty()) {
            EXPECT_EQ(bench.row().state, State::failed);
            EXPECT_THAT(bench.row().reason, HasSubstr("302 Moved Temporarily to nowhere"));
            EXPECT_EQ(bench.row().next_attempt_in, 30s);
        } else {
            EXPECT_EQ(bench.asked(), second.endpoint);
        }
    }
}

TEST(RedirectionToAName, FailsWhenNobodyAnswersTheLookUp) {
    NameBench bench;
    bench.pass(RedirectionNames::longest_look_up);
    EXPECT_EQ(bench.row().state, State::failed);
}

TEST(RedirectionToAName, IsForgottenByWhoIsUnregisteredOrBeginsAnew) {
    NameBench ending;
    ending.registration.unregister(ending.now);
    EXPECT_EQ(ending.row().state, State::unregistered);
    ending.look_up({ending.elsewhere});
    EXPECT_EQ(ending.sent(), 1U);
    NameBench anew;
    anew.registration.register_now(anew.now);
    ASSERT_EQ(anew.sent(), 2U);
    anew.look_up({anew.elsewhere});
    EXPECT_EQ(anew.sent(), 2U);
}

TEST(RedirectionToAName, IsAwaitedAlsoWhenTheServerOfTheBindingIsLost) {
    FailoverBench bench;
    bench.accept(180);
    bench.pass(90s);
    bench.answer(302, "Contact: <sip:other.example>\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    bench.set_targets({second, third});
    bench.pass(1s);
    EXPECT_EQ(bench.sent(), 2U);
}

TEST(RedirectionToAName, IsNotLookedUpBeyondTheLimitOfRedirections) {
    FailoverBench bench;
    for (unsigned hop = 0; hop < Registration::max_redirections; ++hop) {
        bench.answer(302, fmt::format("Contact: <sip:198.51.100.{}>\r\n", hop + 1));
    }
    bench.answer(302, "Contact: <sip:elsewhere.example>\r\n");
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_TRUE(bench.asked_names.empty());
}

// T50
TEST(Redirection, UseProxyKeepsTheRequestUri) {
    FailoverBench bench;
    bench.answer(305, "Contact: <sip:192.0.2.3>\r\n");
    EXPECT_EQ(bench.asked(), third.endpoint);
    EXPECT_THAT(bench.last(), HasSubstr("REGISTER sip:lab.example SIP/2.0\r\n"));
}

// T51
TEST(Redirection, AlternativeServiceIsAFailure) {
    FailoverBench bench;
    bench.answer(380, "Contact: <sip:192.0.2.3>\r\n");
    EXPECT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.row().state, State::failed);
}

}  // namespace
}  // namespace trunkline::sipstack
