// What a registration writes down and how it goes on after a restart; the flows it leaves for
// `show registration NAME --trace`.
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using State = RegistrationState;
using Bench = RegistrationBench;

TEST(Journal, HasEachRegisterBeforeItsAnswer) {
    Bench bench;
    bench.start();
    ASSERT_EQ(bench.journal.records.size(), 1U);
    const RegistrationRecord& record = bench.journal.records[0];
    EXPECT_EQ(record.key, bench.registration.registrant().key());
    EXPECT_EQ(record.call_id, bench.row().call_id);
    EXPECT_EQ(record.cseq, 1U);
    EXPECT_TRUE(record.outstanding);
    EXPECT_FALSE(record.expires_at);
    bench.challenge("n1");
    EXPECT_EQ(bench.journal.records.back().cseq, 2U);
    EXPECT_TRUE(bench.journal.records.back().outstanding);
}

TEST(Journal, HasTheGrant) {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.accept(120);
    const RegistrationRecord& record = bench.journal.records.back();
    EXPECT_FALSE(record.outstanding);
    EXPECT_EQ(record.granted, 120s);
    EXPECT_EQ(record.expires_at, bench.now + 120s);
    EXPECT_EQ(record.refresh_at, bench.now + 60s);
    EXPECT_EQ(record.target.endpoint, bench_registrar);
    EXPECT_EQ(record.local_port, 5060);
    EXPECT_EQ(record.contact_user, "100");
    ASSERT_EQ(record.digests.size(), 1U);
}

TEST(Journal, HasFailuresWithTheBindingThatStillStands) {
    Bench bench;
    bench.start_registered(180);
    const Instant end = bench.now + 180s;
    bench.pass(90s);
    bench.answer(500);
    const RegistrationRecord& record = bench.journal.records.back();
    EXPECT_FALSE(record.outstanding);
    EXPECT_EQ(record.expires_at, end);
    EXPECT_EQ(record.refresh_at, bench.now + 30s);
}

TEST(Journal, HasNoBindingAfterItExpiredOrWasRemoved) {
    Bench expired;
    expired.start_registered(180);
    expired.sender.is_broken = true;
    expired.pass(181s);
    EXPECT_FALSE(expired.journal.records.back().expires_at);
    Bench removed;
    removed.start_registered(180);
    removed.registration.unregister(removed.now);
    removed.answer(200);
    EXPECT_FALSE(removed.journal.records.back().expires_at);
    EXPECT_FALSE(removed.journal.records.back().outstanding);
}

TEST(Journal, HasNoBindingOnceTheOldOnesWereRemovedAtStartUp) {
    Config config = Bench::default_config();
    config.proxy_and_registration.unregister_on_startup = true;
    Bench bench(config);
    RegistrationRecord record;
    record.key = bench.registration.registrant().key();
    record.call_id = "tl00before@192.0.2.10";
    record.from_tag = "tl00before";
    record.cseq = 7;
    record.granted = 180s;
    record.expires_at = bench.now + 170s;
    record.refresh_at = bench.now + 80s;
    record.target = {bench_registrar};
    bench.registration.restore(record, bench.now);
    bench.start();
    ASSERT_EQ(bench.journal.records.back().expires_at, record.expires_at);
    bench.answer(200);
    EXPECT_EQ(bench.journal.records.back().cseq, 8U);
    EXPECT_FALSE(bench.journal.records.back().expires_at);
}

TEST(Journal, HasWhatA423Taught) {
    Bench bench;
    bench.start();
    bench.answer(423, "Min-Expires: 600\r\n");
    bench.accept(600);
    EXPECT_EQ(bench.journal.records.back().raised, (RaisedTime{180, 600}));
}

/// What a registrant that was granted 180 s after a challenge leaves at its end.
RegistrationRecord of_an_earlier_run() {
    Bench bench;
    bench.start();
    bench.challenge("n1");
    bench.accept(180);
    return bench.journal.records.back();
}

/// Restarted `after` that record was written.
struct RestartedBench : Bench {
    explicit RestartedBench(Milliseconds after, RegistrationRecord left = of_an_earlier_run())
        : record(std::move(left)) {
        pass(after);
        registration.restore(record, now);
        start();
    }
    const RegistrationRecord record;
};

// T04, T03
TEST(Restored, RefreshesWhenItIsDueAndGoesOnWithCallIdCseqAndNonce) {
    RestartedBench bench(20s);
    EXPECT_EQ(bench.sent(), 0U);
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_TRUE(bench.row().registered);
    EXPECT_EQ(bench.row().expires_in, 160s);
    EXPECT_EQ(bench.row().next_attempt_in, 70s);
    bench.pass(69'999ms);
    EXPECT_EQ(bench.sent(), 0U);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.header("Call-ID"), bench.record.call_id);
    EXPECT_EQ(bench.header("CSeq"), "3 REGISTER");
    EXPECT_THAT(bench.header("From"), HasSubstr(bench.record.from_tag));
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nonce=\"n1\""));
    EXPECT_THAT(bench.header("Authorization"), HasSubstr("nc=00000002"));
    bench.accept(180);
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(Restored, RefreshesAtOnceWhatWasDueMeanwhile) {
    RestartedBench bench(100s);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.row().state, State::refreshing);
}

TEST(Restored, SendsNothingBeforeItIsStartedAndWhatIsDueThen) {
    Bench bench;
    bench.registration.restore(of_an_earlier_run(), bench.now);
    bench.set_targets({{bench_registrar, Transport::udp}});
    bench.pass(100s);
    EXPECT_EQ(bench.sent(), 0U);
    bench.registration.start(bench.now);
    EXPECT_EQ(bench.sent(), 1U);
}

TEST(Restored, RegistersAfreshWhatExpiredMeanwhile) {
    RestartedBench bench(200s);
    ASSERT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.row().state, State::registering);
    EXPECT_FALSE(bench.row().registered);
    EXPECT_EQ(bench.header("Call-ID"), bench.record.call_id);
    EXPECT_EQ(bench.header("CSeq"), "3 REGISTER");
}

TEST(Restored, AsksForWhatA423Taught) {
    RegistrationRecord record = of_an_earlier_run();
    record.raised = {180, 900};
    RestartedBench bench(200s, record);
    EXPECT_EQ(bench.header("Expires"), "900");
}

TEST(Restored, ForgetsWhatA423TaughtOfAnotherConfiguredTime) {
    RegistrationRecord record = of_an_earlier_run();
    record.raised = {3600, 1'999'999};
    RestartedBench bench(200s, record);
    EXPECT_EQ(bench.header("Expires"), "180");
}

TEST(Restored, CanBeUnregisteredBeforeAnythingWasSent) {
    RestartedBench bench(20s);
    bench.registration.unregister(bench.now);
    ASSERT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.header("Expires"), "0");
    EXPECT_EQ(bench.sender.sent[0].flow.remote, bench_registrar);
}

// The journal may be older than the last REGISTER (RFC 3261 10.3 step 7).
TEST(Restored, BeginsAnewWhereItsCseqWasSeenBefore) {
    for (const int status : {400, 500}) {
        RestartedBench bench(100s);
        bench.pass(1ms);
        bench.answer(status);
        ASSERT_EQ(bench.sent(), 2U) << status;
        EXPECT_NE(bench.header("Call-ID"), bench.record.call_id);
        EXPECT_EQ(bench.header("CSeq"), "1 REGISTER");
        bench.answer(status);
        EXPECT_EQ(bench.sent(), 2U) << "once";
        EXPECT_EQ(bench.row().state, State::failed);
    }
}

TEST(Restored, KeepsItsCallIdOnceItWasGranted) {
    RestartedBench bench(100s);
    bench.pass(1ms);
    bench.accept(180);
    bench.pass(90s);
    bench.answer(500);
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_EQ(bench.row().call_id, bench.record.call_id);
}

TEST(Trace, HasTheMessagesOfAFlowInTheirOrder) {
    Bench bench;
    bench.start();
    bench.pass(100ms);
    bench.challenge("n1");
    bench.accept(180);
    const auto flows = bench.registration.flows();
    ASSERT_EQ(flows.size(), 1U);
    ASSERT_EQ(flows[0].size(), 4U);
    using Kind = TraceEvent::Kind;
    const std::vector<std::pair<Kind, std::string>> expected{
        {Kind::sent, "REGISTER sip:lab.example SIP/2.0\r\n"},
        {Kind::received, "SIP/2.0 401 Unauthorized\r\n"},
        {Kind::sent, "REGISTER sip:lab.example SIP/2.0\r\n"},
        {Kind::received, "SIP/2.0 200 OK\r\n"}};
    for (std::size_t at = 0; at < expected.size(); ++at) {
        EXPECT_EQ(flows[0][at].kind, expected[at].first) << at;
        EXPECT_THAT(flows[0][at].text, StartsWith(expected[at].second));
        EXPECT_EQ(flows[0][at].remote, bench_registrar);
        EXPECT_EQ(flows[0][at].transport, Transport::udp);
    }
    EXPECT_THAT(flows[0][2].text, HasSubstr("Authorization: Digest "));
    EXPECT_EQ(flows[0][1].at - flows[0][0].at, 100ms);
}

TEST(Trace, HasAFlowAnAttemptAndSaysWhatBecameOfIt) {
    Bench bench;
    bench.start();
    bench.answer(500);
    bench.pass(30s);
    bench.accept(180);
    const auto flows = bench.registration.flows();
    ASSERT_EQ(flows.size(), 2U);
    EXPECT_EQ(flows[0].back().kind, TraceEvent::Kind::note);
    EXPECT_EQ(flows[0].back().text, "FAILED: 500 Server Internal Error; next attempt in 30 s");
}

}  // namespace
}  // namespace trunkline::sipstack
