#include "tools/blast/registrar.h"

#include "played.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::blast {
namespace {

constexpr uint64_t second = 1'000'000'000;

class RegistrarTest : public testing::Test {
protected:
    RegistrarTest() {
        settings.realm = "lab.example", settings.password = "secret", settings.aors = 8;
    }

    Registrar& registrar() {
        if (!made) {
            made = std::make_unique<Registrar>(settings, outlet);
            made->start(0);
        }
        return *made;
    }

    std::string request(const std::string& credentials = "") {
        ++cseq;
        return fmt::format(
            "REGISTER sip:lab.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{};"
            "rport\r\nMax-Forwards: 70\r\nFrom: <sip:alice@lab.example>;tag=a\r\n"
            "To: <sip:alice@lab.example>\r\nCall-ID: call\r\nCSeq: {} REGISTER\r\n"
            "Contact: <sip:alice@192.0.2.10:5060>;q=1\r\nExpires: 600\r\n{}"
            "Content-Length: 0\r\n\r\n",
            cseq, cseq, credentials);
    }

    /// The answer to a message; "" when there is none.
    std::string answer(const std::string& message, uint64_t now = 0) {
        registrar().poll(now);
        outlet.sent.clear();
        give(registrar(), message, now);
        return outlet.sent.empty() ? "" : outlet.sent.front().text;
    }

    std::string credentials(const std::string& challenge, const std::string& nc = "00000001",
                            const std::string& password = "secret") {
        const std::string value = header(challenge, "WWW-Authenticate");
        const auto digest = scan_digest(value);
        EXPECT_TRUE(digest) << challenge;
        DigestMaker maker;
        const HashText response =
            maker.response(maker.ha1("alice", digest->realm, password),
                           {digest->nonce, nc, "cn", "auth"}, "REGISTER", "sip:lab.example");
        return fmt::format(
            "Authorization: Digest username=\"alice\", realm=\"{}\", nonce=\"{}\", "
            "uri=\"sip:lab.example\", response=\"{}\", qop=auth, nc={}, cnonce=\"cn\"\r\n",
            digest->realm, digest->nonce, view(response), nc);
    }

    std::string register_alice(uint64_t now = 0) {
        const std::string challenge = answer(request(), now);
        return answer(request(credentials(challenge)), now);
    }

    RegistrarSettings settings;
    KeptOutlet outlet;
    std::unique_ptr<Registrar> made;
    uint32_t cseq = 0;
};

TEST_F(RegistrarTest, ChallengesThenGrants) {
    const std::string challenge = answer(request());
    EXPECT_TRUE(challenge.starts_with("SIP/2.0 401 Unauthorized\r\n"));
    EXPECT_EQ(header(challenge, "Via"),
              "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1;rport=5060;received=192.0.2.10");
    EXPECT_EQ(header(challenge, "From"), "<sip:alice@lab.example>;tag=a");
    EXPECT_TRUE(header(challenge, "To").starts_with("<sip:alice@lab.example>;tag="));
    EXPECT_EQ(header(challenge, "Call-ID"), "call");
    EXPECT_EQ(header(challenge, "CSeq"), "1 REGISTER");
    EXPECT_EQ(outlet.sent.front().flow.remote, at_registrar().remote);
    EXPECT_EQ(registrar().bound(), 0u);

    const std::string grant = answer(request(credentials(challenge)));
    EXPECT_TRUE(grant.starts_with("SIP/2.0 200 OK\r\n"));
    EXPECT_EQ(header(grant, "Contact"), "<sip:alice@192.0.2.10:5060>;expires=600");
    EXPECT_TRUE(grant.ends_with("Content-Length: 0\r\n\r\n"));
    EXPECT_EQ(registrar().bound(), 1u);
    EXPECT_EQ(registrar().counts().registered, 1u);
    EXPECT_EQ(registrar().wrong(), 0u);
    EXPECT_EQ(registrar().aors().name(0), "alice@lab.example");
    EXPECT_EQ(registrar().aors().at(0).registered, 1u);
}

TEST_F(RegistrarTest, ASecondRegistrationIsARefreshAndANonceGoodOnce) {
    register_alice();
    const std::string used = answer(request());
    const std::string once = credentials(used);
    answer(request(once));
    EXPECT_EQ(registrar().counts().refreshed, 1u);
    EXPECT_NE(answer(request(once)).find("stale=true"), std::string::npos);
    EXPECT_EQ(registrar().counts().stale, 1u);
    EXPECT_EQ(registrar().wrong(), 0u) << "a client cannot know how long a nonce is good for";
}

TEST_F(RegistrarTest, ANonceMayServeForManyRequestsWithARisingCount) {
    settings.nonce_uses = 0;
    const std::string challenge = answer(request());
    EXPECT_TRUE(answer(request(credentials(challenge, "00000001"))).starts_with("SIP/2.0 200"));
    EXPECT_TRUE(answer(request(credentials(challenge, "00000003"))).starts_with("SIP/2.0 200"));
    EXPECT_TRUE(answer(request(credentials(challenge, "00000003"))).starts_with("SIP/2.0 401"));
    EXPECT_EQ(registrar().counts().wrong_nc, 1u);
    EXPECT_EQ(registrar().wrong(), 1u);
    EXPECT_EQ(registrar().aors().at(0).wrong, 1u);
}

TEST_F(RegistrarTest, AWrongPasswordIsCounted) {
    const std::string challenge = answer(request());
    EXPECT_TRUE(
        answer(request(credentials(challenge, "00000001", "guess"))).starts_with("SIP/2.0 401"));
    EXPECT_EQ(registrar().counts().bad_digest, 1u);
    EXPECT_EQ(registrar().bound(), 0u);
}

TEST_F(RegistrarTest, EachPartOfTheCredentialsIsJudged) {
    for (const auto& [from, to] : {std::pair{"uri=\"sip:lab.example\"", "uri=\"sip:other\""},
                                   {"realm=\"lab.example\"", "realm=\"other\""},
                                   {"qop=auth", "qop=auth-int"},
                                   {"nc=00000001", "nc=1"},
                                   {"Digest", "Basic"},
                                   {"cnonce=\"cn\"", "cnonce=\"cn\", algorithm=SHA-256"}}) {
        const uint64_t before = registrar().wrong();
        const std::string good = credentials(answer(request()));
        EXPECT_TRUE(answer(request(replaced(good, from, to))).starts_with("SIP/2.0 401")) << to;
        EXPECT_EQ(registrar().wrong(), before + 1) << to;
    }
}

TEST_F(RegistrarTest, WithoutVerifyingAnyResponseDoes) {
    settings.verify = false;
    const std::string challenge = answer(request());
    EXPECT_TRUE(
        answer(request(credentials(challenge, "00000001", "guess"))).starts_with("SIP/2.0 200"));
    EXPECT_EQ(registrar().counts().unverified, 1u);
}

TEST_F(RegistrarTest, WithoutChallengingEverybodyIsGranted) {
    settings.challenge = false;
    EXPECT_TRUE(answer(request()).starts_with("SIP/2.0 200"));
    EXPECT_EQ(registrar().counts().challenged, 0u);
}

TEST_F(RegistrarTest, APasswordMayDependOnTheUser) {
    settings.password = "x-%s-y";
    const std::string challenge = answer(request());
    EXPECT_TRUE(answer(request(credentials(challenge, "00000001", "x-alice-y")))
                    .starts_with("SIP/2.0 200"));
}

TEST_F(RegistrarTest, ARetransmissionGetsTheSameAnswer) {
    const std::string first = request();
    const std::string challenge = answer(first);
    EXPECT_EQ(answer(first), challenge);
    const std::string confirmed = request(credentials(challenge));
    const std::string grant = answer(confirmed);
    EXPECT_TRUE(grant.starts_with("SIP/2.0 200"));
    EXPECT_EQ(answer(confirmed), grant);
    EXPECT_EQ(registrar().counts().retransmissions, 2u);
    EXPECT_EQ(registrar().counts().registered, 1u);
    EXPECT_EQ(registrar().wrong(), 0u);
}

TEST_F(RegistrarTest, CseqMustRiseWithinACallId) {
    register_alice();
    const std::string good = request();
    answer(good);
    EXPECT_TRUE(answer(replaced(good, "z9hG4bK3", "z9hG4bKx")).starts_with("SIP/2.0 500"));
    EXPECT_EQ(registrar().counts().wrong_cseq, 1u);
    EXPECT_TRUE(
        answer(replaced(replaced(good, "z9hG4bK3", "z9hG4bKx"), "Call-ID: call", "Call-ID: new"))
            .starts_with("SIP/2.0 401"));
    EXPECT_EQ(registrar().counts().call_id_changes, 1u);
    EXPECT_EQ(registrar().wrong(), 1u);
}

TEST_F(RegistrarTest, ABindingEndsWhenItsTimeIsOver) {
    settings.expires = 60;
    const std::string grant = register_alice();
    EXPECT_EQ(header(grant, "Contact"), "<sip:alice@192.0.2.10:5060>;expires=60");
    registrar().poll(59 * second);
    EXPECT_EQ(registrar().bound(), 1u);
    registrar().poll(62 * second);
    EXPECT_EQ(registrar().bound(), 0u);
    register_alice(62 * second);
    EXPECT_EQ(registrar().counts().registered, 2u) << "no refresh: there was nothing to refresh";
    EXPECT_EQ(registrar().bound(), 1u);
}

TEST_F(RegistrarTest, ARefreshMovesTheEnd) {
    settings.expires = 60;
    register_alice();
    register_alice(30 * second);
    registrar().poll(62 * second);
    EXPECT_EQ(registrar().bound(), 1u);
    registrar().poll(95 * second);
    EXPECT_EQ(registrar().bound(), 0u);
}

TEST_F(RegistrarTest, ExpiresZeroRemovesTheBinding) {
    register_alice();
    const std::string challenge = answer(request());
    const std::string bye = replaced(request(credentials(challenge)), ";q=1", ";expires=0");
    const std::string grant = answer(bye);
    EXPECT_TRUE(grant.starts_with("SIP/2.0 200"));
    EXPECT_EQ(header(grant, "Contact"), "");
    EXPECT_EQ(registrar().bound(), 0u);
    EXPECT_EQ(registrar().counts().unregistered, 1u);
}

TEST_F(RegistrarTest, SharesOfRequestsAreLostAndRefused) {
    settings.drop_share = 1;
    EXPECT_EQ(answer(request()), "");
    EXPECT_EQ(registrar().counts().dropped, 1u);
    made.reset();
    settings.drop_share = 0;
    settings.unavailable_share = 1;
    settings.retry_after = 7;
    const std::string refusal = answer(request());
    EXPECT_TRUE(refusal.starts_with("SIP/2.0 503"));
    EXPECT_EQ(header(refusal, "Retry-After"), "7");
    EXPECT_EQ(registrar().counts().unavailable, 1u);
}

TEST_F(RegistrarTest, AShareIsMetOnAverage) {
    settings.drop_share = 0.2;
    for (int i = 0; i < 10000; ++i) {
        answer(request());
    }
    EXPECT_NEAR(static_cast<double>(registrar().counts().dropped), 2000, 200);
}

TEST_F(RegistrarTest, AnswersMayComeLater) {
    settings.answer_delay = 5;
    answer(request(), 100);
    EXPECT_EQ(outlet.sent.front().not_before, 105u);
}

TEST_F(RegistrarTest, AFullTableRefuses) {
    settings.aors = 1;
    register_alice();
    EXPECT_TRUE(
        answer(replaced(request(), "To: <sip:alice", "To: <sip:bob")).starts_with("SIP/2.0 503"));
    EXPECT_EQ(registrar().counts().table_full, 1u);
}

TEST_F(RegistrarTest, OptionsAreAnsweredAndOtherMethodsRefused) {
    std::string options = request();
    for (int i = 0; i < 2; ++i) {
        options = replaced(options, "REGISTER", "OPTIONS");
    }
    EXPECT_TRUE(answer(options).starts_with("SIP/2.0 200"));
    EXPECT_EQ(registrar().counts().options, 1u);
    std::string info = request();
    for (int i = 0; i < 2; ++i) {
        info = replaced(info, "REGISTER", "INFO");
    }
    EXPECT_TRUE(answer(info).starts_with("SIP/2.0 405"));
}

TEST_F(RegistrarTest, WhatIsNoRequestIsCountedByReason) {
    EXPECT_EQ(answer("rubbish"), "");
    EXPECT_EQ(answer(replaced(request(), "CSeq: 1 REGISTER", "CSeq: 1 INVITE")), "");
    EXPECT_EQ(answer(replaced(request(), "To: <sip:alice@lab.example>", "To: <tel>")), "");
    EXPECT_EQ(answer(replaced(request(), "REGISTER sip:lab.example SIP/2.0", "SIP/2.0 200 OK")),
              "");
    EXPECT_EQ(registrar().counts().malformed, 4u);
    const auto reasons = registrar().report(0)["malformed_reasons"];
    EXPECT_EQ(reasons["no start line"], 1);
    EXPECT_EQ(reasons["CSeq of another method"], 1);
    EXPECT_EQ(reasons["To without an address"], 1);
    EXPECT_EQ(reasons["a response"], 1);
}

TEST_F(RegistrarTest, AnswersWithoutRoomAreCounted) {
    outlet.full = true;
    answer(request());
    EXPECT_EQ(registrar().counts().unsent, 1u);
}

TEST_F(RegistrarTest, ViasKeepTheirOrderAndTheTopmostTellsWhereItCameFrom) {
    const auto vias = [&](const std::string& lines) {
        const std::string via =
            "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK" + std::to_string(cseq + 1) + ";rport";
        const std::string text = answer(replaced(request(), via, lines));
        return text.substr(text.find("Via"), text.find("\r\nFrom") - text.find("Via"));
    };
    EXPECT_EQ(vias("v: SIP/2.0/UDP a;rport;branch=1\r\nVia: SIP/2.0/UDP b"),
              "Via: SIP/2.0/UDP a;rport=5060;received=192.0.2.10;branch=1\r\nVia: SIP/2.0/UDP b");
    EXPECT_EQ(vias("Via: SIP/2.0/UDP a; rport ;branch=2, SIP/2.0/UDP b;rport"),
              "Via: SIP/2.0/UDP a; rport=5060;received=192.0.2.10 ;branch=2, SIP/2.0/UDP b;rport");
    EXPECT_EQ(vias("Via: SIP/2.0/UDP a;rport=1;branch=3;rportx"),
              "Via: SIP/2.0/UDP a;rport=1;branch=3;rportx");
    EXPECT_EQ(vias("Via: SIP/2.0/UDP a;branch=4;"), "Via: SIP/2.0/UDP a;branch=4;");
}

}  // namespace
}  // namespace trunkline::blast
