// GIN, outbound and path: what a REGISTER with them looks like, and what peers without them get.
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

using State = RegistrationState;
using Bench = RegistrationBench;

const std::string instance = "urn:uuid:00000000-0000-1000-8000-000a95a0e128";

Config with_gin() {
    Config config = Bench::default_config();
    config.accounts[0].register_mode = AccountRegister::gin;
    return config;
}

Config with_outbound() {
    Config config = Bench::default_config();
    config.accounts[0].outbound = true;
    config.accounts[0].instance_id = instance;
    return config;
}

// T170
TEST(Gin, IsRequiredOfRegistrarAndProxiesForAContactWithoutUser) {
    Bench bench(with_gin());
    bench.start();
    EXPECT_EQ(bench.header("Require"), "gin");
    EXPECT_EQ(bench.header("Proxy-Require"), "gin");
    EXPECT_EQ(bench.header("Contact"), "<sip:192.0.2.10;bnc>;expires=180");
    EXPECT_EQ(bench.header("To"), "<sip:100@lab.example>");
}

// T171
TEST(Gin, IsGrantedByAContactWithItsGruus) {
    Bench bench(with_gin());
    bench.start();
    bench.answer(200,
                 "Require: gin\r\nContact: <sip:192.0.2.10;bnc>;expires=120;"
                 "pub-gruu=\"sip:lab.example;bnc;gr=urn:uuid:f81d4fae\";"
                 "temp-gruu-cookie=\"ibuyawhnstvc1ncofhpb1e4w\";+sip.instance=\"<urn:x>\"\r\n");
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_EQ(bench.row().granted_expires, 120s);
}

// T172, T52
TEST(Gin, FallsBackToASingleRegistrationWhereItIsNotKnown) {
    Bench bench(with_gin());
    bench.start();
    bench.answer(420, "Unsupported: gin\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Require"), "");
    EXPECT_EQ(bench.header("Proxy-Require"), "");
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=180");
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
    bench.pass(90s);
    EXPECT_EQ(bench.header("Require"), "") << "the peer is not asked for it at each refresh";
}

// T172, T52
TEST(Gin, FallsBackOnce) {
    Bench bench(with_gin());
    bench.start();
    bench.answer(420, "Unsupported: gin\r\n");
    bench.answer(420, "Unsupported: gin\r\n");
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_EQ(bench.row().last_status, 420);
}

/// As after a kill: what the journal has is all that is known.
struct RestartedBench : Bench {
    RestartedBench(const Config& bench_config, const Bench& before) : Bench(bench_config) {
        set_targets({{bench_registrar, Transport::udp}});
        registration.restore(before.journal.records.back(), now);
        registration.start(now);
    }
};

// T172, T17: the binding that stands is the one without GIN.
TEST(Gin, IsKnownAfterARestartNotToBeThere) {
    Bench before(with_gin());
    before.start();
    before.answer(420, "Unsupported: gin\r\n");
    before.accept(180);
    RestartedBench bench(with_gin(), before);
    bench.registration.unregister(bench.now);
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=0");
    EXPECT_EQ(bench.header("Require"), "");
}

// T54, T53
TEST(Extensions, ThatAnswersChangedAreKnownAfterARestart) {
    Bench before(with_outbound());
    before.start();
    before.answer(439);
    before.accept(180);
    before.pass(90s);
    before.answer(421, "Require: path\r\n");
    before.accept(180);
    RestartedBench bench(with_outbound(), before);
    bench.pass(90s);
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=180");
    EXPECT_EQ(bench.header("Require"), "path");
}

TEST(Extensions, ThatAreConfiguredMeanwhileAreTriedAfterARestart) {
    Bench before;
    before.start_registered(180);
    Bench bench(with_gin());
    bench.set_targets({{bench_registrar, Transport::udp}});
    bench.registration.restore(before.journal.records.back(), bench.now);
    bench.registration.start(bench.now);
    bench.pass(90s);
    EXPECT_EQ(bench.header("Require"), "gin");
}

// T52, T54, T17: else the binding is left to the registrar.
TEST(Extensions, AreLeftOutOfAnUnregisterWhereTheyAreRefused) {
    for (const auto& [config, status, rows] : std::vector<std::tuple<Config, int, std::string>>{
             {with_gin(), 420, "Unsupported: gin\r\n"}, {with_outbound(), 439, ""}}) {
        Bench bench(config);
        bench.start();
        bench.answer(200, "Contact: " + bench.header("Contact") + "\r\n");
        ASSERT_TRUE(bench.row().registered);
        bench.registration.unregister(bench.now);
        bench.answer(status, rows);
        ASSERT_EQ(bench.sent(), 3U) << status;
        EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=0");
        EXPECT_EQ(bench.header("CSeq"), "3 REGISTER");
        bench.answer(status, rows);
        EXPECT_EQ(bench.sent(), 3U) << "once";
        EXPECT_EQ(bench.row().state, State::unregistered);
    }
}

TEST(Extensions, AreLeftOutOfTheClearingWhereTheyAreRefused) {
    Config config = with_gin();
    config.proxy_and_registration.unregister_on_startup = true;
    Bench bench(config);
    bench.start();
    ASSERT_EQ(bench.header("Contact"), "*");
    bench.answer(420, "Unsupported: gin\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Contact"), "*");
    EXPECT_EQ(bench.header("Require"), "");
}

// T52, T53, T54
TEST(Extensions, AreChangedAsOftenAsThereAreAndNoMore) {
    Config config = with_outbound();
    config.accounts[0].register_mode = AccountRegister::gin;
    Bench bench(config);
    bench.start();
    bench.answer(420, "Unsupported: gin\r\n");
    bench.answer(439);
    bench.answer(421, "Require: path\r\n");
    ASSERT_EQ(bench.sent(), 4U);
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=180");
    EXPECT_EQ(bench.header("Require"), "path");
    bench.answer(421, "Require: outbound\r\n");
    EXPECT_EQ(bench.sent(), 4U) << "one that cannot make up its mind";
    EXPECT_EQ(bench.row().state, State::failed);
}

// T52
TEST(Extensions, A420ThatNamesNothingOfOursIsAFailure) {
    for (const std::string rows : {"", "Unsupported: outbound\r\n", "Unsupported: foo, bar\r\n"}) {
        Bench bench(with_gin());
        bench.start();
        bench.answer(420, rows);
        EXPECT_EQ(bench.sent(), 1U) << rows;
        EXPECT_EQ(bench.row().state, State::failed);
    }
}

// T18
TEST(Outbound, OffersItsInstanceAndTheFirstFlow) {
    Bench bench(with_outbound());
    bench.start();
    EXPECT_EQ(bench.header("Contact"),
              "<sip:100@192.0.2.10>;expires=180;+sip.instance=\"<" + instance + ">\";reg-id=1");
    EXPECT_EQ(bench.header("Supported"), "path, outbound");
}

// T23
TEST(Outbound, FindsItsBindingByInstanceWhateverElseTheRegistrarWroteThere) {
    Bench bench(with_outbound());
    bench.start();
    bench.answer(200, "Contact: <sip:other@203.0.113.1:9>;expires=60;+sip.instance=\"<" + instance +
                          ">\";reg-id=1, <sip:100@203.0.113.2>;expires=70\r\n");
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_EQ(bench.row().granted_expires, 60s);
}

// T54, T52: a 439 names nothing, a 420 does.
TEST(Outbound, IsLeftOutWhereTheFirstHopLacksIt) {
    for (const auto& [status, rows] :
         std::vector<std::pair<int, std::string>>{{439, ""}, {420, "Unsupported: Outbound\r\n"}}) {
        Bench bench(with_outbound());
        bench.start();
        bench.answer(status, rows);
        ASSERT_EQ(bench.sent(), 2U) << status;
        EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>;expires=180");
        EXPECT_EQ(bench.header("Supported"), "path");
        bench.accept(180);
        EXPECT_EQ(bench.row().state, State::registered);
        bench.answer(status, rows);
        bench.pass(90s);
        EXPECT_THAT(bench.header("Contact"), Not(HasSubstr("reg-id")));
    }
}

// T54
TEST(Outbound, A439ToARequestWithoutItIsAFailure) {
    Bench bench;
    bench.start();
    bench.answer(439);
    EXPECT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.row().state, State::failed);
}

// T53
TEST(ExtensionRequired, PathIsAddedAtOnce) {
    Bench bench;
    bench.start();
    bench.answer(421, "Require: path\r\n");
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Require"), "path");
    EXPECT_EQ(bench.header("CSeq"), "2 REGISTER");
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

// T53
TEST(ExtensionRequired, OutboundComesBackWhereItIsConfigured) {
    Bench bench(with_outbound());
    bench.start();
    bench.answer(439);
    bench.accept(180);
    bench.pass(90s);
    bench.answer(421, "Require: outbound, path\r\n");
    EXPECT_THAT(bench.header("Contact"), HasSubstr("reg-id=1"));
    EXPECT_EQ(bench.header("Require"), "path");
}

// T53
TEST(ExtensionRequired, WhatWeDoNotHaveIsAFailureWithItsName) {
    for (const std::string tag : {"sec-agree", "outbound", "path, 100rel"}) {
        Bench bench;
        bench.start();
        bench.answer(421, fmt::format("Require: {}\r\n", tag));
        EXPECT_EQ(bench.sent(), 1U) << tag;
        EXPECT_EQ(bench.row().state, State::failed);
        EXPECT_THAT(bench.row().reason, HasSubstr("(" + tag + ")"));
    }
    Bench silent;
    silent.start();
    silent.answer(421);
    EXPECT_EQ(silent.sent(), 1U);
}

// T53
TEST(ExtensionRequired, IsAddedOnceAnAttempt) {
    Bench bench;
    bench.start();
    bench.answer(421, "Require: path\r\n");
    bench.answer(421, "Require: path\r\n");
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.row().state, State::failed);
}

}  // namespace
}  // namespace trunkline::sipstack
