#include "sipstack/digest/challenge.h"

#include "tests/unit/sipstack/message/sample_messages.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

std::vector<Challenge> parse(std::string_view row) {
    return parse_challenges(row, false);
}

TEST(Challenge, AllParametersOfAnOrdinaryOne) {
    const auto challenges =
        parse(R"(Digest realm="example.com", domain="sip:a, sip:b", nonce="abc==", opaque="", )"
              R"(stale=TRUE, algorithm=MD5, qop="auth", charset=UTF-8)");
    ASSERT_EQ(challenges.size(), 1U);
    const Challenge& challenge = challenges.front();
    EXPECT_FALSE(challenge.from_proxy);
    EXPECT_EQ(challenge.realm, "example.com");
    EXPECT_EQ(challenge.nonce, "abc==");
    EXPECT_EQ(challenge.opaque, "");  // T97: present and empty
    EXPECT_TRUE(challenge.stale);     // T93
    EXPECT_EQ(challenge.algorithm, DigestAlgorithm::md5);
    EXPECT_TRUE(challenge.algorithm_given);
    EXPECT_TRUE(challenge.qop_auth);
}

// T77, T83, T97, T99: defaults, any order, blanks and tabs anywhere.
TEST(Challenge, OnlyRealmAndNonceAreNeeded) {
    const auto challenges = parse("digest\t nonce = \"n\" ,\t realm\t=\t\"r\"  ");
    ASSERT_EQ(challenges.size(), 1U);
    EXPECT_EQ(challenges.front().algorithm, DigestAlgorithm::md5);
    EXPECT_FALSE(challenges.front().algorithm_given);
    EXPECT_FALSE(challenges.front().qop_given);
    EXPECT_FALSE(challenges.front().stale);
    EXPECT_EQ(challenges.front().opaque, std::nullopt);
}

// T93
TEST(Challenge, StaleInItsForms) {
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", stale="true")")[0].stale);
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", stale=true)")[0].stale);
    EXPECT_FALSE(parse(R"(Digest realm="r", nonce="n", stale=FALSE)")[0].stale);
    EXPECT_FALSE(parse(R"(Digest realm="r", nonce="n", stale=)")[0].stale);
}

// Trace A and trace C
TEST(Challenge, OfTheTraces) {
    const auto mediant = parse(
        R"(Digest realm="audiocodes.com", nonce="11432d6bce58ddf02e3b5e1c77c010d2", stale=FALSE, )"
        "algorithm=MD5");
    ASSERT_EQ(mediant.size(), 1U);
    EXPECT_EQ(mediant[0].nonce, "11432d6bce58ddf02e3b5e1c77c010d2");
    EXPECT_FALSE(mediant[0].stale);
    const auto vocal = parse("Digest realm=vovida.com,algorithm=MD5,nonce=966645751");
    ASSERT_EQ(vocal.size(), 1U);
    EXPECT_EQ(vocal[0].realm, "vovida.com");
    EXPECT_EQ(vocal[0].nonce, "966645751");
}

// T73, T74
TEST(Challenge, UnknownAlgorithmsAndSchemesAreIgnored) {
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", algorithm=SHA3-256)").empty());
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", algorithm=)").empty());
    EXPECT_TRUE(parse(R"(NoOneKnowsThisScheme opaque-data=here)").empty());
    EXPECT_TRUE(parse(R"(Basic realm="r", nonce="n")").empty());
    EXPECT_TRUE(parse("NTLM").empty());
    EXPECT_TRUE(parse("Negotiate YII==").empty());
}

// T76
TEST(Challenge, SeveralInOneRow) {
    const auto challenges = parse(
        R"(Basic realm="b", NTLM, Digest realm="one", nonce="1", algorithm=SHA-256, qop="auth",)"
        R"( Digest algorithm="SHA-512-256",realm="two",nonce="2",Bearer realm="x",)"
        R"(Digest realm="three", nonce="3")");
    ASSERT_EQ(challenges.size(), 3U);
    EXPECT_EQ(challenges[0].realm, "one");
    EXPECT_EQ(challenges[0].algorithm, DigestAlgorithm::sha256);
    EXPECT_EQ(challenges[1].realm, "two");
    EXPECT_EQ(challenges[1].algorithm, DigestAlgorithm::sha512_256);
    EXPECT_FALSE(challenges[1].qop_given);
    EXPECT_EQ(challenges[2].realm, "three");
    EXPECT_EQ(challenges[2].nonce, "3");
}

// T81, T82
TEST(Challenge, QopOffers) {
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", qop="auth-int , AUTH,x")")[0].qop_auth);
    EXPECT_TRUE(parse(R"(Digest realm="r", qop=auth,auth-int, nonce="n")")[0].qop_auth);
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", qop="auth-int")").empty());
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", qop="x")").empty());
    const auto none = parse(R"(Digest realm="r", nonce="n", qop="")");
    ASSERT_EQ(none.size(), 1U);
    EXPECT_FALSE(none[0].qop_given);
}

// T88
TEST(Challenge, EscapesAndCommasInQuotes) {
    const auto challenges = parse(R"(Digest realm="a\"b\\, nonce=\"x\"", nonce="n")");
    ASSERT_EQ(challenges.size(), 1U);
    EXPECT_EQ(challenges[0].realm, R"(a"b\, nonce="x")");
    EXPECT_EQ(challenges[0].realm_as_written, R"(a\"b\\, nonce=\"x\")");
    EXPECT_EQ(challenges[0].nonce, "n");
}

// T101
TEST(Challenge, MissingOrBrokenPartsMakeItUnusable) {
    for (const std::string_view row :
         {"", ",,,", "Digest", "Digest ", "Digest realm=\"r\"", "Digest nonce=\"n\"",
          "Digest realm=\"r\", nonce=\"\"",
          "Digest realm=\"r\", nonce=", "Digest realm=\"r, nonce=n", "realm=\"r\", nonce=\"n\"",
          "Digest \"realm\"=\"r\", nonce=\"n\"", "=", "\"", "Digest =,=", "Digest realm=\"\\"}) {
        EXPECT_TRUE(parse(row).empty()) << row;
    }
    EXPECT_EQ(parse(R"(Digest realm="", nonce="n")").size(), 1U);
}

TEST(Challenge, FirstOfARepeatedParameterCounts) {
    const auto challenges = parse(R"(Digest realm="r", nonce="1", nonce="2", realm="x")");
    ASSERT_EQ(challenges.size(), 1U);
    EXPECT_EQ(challenges[0].nonce, "1");
    EXPECT_EQ(challenges[0].realm, "r");
}

// T70, T71, T72, T76: both header kinds, rows in order, one credential a realm.
TEST(Challenge, OfAResponse) {
    const auto response = Message::parse(
        testing::with(testing::sample_challenge(), "Server: registrar\r\n",
                      "Proxy-Authenticate: Digest realm=\"example.com\", nonce=\"p\"\r\n"
                      "www-authenticate: Digest realm=\"example.com\", nonce=\"second\",\r\n"
                      "  Digest realm=\"other\", nonce=\"third\"\r\n"));
    ASSERT_TRUE(response);
    const auto challenges = usable_challenges(*response);
    ASSERT_EQ(challenges.size(), 4U);
    EXPECT_EQ(challenges[0].nonce, "84a4cc6f3082121f32b42a2187831a9e");
    EXPECT_EQ(challenges[1].nonce, "second");
    EXPECT_EQ(challenges[2].nonce, "third");
    EXPECT_EQ(challenges[3].nonce, "p");
    EXPECT_TRUE(challenges[3].from_proxy);
    const auto answered = topmost_per_realm(challenges);
    ASSERT_EQ(answered.size(), 3U);
    EXPECT_EQ(answered[0].nonce, "84a4cc6f3082121f32b42a2187831a9e");
    EXPECT_EQ(answered[1].nonce, "third");
    EXPECT_EQ(answered[2].nonce, "p");
}

// T103
TEST(Challenge, ResponseWithoutAnyHasNone) {
    const auto response = Message::parse(testing::sample_ok());
    ASSERT_TRUE(response);
    EXPECT_TRUE(usable_challenges(*response).empty());
}

}  // namespace
}  // namespace trunkline::sipstack
