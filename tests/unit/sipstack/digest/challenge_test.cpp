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
    EXPECT_EQ(parse(R"(Digest realm="r", qop=auth-int,auth, nonce="n")")[0].qop(), "auth");
    EXPECT_EQ(parse(R"(Digest realm="r", nonce="n", qop="x, auth-int")")[0].qop(), "auth-int");
    EXPECT_EQ(parse(R"(Digest realm="r", nonce="n")")[0].qop(), "");
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

// T73, T78
TEST(Challenge, AllFormsOfAlgorithms) {
    const auto of = [](std::string_view algorithm, std::string_view nonce = "n") {
        return parse("Digest realm=\"r\", nonce=\"" + std::string(nonce) +
                     "\", algorithm=" + std::string(algorithm));
    };
    for (const std::string_view name :
         {"MD5", "SHA-256", "SHA-512-256", "MD5-sess", "SHA-256-sess", "SHA-512-256-sess"}) {
        ASSERT_EQ(of(name).size(), 1U) << name;
        EXPECT_EQ(algorithm_name(of(name)[0]), name);
        EXPECT_EQ(of(name)[0].session, name.ends_with("-sess"));
        EXPECT_FALSE(of(name)[0].aka);
    }
    EXPECT_EQ(algorithm_name(of("\"sha-256-SESS\"")[0]), "SHA-256-sess");
    // T107: RAND and AUTN are in the nonce, or it is no AKA challenge.
    const std::string aka_nonce = std::string(42, 'A') + "A=";
    ASSERT_EQ(of("akav1-md5", aka_nonce).size(), 1U);
    EXPECT_TRUE(of("AKAv1-MD5", aka_nonce)[0].aka);
    EXPECT_EQ(algorithm_name(of("AKAv1-MD5", aka_nonce)[0]), "AKAv1-MD5");
    EXPECT_TRUE(of("AKAv1-MD5").empty());
    EXPECT_TRUE(of("AKAv1-MD5", std::string(43, '!')).empty());
    for (const std::string_view unknown : {"AKAv2-MD5", "AKAv1-SHA-256", "SHA-512", "sess", "-"}) {
        EXPECT_TRUE(of(unknown, aka_nonce).empty()) << unknown;
    }
}

TEST(Challenge, BasicCountsWhereNothingOfDigestIsOffered) {
    const auto basic = parse(R"(Basic realm="r", charset="UTF-8")");
    ASSERT_EQ(basic.size(), 1U);
    EXPECT_TRUE(basic[0].basic);
    EXPECT_EQ(basic[0].realm, "r");
    EXPECT_EQ(algorithm_name(basic[0]), "Basic");
    EXPECT_TRUE(parse(R"(Basic charset="UTF-8")").empty());
    EXPECT_TRUE(parse(R"(Basic realm="r", Digest realm="r", nonce="n", algorithm=XYZ)").empty());
    const auto response =
        Message::parse(testing::with(testing::sample_challenge(), "Server: registrar\r\n",
                                     "Proxy-Authenticate: Basic realm=\"proxy\"\r\n"));
    ASSERT_TRUE(response);
    const auto challenges = usable_challenges(*response);
    ASSERT_EQ(challenges.size(), 1U);
    EXPECT_FALSE(challenges[0].basic);
}

// T105
TEST(Challenge, UserhashInItsForms) {
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", userhash=true)")[0].userhash);
    EXPECT_TRUE(parse(R"(Digest realm="r", nonce="n", userhash="TRUE")")[0].userhash);
    EXPECT_FALSE(parse(R"(Digest realm="r", nonce="n", userhash=false)")[0].userhash);
    EXPECT_FALSE(parse(R"(Digest realm="r", nonce="n")")[0].userhash);
}

// T106
TEST(Challenge, StrongestOfEachRealm) {
    const std::string aka_nonce = std::string(42, 'A') + "A=";
    const auto chosen = strongest_per_realm(
        parse(R"(Digest realm="a", nonce="1", algorithm=MD5,)"
              R"( Digest realm="a", nonce="2", algorithm=SHA-512-256-sess,)"
              R"( Digest realm="a", nonce="3", algorithm=SHA-512-256,)"
              R"( Digest realm="b", nonce="4", Digest realm="b", algorithm=SHA-256, nonce="5",)"
              R"( Digest realm="c", nonce=")" +
              aka_nonce + R"(", algorithm=AKAv1-MD5, Digest realm="c", nonce="6")"));
    ASSERT_EQ(chosen.size(), 3U);
    EXPECT_EQ(chosen[0].nonce, aka_nonce);
    EXPECT_EQ(chosen[1].nonce, "2");
    EXPECT_EQ(chosen[2].nonce, "5");
}

// T101: what a peer names comes back in our request, so there is an end to it.
TEST(Challenge, OverlongValuesMakeItUnusable) {
    const auto of = [](std::size_t realm, std::size_t nonce, std::size_t opaque) {
        return parse("Digest realm=\"" + std::string(realm, 'r') + "\", nonce=\"" +
                     std::string(nonce, 'n') + "\", opaque=\"" + std::string(opaque, 'o') + '"');
    };
    EXPECT_EQ(of(max_challenge_value, max_challenge_value, max_challenge_value).size(), 1U);
    EXPECT_TRUE(of(1 << 20, 1, 1).empty());
    EXPECT_TRUE(of(1, max_challenge_value + 1, 1).empty());
    EXPECT_TRUE(of(1, 1, max_challenge_value + 1).empty());
}

TEST(Challenge, OnlySoManyOfARowAreRead) {
    std::string row;
    for (int i = 0; i < 100000; ++i) {
        row += "Digest realm=\"" + std::to_string(i) + "\", nonce=\"n\", ";
    }
    const auto challenges = parse(row);
    ASSERT_EQ(challenges.size(), max_challenges_read);
    EXPECT_EQ(challenges.back().realm, "15");
    EXPECT_TRUE(parse(std::string(1 << 20, 'a')).empty());
    EXPECT_TRUE(parse(std::string(1 << 20, ',')).empty());
    EXPECT_TRUE(parse(std::string(1 << 20, '"')).empty());
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

// T99
TEST(Challenge, FirstOfARepeatedParameterCounts) {
    const auto challenges = parse(R"(Digest realm="r", nonce="1", nonce="2", realm="x")");
    ASSERT_EQ(challenges.size(), 1U);
    EXPECT_EQ(challenges[0].nonce, "1");
    EXPECT_EQ(challenges[0].realm, "r");
    const auto qops = parse(R"(Digest realm="r", nonce="n", qop="auth-int", qop="auth")");
    ASSERT_EQ(qops.size(), 1U);
    EXPECT_EQ(qops[0].qop(), "auth-int");
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
