#include "sipstack/registration/registration.h"

#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using State = RegistrationState;
using Bench = RegistrationBench;

Config with_page(Seconds time, Seconds retry = 30s) {
    Config config = Bench::default_config();
    config.proxy_and_registration.registration_time = time;
    config.proxy_and_registration.registration_retry_time = retry;
    return config;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

TEST(Registration, SendsACompleteRegister) {
    Bench bench;
    bench.start();
    ASSERT_EQ(bench.sent(), 1U);
    const std::string& text = bench.last();
    EXPECT_THAT(text, StartsWith("REGISTER sip:lab.example SIP/2.0\r\n"));  // T01
    EXPECT_THAT(bench.header("Via"), StartsWith("SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK"));
    EXPECT_THAT(bench.header("Via"), HasSubstr(";rport"));                        // T116
    EXPECT_EQ(bench.header("Max-Forwards"), "70");                                // T08
    EXPECT_THAT(bench.header("From"), StartsWith("<sip:100@lab.example>;tag="));  // T02, T07
    EXPECT_EQ(bench.header("To"), "<sip:100@lab.example>");                       // T02
    EXPECT_EQ(bench.header("CSeq"), "1 REGISTER");
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=180");
    EXPECT_EQ(bench.header("Expires"), "180");
    EXPECT_EQ(bench.header("User-Agent"), "Trunkline/0.1.0");
    EXPECT_EQ(bench.header("Content-Length"), "0");                     // T19
    EXPECT_EQ(bench.header("Supported"), "path");                       // T18
    for (const char* absent : {"Route", "Require", "Authorization"}) {  // T09
        EXPECT_EQ(bench.header(absent), "") << absent;
    }
    EXPECT_EQ(bench.sender.sent[0].flow.remote, bench_registrar);
    EXPECT_EQ(bench.row().state, State::registering);
}

TEST(Registration, WaitsForItsRegistrarsAddressAndSaysForWhich) {
    Bench bench;
    bench.registration.start(bench.now);
    EXPECT_EQ(bench.sent(), 0U);
    EXPECT_EQ(bench.row().state, State::resolving);
    EXPECT_THAT(bench.row().reason, HasSubstr("registrar.example"));
    bench.set_targets({});
    EXPECT_EQ(bench.sent(), 0U);
    bench.set_targets({{bench_registrar, Transport::udp}});
    EXPECT_EQ(bench.sent(), 1U);
}

TEST(Registration, SendsNothingBeforeItIsStarted) {
    Bench bench;
    bench.set_targets({{bench_registrar, Transport::udp}});
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), 0U);
}

TEST(Registration, TakesTheFirstTargetThatItsInterfaceReaches) {
    Bench bench;
    const dataplane::Endpoint v6{*dataplane::IpAddress::parse("2001:db8::1"), 5060};
    bench.set_targets({{v6, Transport::udp},
                       {bench_second_registrar, Transport::tcp},
                       {bench_registrar, Transport::udp}});
    bench.registration.start(bench.now);
    ASSERT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.sender.sent[0].flow.remote, bench_registrar);
}

TEST(Registration, IsUpAfterTwoHundred) {
    Bench bench;
    bench.start();
    bench.pass(200ms);
    bench.accept(120);
    const RegistrationStatus row = bench.row();
    EXPECT_EQ(row.state, State::registered);
    EXPECT_TRUE(row.registered);
    EXPECT_EQ(row.last_status, 200);
    EXPECT_EQ(row.reason, "OK");
    EXPECT_EQ(row.answered_by, "192.0.2.1:5060");
    EXPECT_EQ(row.requested_expires, 180s);
    EXPECT_EQ(row.granted_expires, 120s);
    // Both count from the request, so that we never outlive the registrar's own count.
    EXPECT_EQ(row.expires_in, 119'800ms);
    EXPECT_EQ(row.next_attempt_in, 59'800ms);
    EXPECT_EQ(row.attempts, 1U);
    EXPECT_EQ(row.cseq, 1U);
    EXPECT_EQ(row.name, "office");
    EXPECT_EQ(row.aor, "sip:100@lab.example");
    EXPECT_THAT(bench.log_text.str(), HasSubstr("REGISTERED at 192.0.2.1:5060 for 120 s"));
}

// T25, T26
TEST(Registration, ObeysAShorterGrantButAsksTheConfiguredTimeAgain) {
    Bench bench(with_page(3600s));
    bench.start_registered(100);
    bench.pass(49s);
    EXPECT_EQ(bench.sent(), 1U);
    bench.pass(1s);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Expires"), "3600");
    EXPECT_EQ(bench.row().state, State::refreshing);
    EXPECT_TRUE(bench.row().registered);
}

// T70, T03, T04, T05, T07
TEST(Registration, AnswersAChallengeInTheSameCallIdWithTheNextCseqAndAFreshBranch) {
    Bench bench;
    bench.start();
    const auto first = *Message::parse(bench.last());
    bench.challenge("n1");
    ASSERT_EQ(bench.sent(), 2U);
    const auto second = *Message::parse(bench.last());
    EXPECT_EQ(second.call_id(), first.call_id());
    EXPECT_EQ(second.from_tag(), first.from_tag());
    EXPECT_EQ(second.cseq(), first.cseq() + 1);
    EXPECT_NE(second.vias()[0].branch, first.vias()[0].branch);
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("username=\"digest-user\""));
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("uri=\"sip:lab.example\""));  // T86
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nc=00000001"));              // T89
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_EQ(bench.row().realm, "lab");
    EXPECT_EQ(bench.row().algorithm, "MD5");
    EXPECT_EQ(bench.row().attempts, 2U);
}

// T70, T71: a proxy and the registrar both challenge.
TEST(Registration, KeepsTheAnswersToBothKindsOfChallenge) {
    Bench bench;
    bench.start();
    bench.answer(407, "Proxy-Authenticate: Digest realm=\"proxy\", nonce=\"p1\"\r\n");
    EXPECT_THAT(bench.header("Proxy-Authorization"), HasSubstr("realm=\"proxy\""));
    bench.challenge("n1");
    EXPECT_THAT(bench.header("Proxy-Authorization"), HasSubstr("nonce=\"p1\""));
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nonce=\"n1\""));
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

// T91, T89
TEST(Registration, RefreshesInOneRoundTripWithTheKnownNonce) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.accept(180);
    bench.pass(90s);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nonce=\"n1\""));
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nc=00000002"));
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_EQ(bench.row().cseq, 3U);
}

// T93, T90
TEST(Registration, TakesANewNonceWhenTheOldIsStale) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.accept(180);
    bench.pass(90s);
    bench.challenge("n2", ", stale=true");
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nonce=\"n2\""));
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nc=00000001"));
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

// T94, then T95: the second replacement is a refusal.
TEST(Registration, TakesAReplacedNonceForStaleOnce) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.accept(180);
    bench.pass(90s);
    bench.challenge("n2");
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nonce=\"n2\""));
    const std::size_t sent = bench.sent();
    bench.challenge("n3");
    EXPECT_EQ(bench.sent(), sent);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_THAT(bench.row().reason, HasSubstr("refused"));
    EXPECT_TRUE(bench.row().registered) << "the binding stands until it expires";
}

// T95, T48
TEST(Registration, GivesUpWhenACorrectAnswerIsRefused) {
    for (const std::string nonce : {"n1", "n2"}) {
        Bench bench;
        bench.start();
        bench.challenge("n1");
        bench.challenge(nonce);
        EXPECT_EQ(bench.sent(), 2U);
        EXPECT_EQ(bench.row().state, State::failed);
        EXPECT_EQ(bench.row().last_status, 401);
        EXPECT_THAT(bench.row().reason, HasSubstr("user name or password refused"));
        EXPECT_EQ(bench.row().next_attempt_in, 30s);
        bench.pass(30s);
        ASSERT_EQ(bench.sent(), 3U);
        EXPECT_EQ(bench.header("Authorization"), "");
    }
}

// T96
TEST(Registration, AnswersThreeChallengesAnAttemptAndNoMore) {
    Bench bench;
    bench.start();
    for (int round = 0; round < 10; ++round) {
        bench.challenge(fmt::format("n{}", round), ", stale=true");
    }
    EXPECT_EQ(bench.sent(), 4U);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_THAT(bench.row().reason, HasSubstr("more than 3 times"));
}

// T73, T74, T75, T103
TEST(Registration, GivesUpWithoutAChallengeThatItCanAnswer) {
    for (const std::string rows :
         {"", "WWW-Authenticate: Bearer realm=\"lab\"\r\n",
          "WWW-Authenticate: Digest realm=\"lab\", nonce=\"n\", algorithm=AKAv9\r\n"}) {
        Bench bench;
        bench.start();
        bench.answer(401, rows);
        EXPECT_EQ(bench.sent(), 1U) << rows;
        EXPECT_EQ(bench.row().state, State::failed);
        EXPECT_THAT(bench.row().reason, HasSubstr("without a challenge that can be answered"));
    }
}

TEST(Registration, SaysThatItHasNoPassword) {
    Config config = Bench::default_config();
    config.accounts[0].password = Secret();
    Bench bench(config);
    bench.start();
    bench.challenge("n1");
    EXPECT_EQ(bench.sent(), 1U);
    EXPECT_THAT(bench.row().reason, HasSubstr("no password"));
}

// T40
TEST(Registration, RaisesAnIntervalThatIsTooBriefOnceAndRemembersIt) {
    Bench bench;
    bench.start();
    bench.answer(423, "Min-Expires: 600\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Expires"), "600");
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=600");
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
    bench.accept(600);
    bench.pass(300s);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("Expires"), "600");
}

// T41
TEST(Registration, GuessesOnceWhenMinExpiresIsOfNoUse) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "3600"}, {"Min-Expires: 60\r\n", "3600"}, {"Min-Expires: 4294967295\r\n", "2000000"}};
    for (const auto& [rows, asked] : cases) {
        Bench bench;
        bench.start();
        bench.answer(423, rows);
        ASSERT_EQ(bench.sent(), 2U);
        EXPECT_EQ(bench.header("Expires"), asked);
        bench.answer(423, rows);
        EXPECT_EQ(bench.sent(), 2U);
        EXPECT_EQ(bench.row().state, State::failed);
        EXPECT_EQ(bench.row().last_status, 423);
        bench.pass(30s);
        EXPECT_EQ(bench.header("Expires"), "180") << "what never was granted is not remembered";
    }
}

// T46, T47, T51, T57, T58
TEST(Registration, EveryOtherFailureWaitsTheRetryTime) {
    for (const int status : {302, 380, 400, 403, 404, 482, 483, 499, 500, 503, 599, 604}) {
        Bench bench(with_page(180s, 45s));
        bench.start();
        bench.answer(status);
        EXPECT_EQ(bench.row().state, State::failed) << status;
        EXPECT_EQ(bench.row().last_status, status);
        EXPECT_THAT(bench.row().reason, StartsWith(fmt::format("{} ", status)));
        EXPECT_EQ(bench.row().next_attempt_in, 45s) << status;
        EXPECT_EQ(bench.row().consecutive_failures, 1U);
        bench.pass(44'999ms);
        EXPECT_EQ(bench.sent(), 1U);
        bench.pass(1ms);
        EXPECT_EQ(bench.sent(), 2U);
        bench.accept(180);
        EXPECT_EQ(bench.row().consecutive_failures, 0U);
    }
}

// T46
TEST(Registration, DoesNotRepeatForbiddenCredentialsUnasked) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.answer(403);
    bench.pass(30s);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("Authorization"), "");
}

// T42, T44, T45
TEST(Registration, HonoursRetryAfterWithinBounds) {
    const std::vector<std::pair<std::string, Milliseconds>> cases{
        {"120", 120s}, {"5;duration=60 (maintenance)", 5s}, {"4000000000", 1800s}, {"0", 30s}};
    for (const auto& [value, delay] : cases) {
        Bench bench;
        bench.start();
        bench.answer(503, fmt::format("Retry-After: {}\r\n", value));
        EXPECT_GE(bench.row().next_attempt_in, delay) << value;
        EXPECT_LE(bench.row().next_attempt_in, delay + delay / 10) << value;
    }
}

// T110, T34
TEST(Registration, TimesOutWithTheReasonAndIgnoresALateAnswer) {
    Bench bench;
    bench.start();
    bench.pass(31'999ms);
    EXPECT_EQ(bench.row().state, State::registering);
    EXPECT_EQ(bench.sent(), 11U);
    const std::string first = bench.last();
    bench.pass(1ms);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_EQ(bench.row().last_status, 0);
    EXPECT_EQ(bench.row().reason, "no answer within 32 s from 192.0.2.1:5060");
    EXPECT_EQ(bench.row().next_attempt_in, 30s);
    bench.answer_to(first, 200, "Contact: <sip:100@192.0.2.10>;expires=180\r\n");
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_FALSE(bench.row().registered);
}

// T33
TEST(Registration, IgnoresADuplicateAnswer) {
    Bench bench;
    bench.start();
    bench.accept(180);
    const RegistrationStatus before = bench.row();
    bench.accept(60);
    EXPECT_EQ(bench.row().granted_expires, before.granted_expires);
    EXPECT_EQ(bench.row().expires_in, before.expires_in);
    EXPECT_EQ(bench.row().attempts, before.attempts);
}

// T62
TEST(Registration, GoesOnWaitingAfterAProvisionalAnswer) {
    Bench bench;
    bench.start();
    bench.answer(100);
    EXPECT_EQ(bench.row().state, State::registering);
    bench.pass(32s);
    EXPECT_EQ(bench.row().state, State::failed);
}

// T56
TEST(Registration, FailsWhenTheTransportRefuses) {
    Bench bench;
    bench.sender.is_broken = true;
    bench.start();
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_EQ(bench.row().reason, "cannot send to 192.0.2.1:5060");
    EXPECT_EQ(bench.row().next_attempt_in, 30s);
    bench.sender.is_broken = false;
    bench.pass(30s);
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(Registration, StaysRegisteredThroughAFailedRefreshUntilTheBindingExpires) {
    Bench bench(with_page(180s, 600s));
    bench.start_registered(180);
    bench.pass(90s);
    bench.answer(500);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_TRUE(bench.row().registered);
    EXPECT_EQ(bench.row().expires_in, 90s);
    bench.pass(90s);
    EXPECT_FALSE(bench.row().registered);
    EXPECT_FALSE(bench.row().expires_in);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_THAT(bench.log_text.str(), HasSubstr("the binding expired"));
}

TEST(Registration, IsRegisteringAgainWhenTheBindingExpiresDuringARefresh) {
    Bench bench;
    bench.start_registered(40);
    bench.pass(20s);
    EXPECT_EQ(bench.row().state, State::refreshing);
    bench.pass(20s);
    EXPECT_EQ(bench.row().state, State::registering);
    EXPECT_FALSE(bench.row().registered);
}

// T28
TEST(Registration, IsNotUpWhenTheAnswerDoesNotListItOrGrantsNothing) {
    for (const std::string rows : {"", "Contact: <sip:200@192.0.2.77>;expires=60\r\n",
                                   "Contact: <sip:100@192.0.2.10>;expires=0\r\n"}) {
        Bench bench;
        bench.start();
        bench.answer(200, rows);
        EXPECT_EQ(bench.row().state, State::failed) << rows;
        EXPECT_FALSE(bench.row().registered);
        EXPECT_EQ(bench.row().next_attempt_in, 30s);
    }
}

// T30
TEST(Registration, NeverFloodsWhateverIsGranted) {
    for (unsigned granted = 1; granted <= 10; ++granted) {
        Bench bench;
        bench.start_registered(granted);
        const unsigned interval = std::max(1000U, granted * 500);
        const unsigned rounds = 60'000 / interval;
        for (unsigned round = 0; round < rounds; ++round) {
            const std::size_t sent = bench.sent();
            bench.pass(Milliseconds(interval - 1));
            EXPECT_EQ(bench.sent(), sent) << granted;
            bench.pass(1ms);
            ASSERT_EQ(bench.sent(), sent + 1) << granted;
            bench.accept(granted);
        }
    }
}

// T30, T45: not even a configuration without a retry time loops tightly.
TEST(Registration, KeepsASecondBetweenFailures) {
    Bench bench(with_page(180s, 0s));
    bench.start();
    bench.answer(500);
    bench.pass(999ms);
    EXPECT_EQ(bench.sent(), 1U);
    bench.pass(1ms);
    EXPECT_EQ(bench.sent(), 2U);
}

// T10
TEST(Registration, HasOneRegisterOutWhateverHappensMeanwhile) {
    Bench bench;
    bench.start();
    bench.set_targets({{bench_second_registrar, Transport::udp}});
    bench.registration.start(bench.now);
    bench.set_targets({});
    EXPECT_EQ(bench.sent(), 1U);
}

TEST(Registration, RegistersAtOnceAtANewActiveServer) {
    Bench bench;
    bench.start_registered(180);
    bench.set_targets({{bench_second_registrar, Transport::udp}});
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.sender.sent.back().flow.remote, bench_second_registrar);
}

TEST(Registration, WaitsForResolutionWhenItsAddressIsGone) {
    Bench bench;
    bench.start_registered(180);
    bench.set_targets({});
    bench.pass(90s);
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_THAT(bench.row().reason, HasSubstr("waits for an address of registrar.example"));
    bench.pass(10s);
    bench.set_targets({{bench_registrar, Transport::udp}});
    EXPECT_EQ(bench.row().state, State::refreshing);
}

// T17
TEST(Registration, RemovesItsBindingAndAuthenticatesThatToo) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.accept(180);
    const std::string call_id = bench.row().call_id;
    bench.registration.unregister(bench.now);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.row().state, State::unregistering);
    EXPECT_EQ(bench.header("Expires"), "0");
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=0");
    EXPECT_EQ(bench.header("Call-ID"), call_id);
    EXPECT_EQ(bench.header("CSeq"), "3 REGISTER");
    EXPECT_FALSE(bench.registration.is_quiet());
    bench.challenge("n2", ", stale=true");
    EXPECT_EQ(bench.header("Expires"), "0");
    EXPECT_EQ(bench.header("CSeq"), "4 REGISTER");
    bench.answer(200);
    EXPECT_EQ(bench.row().state, State::unregistered);
    EXPECT_FALSE(bench.row().registered);
    EXPECT_TRUE(bench.registration.is_quiet());
    bench.pass(24h);
    EXPECT_EQ(bench.sent(), 4U);
    EXPECT_THAT(bench.log_text.str(), HasSubstr("UNREGISTERED"));
}

TEST(Registration, UnregistersWhereTheBindingStands) {
    Bench bench;
    bench.start_registered(180);
    bench.set_targets({{bench_second_registrar, Transport::udp}});
    bench.pass(90s);
    bench.answer(500);
    bench.registration.unregister(bench.now);
    EXPECT_EQ(bench.header("Expires"), "0");
    EXPECT_EQ(bench.sender.sent.back().flow.remote, bench_registrar);
}

TEST(Registration, UnregistersOnlyAfterTheOutstandingRegisterEnded) {
    Bench bench;
    bench.start();
    bench.registration.unregister(bench.now);
    EXPECT_EQ(bench.sent(), 1U);
    EXPECT_FALSE(bench.registration.is_quiet());
    bench.accept(180);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Expires"), "0");
}

TEST(Registration, EndsWithoutAWordWhenNoBindingStands) {
    const std::vector<std::function<void(Bench&)>> ends{
        [](Bench& bench) { bench.challenge("n1"); },
        [](Bench& bench) { bench.answer(404); },
        [](Bench& bench) { bench.answer(200); },
        [](Bench& bench) { bench.pass(32s); },
    };
    for (const auto& end : ends) {
        Bench bench;
        bench.start();
        bench.registration.unregister(bench.now);
        end(bench);
        EXPECT_EQ(bench.row().state, State::unregistered);
        EXPECT_TRUE(bench.registration.is_quiet());
        EXPECT_THAT(bench.last(), Not(HasSubstr("Expires: 0")));
    }
    Bench waiting;
    waiting.registration.start(waiting.now);
    waiting.registration.unregister(waiting.now);
    EXPECT_EQ(waiting.row().state, State::unregistered);
    waiting.start();
    EXPECT_EQ(waiting.sent(), 0U);
}

TEST(Registration, TellsWhenTheRegistrarDidNotConfirmTheRemoval) {
    const std::vector<std::pair<std::function<void(Bench&)>, std::string>> ends{
        {[](Bench& bench) { bench.answer(500); }, "500 "},
        {[](Bench& bench) { bench.pass(32s); }, "no answer within 32 s"},
        {[](Bench& bench) { bench.answer(401); }, "without a challenge"},
    };
    for (const auto& [end, reason] : ends) {
        Bench bench;
        bench.start_registered(180);
        bench.registration.unregister(bench.now);
        end(bench);
        EXPECT_EQ(bench.row().state, State::unregistered);
        EXPECT_THAT(bench.row().reason, HasSubstr(reason));
        EXPECT_TRUE(bench.registration.is_quiet());
    }
}

// T104
TEST(Registration, NeverWritesASecretOrItsAnswerToTheLog) {
    Bench bench;
    bench.log.set_level(spdlog::level::trace);
    bench.start();
    bench.challenge("n1");
    bench.challenge("n1");
    bench.pass(30s);
    bench.challenge("n2");
    bench.accept(180);
    bench.registration.unregister(bench.now);
    bench.answer(200);
    EXPECT_THAT(bench.log_text.str(), Not(HasSubstr("open sesame")));
    EXPECT_THAT(bench.log_text.str(), Not(HasSubstr("Authorization")));
    EXPECT_THAT(bench.log_text.str(), Not(HasSubstr("response=")));
}

TEST(Registration, DoesNotFillTheLogWhenARegistrarIsDownForADay) {
    Bench bench;
    bench.start();
    bench.pass(24h);
    EXPECT_GT(bench.row().consecutive_failures, 1000U);
    EXPECT_LE(occurrences(bench.log_text.str(), "FAILED"), 12U);
    EXPECT_GE(occurrences(bench.log_text.str(), "FAILED"), 1U);
}

TEST(Registration, ShowsNoControlCharacterOfThePeer) {
    Bench bench;
    bench.start();
    bench.answer(401, "WWW-Authenticate: Digest realm=\"l\xC3\xA4 b\", nonce=\"n\"\r\n");
    EXPECT_EQ(bench.row().realm, "l?? b");
}

TEST(Registration, KeepsItsOwnSideOfAnIpv6Interface) {
    // T16
    Config config = Bench::default_config();
    config.sip_interfaces[0].address = *dataplane::IpAddress::parse("2001:db8::10");
    config.sip_interfaces[0].udp_port = 5070;
    Bench bench(config);
    const dataplane::Endpoint registrar{*dataplane::IpAddress::parse("2001:db8::1"), 5060};
    bench.set_targets({{registrar, Transport::udp}});
    bench.registration.start(bench.now);
    EXPECT_THAT(bench.header("Via"), StartsWith("SIP/2.0/UDP [2001:db8::10]:5070;"));
    EXPECT_EQ(bench.header("Contact"), "<sip:100@[2001:db8::10]:5070>;expires=180");
    bench.answer(200, "Contact: <sip:100@[2001:DB8:0::10]:5070>;expires=180\r\n");
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(Registration, IsCancelledWithItsShard) {
    Bench bench;
    bench.set_targets({{bench_registrar, Transport::udp}});
    {
        Registration registration(registrants(bench.config).at(0), bench.registration_context);
        registration.start(bench.now);
        ASSERT_EQ(bench.sent(), 1U);
    }
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), 1U);
}

}  // namespace
}  // namespace trunkline::sipstack
