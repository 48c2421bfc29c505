#include "tools/blast/client_role.h"

#include "played.h"
#include "tools/blast/options_sender.h"
#include "tools/blast/register_clients.h"
#include "tools/blast/registrar.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::blast {
namespace {

constexpr uint64_t second = 1'000'000'000;

RegisterSettings register_settings() {
    RegisterSettings settings;
    settings.accounts = 3;
    settings.password = "secret";
    settings.domain = "lab.example";
    settings.pace = {.window = 2, .total = 3};
    return settings;
}

/// Clients against the registrar, in memory.
class RegisterClientsTest : public testing::Test {
protected:
    RegisterClientsTest() {
        registrar_settings.realm = "r";
        registrar_settings.password = "secret";
        registrar_settings.aors = 100;
    }

    RegisterClients& clients() {
        if (!made) {
            made = std::make_unique<RegisterClients>(settings, at_client(), to_registrar);
            made->start(0);
        }
        return *made;
    }
    Registrar& registrar() {
        if (!peer) {
            peer = std::make_unique<Registrar>(registrar_settings, to_clients);
            peer->start(0);
        }
        return *peer;
    }

    /// The clients' next request, and the registrar's answer to it.
    std::string request(uint64_t now = 0) {
        clients().poll(now);
        if (to_registrar.sent.empty()) {
            return "";
        }
        const std::string text = to_registrar.sent.front().text;
        to_registrar.sent.pop_front();
        return text;
    }
    std::string answer_to(const std::string& text, uint64_t now = 0) {
        give(registrar(), text, now);
        const std::string answer = to_clients.sent.front().text;
        to_clients.sent.pop_front();
        return answer;
    }

    /// Plays until nothing moves at `now` any more.
    void play(uint64_t now) {
        for (bool moved = true; moved;) {
            moved = clients().poll(now);
            for (std::string text = request(now); !text.empty(); text = request(now)) {
                give(registrar(), text, now);
                moved = true;
            }
            while (!to_clients.sent.empty()) {
                give(clients(), to_clients.sent.front().text, now, at_client());
                to_clients.sent.pop_front();
                moved = true;
            }
        }
    }

    RegisterSettings settings = register_settings();
    RegistrarSettings registrar_settings;
    KeptOutlet to_registrar, to_clients;
    std::unique_ptr<RegisterClients> made;
    std::unique_ptr<Registrar> peer;
};

TEST_F(RegisterClientsTest, EachAccountRegisters) {
    play(0);
    EXPECT_EQ(clients().counts().completed, 3u);
    EXPECT_EQ(clients().counts().sent, 6u);
    EXPECT_EQ(clients().wrong(), 0u);
    EXPECT_TRUE(clients().done(0));
    EXPECT_EQ(registrar().bound(), 3u);
    EXPECT_EQ(registrar().wrong(), 0u);
    EXPECT_EQ(registrar().aors().name(2), "u2@lab.example");
    EXPECT_EQ(clients().unanswered(), "");
    EXPECT_EQ(registrar().unanswered(), "");
}

TEST_F(RegisterClientsTest, TheReportHasPercentilesInTheirOrder) {
    play(0);
    const auto report = clients().report(0);
    std::string names;
    for (const auto& [name, value] : report["latency"].items()) {
        names += name + " ";
    }
    EXPECT_EQ(names, "count mean_us p50_us p99_us p999_us max_us ");
}

TEST_F(RegisterClientsTest, FurtherRoundsRefresh) {
    settings.pace.total = 9;
    play(0);
    EXPECT_EQ(registrar().counts().registered, 3u);
    EXPECT_EQ(registrar().counts().refreshed, 6u);
    EXPECT_EQ(registrar().counts().call_id_changes, 0u);
    EXPECT_EQ(registrar().wrong(), 0u);
}

TEST_F(RegisterClientsTest, AWindowIsNotExceeded) {
    clients().poll(0);
    EXPECT_EQ(to_registrar.sent.size(), 2u);
    EXPECT_FALSE(clients().poll(0));
}

TEST_F(RegisterClientsTest, ARequestIsWhatItShouldBe) {
    const std::string text = request();
    EXPECT_TRUE(text.starts_with("REGISTER sip:lab.example SIP/2.0\r\n"));
    EXPECT_TRUE(header(text, "Via").starts_with("SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK"));
    EXPECT_EQ(header(text, "To"), "<sip:u0@lab.example>");
    EXPECT_EQ(header(text, "Contact"), "<sip:u0@192.0.2.10:5060>");
    EXPECT_EQ(header(text, "Expires"), "3600");
    EXPECT_EQ(header(text, "Authorization"), "");
    give(clients(), answer_to(text), 0, at_client());
    const std::string again = to_registrar.sent.back().text;
    EXPECT_NE(header(again, "Authorization"), "");
    EXPECT_EQ(header(again, "Call-ID"), header(text, "Call-ID"));
    EXPECT_EQ(header(again, "CSeq"), "2 REGISTER");
}

TEST_F(RegisterClientsTest, LatencyCountsFromTheTimeAnOperationWasMeantToBegin) {
    settings.pace = {.rate = 10, .window = 2, .total = 3};
    clients().poll(0);
    play(10 * second);
    EXPECT_EQ(clients().counts().completed, 3u);
    EXPECT_GE(clients().latency().percentile(0), 9'800'000'000u)
        << "those meant for 0.1 and 0.2 s had to wait for the stalled peer";
    EXPECT_EQ(clients().latency().max(), 10 * second);
}

TEST_F(RegisterClientsTest, LostRequestsAreSentAgain) {
    const std::string first = request();
    to_registrar.sent.clear();
    clients().poll(second / 2);
    EXPECT_EQ(clients().counts().retransmissions, 2u);
    EXPECT_EQ(to_registrar.sent.front().text, first);
    play(second / 2);
    EXPECT_EQ(clients().counts().completed, 3u);
}

TEST_F(RegisterClientsTest, SilenceEndsAnOperationAfter64T1) {
    clients().poll(0);
    for (uint64_t now = 0; now <= 32 * second; now += second / 2) {
        clients().poll(now);
    }
    clients().poll(32 * second);
    EXPECT_EQ(clients().counts().timed_out, 2u);
    EXPECT_EQ(clients().counts().retransmissions, 20u);
    EXPECT_EQ(clients().wrong(), 0u) << "a loss is no wrong answer";
    EXPECT_EQ(clients().unanswered(), "2 of 3 operations timed out");
}

TEST_F(RegisterClientsTest, OneThatTimedOutIsToldThoughOthersWereAnswered) {
    settings.pace = {.window = 1, .total = 2};
    request();
    clients().poll(32 * second);
    play(32 * second);
    EXPECT_EQ(clients().counts().completed, 1u);
    EXPECT_EQ(clients().unanswered(), "1 of 2 operations timed out");
}

TEST_F(RegisterClientsTest, AWrongPasswordIsRefused) {
    settings.password = "guess";
    play(0);
    EXPECT_EQ(clients().counts().completed, 0u);
    EXPECT_EQ(clients().counts().refused, 3u);
    EXPECT_EQ(clients().report(0)["refused_by_status"]["401"], 3);
    EXPECT_EQ(clients().wrong(), 3u);
    EXPECT_TRUE(clients().done(0));
}

TEST_F(RegisterClientsTest, A503IsCountedAndNotWrong) {
    registrar_settings.unavailable_share = 1;
    play(0);
    EXPECT_EQ(clients().counts().unavailable, 3u);
    EXPECT_EQ(clients().wrong(), 0u);
    EXPECT_EQ(clients().unanswered(), "none of 3 operations was completed");
}

TEST_F(RegisterClientsTest, UnregisteringIsGranted) {
    settings.expires = 0;
    play(0);
    EXPECT_EQ(clients().counts().completed, 3u);
    EXPECT_EQ(registrar().counts().unregistered, 3u);
}

TEST_F(RegisterClientsTest, AnAnswerMustFitItsRequest) {
    settings.accounts = 100;
    settings.pace.total = 100;
    struct Change {
        const char* from;
        const char* to;
    };
    uint64_t mismatched = 0;
    for (const Change& change : {Change{"Call-ID: ", "Call-ID: x"},
                                 {"CSeq: 1", "CSeq: 9"},
                                 {"1 REGISTER", "1 INVITE"},
                                 {";tag=", ";tag=x"},
                                 {"realm=\"r\"", "realm=\"\""},
                                 {"MD5", "SHA-256"},
                                 {"qop=\"auth\"", "qop=\"auth-int\""}}) {
        const std::string answer = answer_to(request());
        give(clients(), replaced(answer, change.from, change.to), 0, at_client());
        EXPECT_EQ(clients().counts().mismatched, ++mismatched) << change.to;
    }
}

TEST_F(RegisterClientsTest, AGrantMustNameTheBinding) {
    settings.accounts = 100;
    settings.pace = {.window = 1, .total = 100};
    uint64_t mismatched = 0;
    for (const char* contact : {"<sip:other@192.0.2.10:5060>;expires=60",
                                "<sip:u1@192.0.2.10:5060>", "<sip:u2@192.0.2.10:5060>;expires=0"}) {
        give(clients(), answer_to(request()), 0, at_client());
        const std::string grant = answer_to(request());
        give(clients(), replaced(grant, header(grant, "Contact"), contact), 0, at_client());
        EXPECT_EQ(clients().counts().mismatched, ++mismatched) << contact;
    }
}

TEST_F(RegisterClientsTest, DuplicatesAndStraysAreToldApart) {
    const std::string challenge = answer_to(request());
    give(clients(), challenge, 0, at_client());
    give(clients(), challenge, 0, at_client());
    EXPECT_EQ(clients().counts().late, 1u);
    EXPECT_EQ(clients().wrong(), 0u);
    give(clients(), replaced(challenge, "branch=z9hG4bK", "branch=z9hG4bL"), 0, at_client());
    EXPECT_EQ(clients().counts().unexpected, 1u);
    give(clients(), "rubbish", 0, at_client());
    EXPECT_EQ(clients().counts().malformed, 1u);
    EXPECT_EQ(clients().wrong(), 2u);
}

TEST_F(RegisterClientsTest, AStaleNonceIsAnsweredWithTheNewOne) {
    settings.pace = {.window = 1, .total = 1};
    give(clients(), answer_to(request()), 0, at_client());
    const std::string with_credentials = to_registrar.sent.front().text;
    const std::string credentials = header(with_credentials, "Authorization");
    const std::string nonce(scan_digest(credentials)->nonce);
    const std::string stale = answer_to(replaced(with_credentials, nonce, "another"));
    ASSERT_NE(stale.find("stale=true"), std::string::npos);
    to_registrar.sent.clear();
    give(clients(), stale, 0, at_client());
    play(0);
    EXPECT_EQ(clients().counts().completed, 1u);
}

TEST_F(RegisterClientsTest, NothingBeginsWhileThePortIsBehind) {
    to_registrar.full = true;
    EXPECT_FALSE(clients().poll(0));
    EXPECT_EQ(clients().counts().started, 0u);
    to_registrar.full = false;
    EXPECT_TRUE(clients().poll(0));
}

TEST(OptionsSenderTest, CountsAnswersAndRefusals) {
    KeptOutlet to_peer, to_sender;
    OptionsSettings settings;
    settings.uri = "sip:192.0.2.1";
    settings.pace = {.window = 10, .total = 10};
    OptionsSender sender(settings, at_client(), to_peer);
    sender.start(0);
    Registrar peer({}, to_sender);
    peer.start(0);
    sender.poll(0);
    ASSERT_EQ(to_peer.sent.size(), 10u);
    EXPECT_TRUE(to_peer.sent[0].text.starts_with("OPTIONS sip:192.0.2.1 SIP/2.0\r\n"));
    EXPECT_NE(header(to_peer.sent[0].text, "Call-ID"), header(to_peer.sent[1].text, "Call-ID"));
    for (const Sent& sent : to_peer.sent) {
        give(peer, sent.text, 0);
    }
    give(sender, to_sender.sent[0].text, 5, at_client());
    give(sender, replaced(to_sender.sent[1].text, "200 OK", "404 Not Found"), 5, at_client());
    give(sender, replaced(to_sender.sent[2].text, "Call-ID: ", "Call-ID: x"), 5, at_client());
    give(sender, replaced(to_sender.sent[3].text, "200 OK", "100 Trying"), 5, at_client());
    EXPECT_EQ(sender.counts().completed, 1u);
    EXPECT_EQ(sender.counts().refused, 1u);
    EXPECT_EQ(sender.counts().mismatched, 1u);
    EXPECT_EQ(sender.counts().provisional, 1u);
    EXPECT_EQ(sender.latency().max(), 5u);
    EXPECT_EQ(peer.counts().options, 10u);
    EXPECT_EQ(peer.wrong(), 0u);
}

}  // namespace
}  // namespace trunkline::blast
