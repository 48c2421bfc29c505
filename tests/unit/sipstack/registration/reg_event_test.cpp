// An account with Reg Event Package Subscription: SUBSCRIBE, NOTIFY, and what becomes of both.
#include "sipstack/registration/reg_event.h"

#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

using State = RegistrationState;

struct RegEventBench : RegistrationBench {
    static Config with_subscription() {
        Config config = default_config();
        config.accounts[0].reg_event_package_subscription = true;
        return config;
    }
    /// Registered for 7200 s; the SUBSCRIBE is out.
    explicit RegEventBench(const Config& bench_config = with_subscription())
        : RegistrationBench(bench_config) {
        start_registered(7200);
    }

    static bool is_subscribe(const std::string& text) { return text.starts_with("SUBSCRIBE "); }
    std::vector<std::string> subscribes() const {
        std::vector<std::string> texts;
        for (const auto& one : sender.sent) {
            if (is_subscribe(one.bytes)) {
                texts.push_back(one.bytes);
            }
        }
        return texts;
    }
    std::size_t registers() const { return sent() - subscribes().size(); }
    static std::string row_of(const std::string& text, std::string_view name) {
        const auto message = Message::parse(text);
        const auto rows = message->rows(name);
        return rows.empty() ? std::string() : std::string(rows.at(0));
    }
    std::string subscribe(std::string_view name) const { return row_of(subscribes().back(), name); }

    void answer_subscribe(int status, const std::string& rows = "") {
        const auto request = Message::parse(subscribes().back());
        const std::string to(request->rows("To")[0]);
        const std::string text = fmt::format(
            "SIP/2.0 {} {}\r\nVia: {}\r\nFrom: {}\r\nTo: {}{}\r\nCall-ID: {}\r\nCSeq: {} SUBSCRIBE"
            "\r\n{}Content-Length: 0\r\n\r\n",
            status, reason_phrase(status), request->rows("Via")[0], request->rows("From")[0], to,
            to.find(";tag=") == to.npos ? ";tag=notifier" : "", request->call_id(), request->cseq(),
            rows);
        transactions.receive_response(*Message::parse(text), sender.sent.back().flow, now);
    }
    void grant(unsigned expires = 7200) {
        answer_subscribe(200, fmt::format("Contact: <sip:reg@192.0.2.1:5070>\r\n"
                                          "Record-Route: <sip:p2.example;lr>, <sip:p1.example;lr>"
                                          "\r\nExpires: {}\r\n",
                                          expires));
    }

    std::string notify_text(const std::string& body, const std::string& rows,
                            const std::string& from_tag = "notifier") {
        const auto latest = Message::parse(subscribes().back());
        ++notify_cseq;
        return fmt::format(
            "NOTIFY sip:100@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKn{}\r\n"
            "From: <sip:100@lab.example>;tag={}\r\nTo: <sip:100@lab.example>;tag={}\r\nCall-ID: {}"
            "\r\nCSeq: {} NOTIFY\r\nEvent: reg\r\n{}Content-Length: {}\r\n\r\n{}",
            notify_cseq, from_tag, latest->from_tag(), latest->call_id(), notify_cseq, rows,
            body.size(), body);
    }
    int notify(const std::string& body, const std::string& state = "active;expires=3600",
               const std::string& type = "application/reginfo+xml") {
        const std::string text = notify_text(body, fmt::format("Subscription-State: {}\r\n"
                                                               "Content-Type: {}\r\n",
                                                               state, type));
        return take(text);
    }
    int take(const std::string& text) {
        const auto message = Message::parse(text);
        const auto dialog = reg_event_dialogs.find(std::string(message->call_id()));
        return dialog == reg_event_dialogs.end()
                   ? 481
                   : dialog->second->notified(*message, sender.sent.back().flow, now);
    }
    static std::string document(unsigned version, const std::string& state,
                                const std::string& contact) {
        return fmt::format(
            "<reginfo version=\"{}\" state=\"{}\"><registration aor=\"sip:100@lab.example\" "
            "id=\"1\" state=\"active\">{}</registration></reginfo>",
            version, state, contact);
    }
    static std::string ended(unsigned version, const std::string& event,
                             const std::string& more = "") {
        return document(version, "partial",
                        fmt::format("<contact id=\"1\" state=\"terminated\" event=\"{}\" {}>"
                                    "<uri>sip:100@192.0.2.10</uri></contact>",
                                    event, more));
    }
    static std::string up(unsigned version) {
        return document(version, "full",
                        "<contact id=\"1\" state=\"active\" event=\"registered\">"
                        "<uri>sip:100@192.0.2.10</uri></contact>");
    }

    unsigned notify_cseq = 0;
};

TEST(RegEvent, SubscribesAfterTheGrantAtTheSameServer) {
    RegEventBench bench;
    ASSERT_EQ(bench.subscribes().size(), 1U);
    EXPECT_THAT(bench.last(), StartsWith("SUBSCRIBE sip:100@lab.example SIP/2.0\r\n"));
    EXPECT_EQ(bench.header("Event"), "reg");
    EXPECT_EQ(bench.header("Accept"), "application/reginfo+xml");
    EXPECT_EQ(bench.header("Expires"), "7200");
    EXPECT_EQ(bench.header("To"), "<sip:100@lab.example>");
    EXPECT_THAT(bench.header("From"), MatchesRegex("<sip:100@lab.example>;tag=.+"));
    EXPECT_EQ(bench.header("Contact"), "<sip:100@192.0.2.10>");
    EXPECT_EQ(bench.sender.sent.back().flow, bench.sender.sent.front().flow);
    EXPECT_NE(bench.header("Call-ID"), bench.row().call_id);
    EXPECT_EQ(bench.row().subscription, "subscribing");
    bench.grant();
    EXPECT_EQ(bench.row().subscription, "active");
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(RegEvent, IsOffByDefault) {
    RegEventBench bench(RegistrationBench::default_config());
    EXPECT_EQ(bench.subscribes().size(), 0U);
    EXPECT_EQ(bench.row().subscription, "");
}

// T35: Service-Route is for what is no REGISTER.
TEST(RegEvent, TakesTheServiceRouteFirstAndItsRouteSetThen) {
    RegistrationBench plain(RegEventBench::with_subscription());
    plain.start();
    plain.answer(200,
                 "Contact: <sip:100@192.0.2.10>;expires=600\r\n"
                 "Service-Route: <sip:s1.example;lr>, <sip:s2.example;lr>\r\n");
    const auto first = *Message::parse(plain.last());
    EXPECT_THAT(first.rows("Route"),
                ::testing::ElementsAre("<sip:s1.example;lr>", "<sip:s2.example;lr>"));
    RegEventBench bench;
    bench.grant(600);
    bench.pass(300s);
    ASSERT_EQ(bench.subscribes().size(), 2U);
    const auto refresh = *Message::parse(bench.subscribes().back());
    EXPECT_EQ(refresh.request_uri(), "sip:reg@192.0.2.1:5070");
    EXPECT_THAT(refresh.rows("Route"),
                ::testing::ElementsAre("<sip:p1.example;lr>", "<sip:p2.example;lr>"));
    EXPECT_EQ(refresh.to_tag(), "notifier");
    EXPECT_EQ(refresh.cseq(), 2U);
}

TEST(RegEvent, AuthenticatesByItself) {
    RegEventBench bench;
    bench.answer_subscribe(407, "Proxy-Authenticate: Digest realm=\"lab\", nonce=\"s1\"\r\n");
    ASSERT_EQ(bench.subscribes().size(), 2U);
    EXPECT_THAT(bench.subscribe("Proxy-Authorization"), HasSubstr("nonce=\"s1\""));
    EXPECT_THAT(bench.subscribe("Proxy-Authorization"), HasSubstr("uri=\"sip:100@lab.example\""));
    EXPECT_EQ(bench.subscribe("CSeq"), "2 SUBSCRIBE");
    bench.grant();
    EXPECT_EQ(bench.row().subscription, "active");
}

TEST(RegEvent, DoesNotBeginAnewWithEachRefreshOfTheBinding) {
    RegEventBench bench;
    bench.grant();
    bench.registration.register_now(bench.now);
    bench.accept(7200);
    EXPECT_EQ(bench.subscribes().size(), 1U);
}

TEST(RegEvent, EndsWithTheRegistration) {
    RegEventBench bench;
    bench.grant();
    bench.registration.unregister(bench.now);
    ASSERT_EQ(bench.subscribes().size(), 2U);
    EXPECT_EQ(bench.subscribe("Expires"), "0");
    EXPECT_EQ(bench.header("Expires"), "0");
    bench.answer(200);
    EXPECT_EQ(bench.row().state, State::unregistered);
    EXPECT_EQ(bench.row().subscription, "ended");
    EXPECT_FALSE(bench.registration.is_quiet());
    bench.answer_subscribe(200, "Expires: 0\r\n");
    EXPECT_TRUE(bench.registration.is_quiet());
    EXPECT_EQ(bench.notify(RegEventBench::ended(1, "unregistered"), "terminated;reason=timeout"),
              200);
    bench.pass(24h);
    EXPECT_EQ(bench.subscribes().size(), 2U);
    EXPECT_EQ(bench.row().state, State::unregistered);
}

TEST(RegEvent, RegistersAgainAtOnceWhenTheBindingIsEnded) {
    for (const std::string event : {"deactivated", "unregistered", "expired"}) {
        RegEventBench bench;
        bench.grant();
        bench.pass(10s);
        EXPECT_EQ(bench.notify(RegEventBench::up(0)), 200);
        EXPECT_EQ(bench.registers(), 1U);
        EXPECT_EQ(bench.notify(RegEventBench::ended(1, event)), 200);
        EXPECT_FALSE(bench.row().registered);
        EXPECT_THAT(bench.row().reason, HasSubstr(event));
        bench.pass(1ms);
        ASSERT_EQ(bench.registers(), 2U) << event;
        bench.accept(7200);
        EXPECT_EQ(bench.row().state, State::registered);
        EXPECT_EQ(bench.subscribes().size(), 1U) << "the subscription goes on";
    }
}

TEST(RegEvent, NeverRegistersMoreThanOnceASecond) {
    RegEventBench bench;
    bench.grant();
    for (unsigned version = 1; version <= 10; ++version) {
        bench.notify(RegEventBench::ended(version, "deactivated"));
        bench.pass(100ms);
    }
    EXPECT_LE(bench.registers(), 2U);
}

// RFC 3680 4.1: so a network has it authenticate anew.
TEST(RegEvent, RegistersAnewInTimeWhenTheBindingIsShortened) {
    const auto shortened = [](unsigned version, unsigned left) {
        return RegEventBench::document(
            version, "partial",
            fmt::format("<contact id=\"1\" state=\"active\" event=\"shortened\" expires=\"{}\">"
                        "<uri>sip:100@192.0.2.10</uri></contact>",
                        left));
    };
    RegEventBench bench;
    bench.grant();
    bench.pass(10s);
    EXPECT_EQ(bench.notify(shortened(0, 600)), 200);
    EXPECT_EQ(bench.row().expires_in, 600s);
    EXPECT_EQ(bench.row().next_attempt_in, 300s);
    EXPECT_EQ(bench.notify(shortened(1, 7000)), 200);
    EXPECT_EQ(bench.row().expires_in, 600s) << "it is no longer one";
    bench.pass(300s);
    ASSERT_EQ(bench.registers(), 2U);
    EXPECT_TRUE(bench.row().registered);
    bench.accept(7200);
    EXPECT_EQ(bench.row().expires_in, 7200s);
    EXPECT_EQ(bench.notify(shortened(2, 0)), 200);
    bench.pass(1s);
    EXPECT_EQ(bench.registers(), 3U);
}

TEST(RegEvent, WaitsThroughAProbation) {
    RegEventBench bench;
    bench.grant();
    bench.notify(RegEventBench::ended(1, "probation", "retry-after=\"100\""));
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_GE(bench.row().next_attempt_in, 100s);
    EXPECT_LE(bench.row().next_attempt_in, 110s);
    RegEventBench unsaid;
    unsaid.grant();
    unsaid.notify(RegEventBench::ended(1, "probation"));
    EXPECT_GE(unsaid.row().next_attempt_in, 30s);
    EXPECT_LE(unsaid.row().next_attempt_in, 33s);
}

TEST(RegEvent, FailsWithTheReasonWhenRejected) {
    Config config = RegEventBench::with_subscription();
    config.proxy_and_registration.refused_retry_time = 300s;
    RegEventBench bench(config);
    bench.grant();
    bench.notify(RegEventBench::ended(1, "rejected"));
    EXPECT_EQ(bench.row().state, State::failed);
    EXPECT_FALSE(bench.row().registered);
    EXPECT_EQ(bench.row().reason, "the registrar ended the binding (rejected)");
    EXPECT_GE(bench.row().next_attempt_in, 300s);
}

TEST(RegEvent, IgnoresOtherBindingsAndOldVersions) {
    RegEventBench bench;
    bench.grant();
    EXPECT_EQ(bench.notify(RegEventBench::document(
                  5, "full",
                  "<contact state=\"terminated\" event=\"rejected\"><uri>sip:100@192.0.2.77</uri>"
                  "</contact><contact state=\"active\"><uri>sip:100@192.0.2.10</uri></contact>")),
              200);
    EXPECT_EQ(bench.notify(RegEventBench::ended(5, "rejected")), 200);
    EXPECT_EQ(bench.notify(RegEventBench::ended(4, "rejected")), 200);
    EXPECT_EQ(bench.row().state, State::registered);
    EXPECT_EQ(bench.notify(RegEventBench::ended(6, "rejected")), 200);
    EXPECT_EQ(bench.row().state, State::failed);
}

TEST(RegEvent, AsksForTheFullStateAfterAGap) {
    RegEventBench bench;
    bench.grant();
    bench.pass(10s);
    bench.notify(RegEventBench::up(0));
    const std::string nobody = RegEventBench::document(1, "partial", "");
    bench.notify(nobody);
    bench.pass(1s);
    EXPECT_EQ(bench.subscribes().size(), 1U);
    bench.notify(RegEventBench::document(4, "partial", ""));
    bench.pass(1ms);
    EXPECT_EQ(bench.subscribes().size(), 2U);
}

TEST(RegEvent, ANotifyMayOvertakeTheAnswer) {
    RegEventBench bench;
    EXPECT_EQ(bench.notify(RegEventBench::up(0), "pending"), 200);
    EXPECT_EQ(bench.row().subscription, "pending");
    bench.grant();
    EXPECT_EQ(bench.row().subscription, "pending");
    bench.notify(RegEventBench::up(1));
    EXPECT_EQ(bench.row().subscription, "active");
}

TEST(RegEvent, RefusesWhatItCannotTake) {
    RegEventBench bench;
    bench.grant();
    EXPECT_EQ(bench.notify("<reginfo"), 400);
    EXPECT_EQ(bench.notify("<reginfo version=\"x\" state=\"full\"/>"), 400);
    EXPECT_EQ(bench.notify(RegEventBench::up(0), "active", "text/plain"), 415);
    EXPECT_EQ(bench.take(bench.notify_text("", "")), 400) << "no Subscription-State";
    const std::string state = "Subscription-State: active\r\n";
    EXPECT_EQ(bench.take(bench.notify_text("", state, "somebody")), 481);
    EXPECT_EQ(bench.take(bench.notify_text("", state)), 200) << "a body is not needed";
    bench.notify_cseq = 0;
    EXPECT_EQ(bench.take(bench.notify_text("", state)), 500) << "out of order";
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(RegEvent, ARefusalLeavesTheRegistrationAloneAndIsShown) {
    for (const int status : {403, 404, 489, 603}) {
        RegEventBench bench;
        bench.answer_subscribe(status);
        EXPECT_EQ(bench.row().state, State::registered) << status;
        EXPECT_THAT(bench.row().subscription, StartsWith(fmt::format("failed: {} ", status)));
        bench.pass(3599s);
        EXPECT_EQ(bench.subscribes().size(), 1U);
        bench.pass(1s);
        EXPECT_EQ(bench.subscribes().size(), 2U);
    }
}

TEST(RegEvent, TriesAgainAfterWhatMayPassAndBacksOff) {
    RegEventBench bench;
    for (Seconds wait : {30s, 60s, 120s}) {
        bench.answer_subscribe(500);
        const std::size_t before = bench.subscribes().size();
        bench.pass(wait - 1s);
        EXPECT_EQ(bench.subscribes().size(), before);
        bench.pass(1s);
        ASSERT_EQ(bench.subscribes().size(), before + 1);
    }
    bench.answer_subscribe(503, "Retry-After: 600\r\n");
    const std::size_t before = bench.subscribes().size();
    bench.pass(599s);
    EXPECT_EQ(bench.subscribes().size(), before);
    bench.pass(1s);
    EXPECT_EQ(bench.subscribes().size(), before + 1);
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(RegEvent, SilenceIsShownAndHarmless) {
    RegEventBench bench;
    bench.pass(32s);
    EXPECT_EQ(bench.row().subscription, "failed: no answer");
    EXPECT_EQ(bench.row().state, State::registered);
}

TEST(RegEvent, RaisesAnIntervalThatIsTooBrief) {
    RegEventBench bench;
    bench.answer_subscribe(423, "Min-Expires: 9000\r\n");
    ASSERT_EQ(bench.subscribes().size(), 2U);
    EXPECT_EQ(bench.subscribe("Expires"), "9000");
    bench.answer_subscribe(423, "Min-Expires: 90000\r\n");
    EXPECT_EQ(bench.subscribes().size(), 2U);
}

TEST(RegEvent, BeginsANewDialogWhenThePeerForgotIt) {
    RegEventBench bench;
    bench.grant(600);
    const std::string call_id = bench.subscribe("Call-ID");
    bench.pass(300s);
    bench.answer_subscribe(481);
    bench.pass(1s);
    ASSERT_EQ(bench.subscribes().size(), 3U);
    EXPECT_NE(bench.subscribe("Call-ID"), call_id);
    EXPECT_EQ(bench.subscribe("To"), "<sip:100@lab.example>");
}

TEST(RegEvent, FollowsWhatTheSubscriptionStateAsks) {
    RegEventBench moved;
    moved.grant();
    moved.notify("", "terminated;reason=deactivated");
    moved.pass(1s);
    EXPECT_EQ(moved.subscribes().size(), 2U);
    RegEventBench later;
    later.grant();
    later.notify("", "terminated;reason=giveup;retry-after=90");
    EXPECT_EQ(later.row().subscription, "failed: ended by the registrar (giveup)");
    later.pass(89s);
    EXPECT_EQ(later.subscribes().size(), 1U);
    later.pass(1s);
    EXPECT_EQ(later.subscribes().size(), 2U);
    RegEventBench gone;
    gone.grant();
    gone.notify("", "terminated;reason=noresource");
    gone.pass(3599s);
    EXPECT_EQ(gone.subscribes().size(), 1U);
    EXPECT_EQ(gone.row().state, State::registered);
}

TEST(RegEvent, StopsWhenTheBindingExpires) {
    RegEventBench bench;
    bench.grant();
    bench.sender.is_broken = true;
    bench.pass(7200s);
    ASSERT_FALSE(bench.row().registered);
    EXPECT_EQ(bench.row().subscription, "waits for the registration");
    EXPECT_TRUE(bench.reg_event_dialogs.empty());
}

TEST(RegEvent, EndsWhenTheAccountDoesNotWantItAnyMore) {
    RegEventBench bench;
    bench.grant();
    bench.registration.adopt(registrants(RegistrationBench::default_config()).at(0), bench.now);
    bench.registration.register_now(bench.now);
    bench.accept(7200);
    ASSERT_EQ(bench.subscribes().size(), 2U);
    EXPECT_EQ(bench.subscribe("Expires"), "0");
    EXPECT_EQ(bench.row().subscription, "");
}

TEST(RegEvent, IsTracedFromEachSubscribeToTheNext) {
    RegEventBench bench;
    bench.answer_subscribe(401, "WWW-Authenticate: Digest realm=\"lab\", nonce=\"n\"\r\n");
    bench.grant();
    const std::string notify = bench.notify_text(
        bench.up(0), "Subscription-State: active\r\nContent-Type: application/reginfo+xml\r\n");
    EXPECT_EQ(bench.take(notify), 200);
    const auto flows = bench.registration.flows();
    ASSERT_EQ(flows.size(), 2U);
    EXPECT_THAT(flows[0].front().text, StartsWith("REGISTER "));
    std::vector<std::string> steps;
    for (const TraceEvent& event : flows[1]) {
        steps.push_back((event.kind == TraceEvent::Kind::sent ? "-> " : "<- ") +
                        event.text.substr(0, event.text.find(' ', 8)));
    }
    EXPECT_THAT(steps, ::testing::ElementsAre("-> SUBSCRIBE", "<- SIP/2.0 401", "-> SUBSCRIBE",
                                              "<- SIP/2.0 200", "<- NOTIFY sip:100@192.0.2.10"));
    EXPECT_EQ(flows[1].back().text, notify);
    EXPECT_EQ(flows[1].back().remote, bench_registrar);
    bench.pass(3600s);
    EXPECT_EQ(bench.registration.flows().size(), 4U) << "its refresh and the REGISTER's";
}

TEST(RegEvent, AFailureIsTracedWithItsNextAttempt) {
    RegEventBench bench;
    bench.answer_subscribe(489);
    const auto flows = bench.registration.flows();
    EXPECT_EQ(flows.back().back().text,
              "the subscription failed: 489 Bad Event; next attempt in 3600 s");
}

TEST(RegEvent, SubscribesTakeTheirTurnAtTheServersRate) {
    Config config = RegEventBench::with_subscription();
    config.proxy_sets[0].registration_rate = 1;
    RegEventBench bench(config);
    EXPECT_EQ(bench.registers(), 1U);
    EXPECT_EQ(bench.subscribes().size(), 0U);
    EXPECT_FALSE(bench.registration.is_quiet());
    bench.pass(999ms);
    EXPECT_EQ(bench.subscribes().size(), 0U);
    bench.pass(2ms);
    ASSERT_EQ(bench.subscribes().size(), 1U);
    bench.answer_subscribe(401, "WWW-Authenticate: Digest realm=\"lab\", nonce=\"n\"\r\n");
    EXPECT_EQ(bench.subscribes().size(), 1U);
    bench.pass(1s);
    EXPECT_EQ(bench.subscribes().size(), 2U);
}

TEST(RegEvent, ASubscribeThatIsOutHoldsAPlaceInTheServersWindow) {
    for (const int status : {200, 489, 0}) {
        Config config = RegEventBench::with_subscription();
        config.proxy_sets[0].registration_window = 1;
        RegEventBench bench(config);
        ASSERT_EQ(bench.subscribes().size(), 1U);
        bench.registration.register_now(bench.now);
        bench.pass(1s);
        EXPECT_EQ(bench.row().state, State::registered) << "the REGISTER waits";
        if (status == 0) {
            bench.pass(32s);
        } else {
            bench.answer_subscribe(status, "Expires: 7200\r\n");
        }
        bench.pass(1ms);
        EXPECT_EQ(bench.row().state, State::refreshing) << status;
        EXPECT_EQ(bench.pacer.held(), 1U);
    }
}

TEST(RegEvent, WhatWaitsForItsTurnIsGivenUpWithTheBinding) {
    Config config = RegEventBench::with_subscription();
    config.proxy_sets[0].registration_rate = 1;
    RegEventBench bench(config);
    bench.registration.unregister(bench.now);
    bench.pass(2s);
    bench.answer(200);
    bench.pass(10s);
    EXPECT_EQ(bench.subscribes().size(), 0U) << "there is no dialog to end";
    EXPECT_TRUE(bench.registration.is_quiet());
    EXPECT_EQ(bench.pacer.waiting() + bench.pacer.held(), 0U);
}

TEST(RegEvent, IsMadeAnewAfterARestartWhenTheBindingIsRefreshed) {
    RegEventBench before;
    const RegistrationRecord record = before.journal.records.back();
    RegistrationBench after(RegEventBench::with_subscription());
    after.registration.restore(record, after.now);
    after.start();
    after.pass(3599s);
    EXPECT_EQ(after.sent(), 0U);
    after.pass(1s);
    ASSERT_EQ(after.sent(), 1U);
    EXPECT_THAT(after.last(), StartsWith("REGISTER "));
    after.accept(7200);
    ASSERT_EQ(after.sent(), 2U);
    EXPECT_THAT(after.last(), StartsWith("SUBSCRIBE "));
}

}  // namespace
}  // namespace trunkline::sipstack
