#include "sipstack/registration/authenticator.h"

#include "sipstack/digest/aka.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>

namespace trunkline::sipstack {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Verdict = Authenticator::Verdict;

class AuthenticatorTest : public ::testing::Test {
protected:
    static std::string digest(const std::string& realm, const std::string& nonce,
                              const std::string& more = "") {
        return fmt::format("WWW-Authenticate: Digest realm=\"{}\", nonce=\"{}\"{}\r\n", realm,
                           nonce, more);
    }

    Verdict challenge(const std::string& rows) {
        return authenticator.challenged(response("401 Unauthorized", rows), credentials, random);
    }

    void accept(const std::string& rows = "") { authenticator.accepted(response("200 OK", rows)); }

    static Message response(const std::string& status, const std::string& rows) {
        return *Message::parse(
            "SIP/2.0 " + status +
            "\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
            "From: <sip:a@b>;tag=f\r\nTo: <sip:a@b>;tag=t\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n" +
            rows + "Content-Length: 0\r\n\r\n");
    }

    /// The request that goes out now.
    std::string request(std::string_view body = {}) {
        auto writer = MessageWriter::request("REGISTER", "sip:lab");
        authenticator.add_headers(writer, credentials, "REGISTER", "sip:lab", body);
        return writer.finish(body);
    }

    /// One attempt: the request, the challenge, the answer to it, 200.
    void register_once(const std::string& rows) {
        authenticator.begin_attempt();
        request();
        EXPECT_EQ(challenge(rows), Verdict::retry);
        request();
        accept();
    }

    /// A new authenticator, and the page that it reads with the defaults.
    ProxyAndRegistration& begin_anew() {
        page = {};
        authenticator = Authenticator(page);
        return page;
    }

    AuthenticatorTest() { page.challenge_caching_mode = ChallengeCachingMode::full; }

    ProxyAndRegistration page;
    Authenticator authenticator{page};
    Credentials credentials{"user", Secret("password")};
    Random random{Random::seed_from(1)};
};

TEST_F(AuthenticatorTest, AddsNothingBeforeAChallenge) {
    EXPECT_THAT(request(), Not(HasSubstr("Authorization")));
    EXPECT_EQ(authenticator.realm(), "");
    EXPECT_EQ(authenticator.algorithm(), "");
}

// T71
TEST_F(AuthenticatorTest, AnswersOneChallengeOfEachRealm) {
    EXPECT_EQ(challenge(digest("a", "n1") + digest("b", "n2")), Verdict::retry);
    const std::string text = request();
    EXPECT_THAT(text, HasSubstr("nonce=\"n1\""));
    EXPECT_THAT(text, HasSubstr("nonce=\"n2\""));
}

// T72
TEST_F(AuthenticatorTest, TakesTheTopmostSupportedChallengeOfARealm) {
    EXPECT_EQ(
        challenge(digest("a", "n0", ", algorithm=XYZ") + digest("a", "n1", ", algorithm=SHA-256") +
                  digest("a", "n2", ", algorithm=MD5")),
        Verdict::retry);
    EXPECT_THAT(request(), HasSubstr("nonce=\"n1\""));
    EXPECT_EQ(authenticator.algorithm(), "SHA-256");
}

// T71, T95: a second realm proves the first; the same realm again is a refusal.
TEST_F(AuthenticatorTest, ToldOfAnotherRealmKeepsTheFirst) {
    EXPECT_EQ(challenge(digest("a", "n1")), Verdict::retry);
    request();
    EXPECT_EQ(challenge(digest("b", "n2")), Verdict::retry);
    EXPECT_THAT(request(), HasSubstr("nonce=\"n1\""));
    EXPECT_EQ(challenge(digest("b", "n3")), Verdict::wrong_credentials);
    EXPECT_THAT(request(), Not(HasSubstr("Authorization")));
}

TEST_F(AuthenticatorTest, RemembersABoundedNumberOfRealms) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        authenticator.begin_attempt();
        EXPECT_EQ(challenge(digest(fmt::format("realm{}", attempt), "n")), Verdict::retry);
        request();
    }
    const std::string text = request();
    EXPECT_THAT(text, HasSubstr("realm99"));
    EXPECT_THAT(text, Not(HasSubstr("realm95")));
}

// T101: whatever a registrar sends, what we send back is bounded.
TEST_F(AuthenticatorTest, LivesThroughHostileChallenges) {
    begin_anew();
    page.prefer_strongest_digest = true;
    page.allow_basic_authentication = true;
    page.add_empty_authorization_header = true;
    page.challenge_caching_mode = ChallengeCachingMode::full;
    credentials.aka = AkaKeys{};
    const std::string samples[] = {
        digest("a", "n1", ", qop=\"auth,auth-int\", algorithm=SHA-256-sess, userhash=true"),
        digest("ims", "gekrbA7g4S6866jZKpnfpbtS6Rx0esOrKlwj0V7jUdU=", ", algorithm=AKAv1-MD5"),
        "WWW-Authenticate: Basic realm=\"b\"\r\nProxy-Authenticate: Digest\r\n",
        "WWW-Authenticate: Digest realm=" + std::string(1 << 15, 'r') + ", nonce=n\r\n",
        "WWW-Authenticate: Digest realm=r, nonce=\"" + std::string(1 << 15, '\\') + "\r\n"};
    int judged = 0;
    for (int round = 0; round < 5000; ++round) {
        std::string rows = samples[random.between(0, std::size(samples) - 1)];
        for (uint64_t change = random.between(0, 4); change > 0 && rows.size() > 32; --change) {
            // Behind the header's name and before the line's end.
            const std::size_t at = random.between(18, rows.size() - 3);
            switch (random.between(0, 2)) {
                case 0:
                    rows[at] = static_cast<char>(random.between(' ', 255));
                    break;
                case 1:
                    rows.erase(at, random.between(1, rows.size() - 2 - at));
                    break;
                default:
                    rows.insert(at, rows.substr(18, random.between(0, 40)));
            }
        }
        const auto answer = Message::parse(
            "SIP/2.0 401 No\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=f\r\n"
            "To: <sip:a@b>;tag=t\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n" +
            rows + "Authentication-Info: nextnonce=\"" + rows.substr(18, 30) +
            "\"\r\nContent-Length: 0\r\n\r\n");
        if (answer) {
            ++judged;
            authenticator.begin_attempt();
            authenticator.challenged(*answer, credentials, random);
            EXPECT_LT(request("body").size(),
                      2 * Authenticator::max_realms * 4 * max_challenge_value);
            authenticator.accepted(*answer);
        }
    }
    EXPECT_GT(judged, 1000) << "the rest is no message at all";
}

// T101
TEST_F(AuthenticatorTest, GivesUpOnAnEmptyNonce) {
    EXPECT_EQ(challenge(digest("a", "")), Verdict::no_usable_challenge);
}

// T91, T89
TEST_F(AuthenticatorTest, UsesAKnownNonceUnaskedOnlyWithFullCaching) {
    for (const auto mode : {ChallengeCachingMode::none, ChallengeCachingMode::invite_only}) {
        begin_anew().challenge_caching_mode = mode;
        register_once(digest("a", "n1", ", qop=\"auth\""));
        authenticator.begin_attempt();
        EXPECT_THAT(request(), Not(HasSubstr("Authorization")));
    }
    begin_anew().challenge_caching_mode = ChallengeCachingMode::full;
    register_once(digest("a", "n1", ", qop=\"auth\""));
    authenticator.begin_attempt();
    EXPECT_THAT(request(), AllOf(HasSubstr("nonce=\"n1\""), HasSubstr("nc=00000002")));
}

// T70: both are needed in one request, whatever is kept for later ones.
TEST_F(AuthenticatorTest, KeepsTheAnswersToProxyAndRegistrarInEveryMode) {
    for (const auto mode : {ChallengeCachingMode::none, ChallengeCachingMode::invite_only,
                            ChallengeCachingMode::full}) {
        begin_anew().challenge_caching_mode = mode;
        authenticator.begin_attempt();
        EXPECT_EQ(authenticator.challenged(
                      response("407 Proxy Authentication Required",
                               "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n1\"\r\n"),
                      credentials, random),
                  Verdict::retry);
        EXPECT_THAT(request(), HasSubstr("\r\nProxy-Authorization: Digest"));
        EXPECT_EQ(challenge(digest("a", "n2")), Verdict::retry);
        EXPECT_THAT(request(), AllOf(HasSubstr("\r\nProxy-Authorization: Digest"),
                                     HasSubstr("\r\nAuthorization: Digest")));
    }
}

// T92, T90
TEST_F(AuthenticatorTest, GoesOnWithTheNextNonce) {
    register_once(digest("a", "n1", ", qop=\"auth\""));
    authenticator.begin_attempt();
    request();
    accept("Authentication-Info: nextnonce=\"n2\", qop=auth\r\n");
    authenticator.begin_attempt();
    EXPECT_THAT(request(), AllOf(HasSubstr("nonce=\"n2\""), HasSubstr("nc=00000001")));
    // It was proven by what went before: a replacement is no refusal. T94
    EXPECT_EQ(challenge(digest("a", "n3")), Verdict::retry);
}

// T92: with two realms the cnonce tells whose it is; a proxy speaks for itself.
TEST_F(AuthenticatorTest, NextNonceGoesToTheSessionThatItIsMeantFor) {
    register_once(digest("a", "n1", ", qop=\"auth\"") + digest("b", "n2", ", qop=\"auth\"") +
                  "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n3\"\r\n");
    accept("Authentication-Info: nextnonce=\"x\"\r\n");
    EXPECT_THAT(request(), Not(HasSubstr("nonce=\"x\"")));
    const std::string cnonce = authenticator.memory().at(1).cnonce;
    accept("Authentication-Info: cnonce=\"" + cnonce + "\", nextnonce=\"y\"\r\n");
    accept("Proxy-Authentication-Info: nextnonce=\"z\"\r\n");
    EXPECT_THAT(request(),
                AllOf(HasSubstr("realm=\"a\", nonce=\"n1\""), HasSubstr("realm=\"b\", nonce=\"y\""),
                      HasSubstr("realm=\"p\", nonce=\"z\"")));
}

// T92
TEST_F(AuthenticatorTest, OnlyASuccessHasANextNonce) {
    register_once(digest("a", "n1"));
    authenticator.accepted(response("404 Not Found", "Authentication-Info: nextnonce=\"n2\"\r\n"));
    accept("Authentication-Info: nextnonce=\"\"\r\n");
    accept("Authentication-Info: nextnonce=\r\n");
    EXPECT_THAT(request(), HasSubstr("nonce=\"n1\""));
}

// T93, T89: some say stale and repeat the nonce; its uses are counted on.
TEST_F(AuthenticatorTest, CountsOnWhenAStaleNonceIsRepeated) {
    register_once(digest("a", "n1", ", qop=\"auth\""));
    authenticator.begin_attempt();
    EXPECT_THAT(request(), HasSubstr("nc=00000002"));
    EXPECT_EQ(challenge(digest("a", "n1", ", qop=\"auth\", stale=true")), Verdict::retry);
    EXPECT_THAT(request(), HasSubstr("nc=00000003"));
}

// T106
TEST_F(AuthenticatorTest, PrefersTheStrongestDigestWhenToldTo) {
    const std::string offers =
        digest("a", "n1", ", algorithm=MD5") + digest("a", "n2", ", algorithm=SHA-256");
    EXPECT_EQ(challenge(offers), Verdict::retry);
    EXPECT_EQ(authenticator.algorithm(), "MD5");
    begin_anew().prefer_strongest_digest = true;
    EXPECT_EQ(challenge(offers), Verdict::retry);
    EXPECT_EQ(authenticator.algorithm(), "SHA-256");
    EXPECT_THAT(request(), HasSubstr("nonce=\"n2\""));
}

// T100: an HA1 leaves the challenges of other algorithms aside.
TEST_F(AuthenticatorTest, AnswersWithAnHa1InPlaceOfAPassword) {
    credentials.password = Secret();
    credentials.ha1 = Secret("5f4dcc3b5aa765d61d8327deb882cf99");
    EXPECT_EQ(challenge(digest("a", "n1", ", algorithm=SHA-256") + digest("a", "n2")),
              Verdict::retry);
    EXPECT_THAT(request(), HasSubstr("nonce=\"n2\""));
    authenticator.forget();
    EXPECT_EQ(challenge(digest("a", "n1", ", algorithm=SHA-256")), Verdict::no_password);
}

// T102: whatever realm the registrar names, the registrant's one pair of name and password serves.
TEST_F(AuthenticatorTest, AnswersARealmThatIsNotTheDomain) {
    EXPECT_EQ(challenge(digest("some other name", "n1")), Verdict::retry);
    EXPECT_THAT(request(), HasSubstr("realm=\"some other name\""));
}

// T81, T82, T84
TEST_F(AuthenticatorTest, CoversTheBodyWhereAuthIntAloneIsOffered) {
    begin_anew().cnonce = "c";
    EXPECT_EQ(challenge(digest("a", "n1", ", qop=\"token, auth-int\"")), Verdict::retry);
    const Challenge offered =
        parse_challenges(R"(Digest realm="a", nonce="n1", qop="auth-int")", false).at(0);
    EXPECT_THAT(request("body"), AllOf(HasSubstr("qop=auth-int, nc=00000001"),
                                       HasSubstr(digest_response(offered, credentials, "REGISTER",
                                                                 "sip:lab", "c", 1, "body"))));
    EXPECT_THAT(request(), HasSubstr(digest_response(offered, credentials, "REGISTER", "sip:lab",
                                                     "c", 2, "")));
}

// T98: the page's Cnonce is used as it is.
TEST_F(AuthenticatorTest, UsesTheConfiguredCnonce) {
    begin_anew().cnonce = "Default_\"Cnonce";
    EXPECT_EQ(challenge(digest("a", "n1", ", qop=\"auth\"")), Verdict::retry);
    EXPECT_THAT(request(), HasSubstr(R"(cnonce="Default_\"Cnonce")"));
}

const std::string basic_offer = "WWW-Authenticate: Basic realm=\"b\"\r\n";

TEST_F(AuthenticatorTest, AnswersBasicOnlyWhenItIsAllowed) {
    EXPECT_EQ(challenge(basic_offer), Verdict::basic_refused);
    EXPECT_THAT(request(), Not(HasSubstr("Authorization")));
    begin_anew().allow_basic_authentication = true;
    EXPECT_EQ(challenge(basic_offer), Verdict::retry);
    EXPECT_THAT(request(), HasSubstr("\r\nAuthorization: Basic dXNlcjpwYXNzd29yZA==\r\n"));
    EXPECT_EQ(authenticator.algorithm(), "Basic");
    EXPECT_EQ(challenge(basic_offer), Verdict::wrong_credentials);
}

TEST_F(AuthenticatorTest, NeverFallsFromDigestToBasic) {
    begin_anew().allow_basic_authentication = true;
    EXPECT_EQ(challenge(basic_offer + digest("b", "n1")), Verdict::retry);
    EXPECT_THAT(request(), AllOf(HasSubstr("Digest"), Not(HasSubstr("Basic"))));
    EXPECT_EQ(challenge(basic_offer), Verdict::basic_refused);
    authenticator.begin_attempt();
    EXPECT_EQ(challenge(basic_offer), Verdict::basic_refused);
    // A Digest that cannot be answered is an offer, too.
    begin_anew().allow_basic_authentication = true;
    EXPECT_EQ(challenge(basic_offer + digest("b", "n1", ", algorithm=XYZ")),
              Verdict::no_usable_challenge);
}

TEST_F(AuthenticatorTest, AddsAnEmptyAuthorizationUntilThereIsOne) {
    begin_anew().add_empty_authorization_header = true;
    authenticator.begin_attempt();
    const std::string empty =
        "\r\nAuthorization: Digest username=\"user\", realm=\"lab\", nonce=\"\", "
        "uri=\"sip:lab\", response=\"\"\r\n";
    EXPECT_THAT(request(), HasSubstr(empty));
    EXPECT_EQ(challenge(digest("a", "n1")), Verdict::retry);
    EXPECT_THAT(request(), AllOf(HasSubstr("nonce=\"n1\""), Not(HasSubstr(empty))));
    accept();
    authenticator.begin_attempt();
    EXPECT_THAT(request(), HasSubstr(empty));
}

// T89, T91, T94: a restart goes on with nonce and count.
TEST_F(AuthenticatorTest, GoesOnWithWhatItRemembers) {
    register_once(digest("a", "n1", ", qop=\"auth\", algorithm=SHA-256"));
    const std::vector<DigestMemory> memory = authenticator.memory();
    const std::string next = request();
    begin_anew().challenge_caching_mode = ChallengeCachingMode::full;
    authenticator.restore(memory);
    EXPECT_EQ(authenticator.memory(), memory);
    EXPECT_EQ(authenticator.realm(), "a");
    EXPECT_EQ(authenticator.algorithm(), "SHA-256");
    authenticator.begin_attempt();
    EXPECT_EQ(request(), next);
    EXPECT_THAT(next, HasSubstr("nc=00000002"));
    EXPECT_EQ(challenge(digest("a", "n2")), Verdict::retry) << "it has merely aged";
}

TEST_F(AuthenticatorTest, RemembersOnlyWhatMayBeUsedUnasked) {
    EXPECT_EQ(challenge(digest("a", "n1")), Verdict::retry);
    request();
    EXPECT_TRUE(authenticator.memory().empty()) << "not accepted yet";
    accept();
    const auto memory = authenticator.memory();
    EXPECT_EQ(memory.size(), 1U);
    begin_anew().challenge_caching_mode = ChallengeCachingMode::none;
    register_once(digest("a", "n1"));
    EXPECT_TRUE(authenticator.memory().empty());
    begin_anew().challenge_caching_mode = ChallengeCachingMode::none;
    authenticator.restore(memory);
    EXPECT_THAT(request(), Not(HasSubstr("Authorization")));
}

class AkaAuthenticatorTest : public AuthenticatorTest {
protected:
    /// Test set 19 of TS 35.208, and the same eight numbers later.
    static constexpr uint64_t number = 0x16f3b3f70fc2;
    static std::string aka(const std::string& more = "") {
        return digest(
            "ims", "gekrbA7g4S6866jZKpnfpbtS6Rx0esOrKlwj0V7jUdU=", ", algorithm=AKAv1-MD5" + more);
    }
    static std::string later_aka() {
        return digest("ims", "gekrbA7g4S6866jZKpnfpbtS6Rx0csOrYtX1LdX/F7dzZXJ2ZXIgZGF0YQ==",
                      ", algorithm=AKAv1-MD5");
    }

    AkaAuthenticatorTest() {
        credentials = Credentials{.user_name = "user", .password = {}};
        credentials.aka =
            aka_keys("5122250214c33e723a5dd523fc145fc0", "981d464c7c52eb6e5036234984ad0bcf");
    }

    /// As if a challenge with that sequence number had been accepted.
    void know(uint64_t last) {
        authenticator.restore({{.challenge = {}, .cnonce = {}, .aka_sequence_number = last}});
    }
};

// T107
TEST_F(AkaAuthenticatorTest, AnswersEachSequenceNumberOnce) {
    register_once(aka());
    EXPECT_EQ(authenticator.algorithm(), "AKAv1-MD5");
    const auto memory = authenticator.memory();
    ASSERT_EQ(memory.size(), 2U);
    EXPECT_EQ(memory.back().aka_sequence_number, number);
    begin_anew();
    authenticator.restore(memory);
    register_once(later_aka());
    EXPECT_EQ(authenticator.memory().back().aka_sequence_number, number + 8);
    EXPECT_THAT(request(), Not(HasSubstr("auts")));
}

// T107
TEST_F(AkaAuthenticatorTest, SynchronisesWhenTheNumberIsNotNewer) {
    know(number + 3);
    EXPECT_EQ(challenge(aka()), Verdict::retry);
    EXPECT_THAT(request(), HasSubstr("auts=\"wpIP4kiY5RvQoNjzRm8=\""));
    EXPECT_EQ(challenge(later_aka()), Verdict::retry) << "what auts asked for";
    EXPECT_THAT(request(), AllOf(Not(HasSubstr("auts")), HasSubstr("nonce=\"gekrbA7g4S6866jZKpnf"
                                                                   "pbtS6Rx0csOr")));
    accept();
    EXPECT_EQ(authenticator.memory().size(), 2U);
}

// T107, T95, T96
TEST_F(AkaAuthenticatorTest, DoesNotSynchroniseWithoutEnd) {
    know(number + 3);
    EXPECT_EQ(challenge(aka()), Verdict::retry);
    request();
    EXPECT_EQ(challenge(aka()), Verdict::wrong_credentials);
    EXPECT_EQ(challenge(aka()), Verdict::retry);
    request();
    authenticator.begin_attempt();
    EXPECT_THAT(request(), Not(HasSubstr("auts"))) << "of no use unasked";
}

// T107
TEST_F(AkaAuthenticatorTest, DoesNotAnswerAStranger) {
    credentials.aka->key[0] ^= 1;
    EXPECT_EQ(challenge(aka()), Verdict::network_not_genuine);
    EXPECT_THAT(request(), Not(HasSubstr("Authorization")));
    EXPECT_TRUE(authenticator.memory().empty());
    credentials.aka.reset();
    EXPECT_EQ(challenge(aka()), Verdict::no_password);
}

// T107
TEST_F(AkaAuthenticatorTest, AnswersNothingElseWhenMutualAuthenticationIsMandatory) {
    credentials.password = Secret("p");
    begin_anew();
    page.allow_basic_authentication = true;
    page.mandatory_mutual_authentication = true;
    EXPECT_EQ(challenge(digest("ims", "n1")), Verdict::no_mutual_offer);
    EXPECT_EQ(challenge(basic_offer), Verdict::no_mutual_offer);
    authenticator.begin_attempt();
    EXPECT_EQ(challenge(digest("ims", "n1") + aka()), Verdict::retry);
    EXPECT_EQ(authenticator.algorithm(), "AKAv1-MD5");
}

// T75: each verdict has a reason for the operator.
TEST_F(AuthenticatorTest, SaysWhyItGaveUp) {
    EXPECT_EQ(describe(Verdict::wrong_credentials, "401 Unauthorized"),
              "user name or password refused (401 Unauthorized)");
    EXPECT_THAT(describe(Verdict::basic_refused, "401 No"), HasSubstr("401 No with Basic alone"));
    EXPECT_THAT(describe(Verdict::no_mutual_offer, "401 No"), HasSubstr("mandatory"));
    EXPECT_THAT(describe(Verdict::network_not_genuine, "401 No"), HasSubstr("AKA key"));
}

TEST_F(AuthenticatorTest, GivesUpWithoutAPassword) {
    credentials.password = Secret();
    EXPECT_EQ(challenge(digest("a", "n1")), Verdict::no_password);
}

}  // namespace
}  // namespace trunkline::sipstack
