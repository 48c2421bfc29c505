#include "sipstack/digest/explain.h"

#include "sipstack/digest/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trunkline::sipstack {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Lines = std::vector<std::string>;

/// What we would send in answer to the challenge.
std::string answer(std::string_view challenge_row, const Credentials& credentials,
                   std::string_view uri, std::string_view body = {}) {
    const auto challenges = parse_challenges(challenge_row, false);
    EXPECT_EQ(challenges.size(), 1U) << challenge_row;
    return DigestSession(challenges.at(0), "0a4f113b")
        .authorize(credentials, "REGISTER", uri, body);
}

Credentials credentials_of(std::string user_name, std::string password) {
    return {.user_name = std::move(user_name), .password = Secret(std::move(password))};
}

// T104, trace A: the manual's example.
TEST(ExplainAuthorization, TraceAMediant) {
    const std::string row = answer(
        R"(Digest realm="audiocodes.com", nonce="11432d6bce58ddf02e3b5e1c77c010d2", stale=FALSE, )"
        "algorithm=MD5",
        credentials_of("122", "AudioCodes"), "sip:10.2.2.222");
    EXPECT_THAT(
        explain_authorization(row, "REGISTER", ""),
        ElementsAre("scheme Digest, algorithm MD5, no qop", "A1 = 122:audiocodes.com:<password>",
                    "H(A1) = MD5 of A1, kept secret", "A2 = REGISTER:sip:10.2.2.222",
                    "H(A2) = MD5 of A2 = a9a031cfddcb10d91c8e7b4926086f7e",
                    "response = MD5 of H(A1):nonce:H(A2)",
                    "         = MD5 of <H(A1)>:11432d6bce58ddf02e3b5e1c77c010d2:"
                    "a9a031cfddcb10d91c8e7b4926086f7e",
                    "sent     = ced1be6f6bee4719894543e3b714aeee"));
}

TEST(ExplainAuthorization, WithQopAndWithoutAnAlgorithm) {
    const std::string row =
        answer(R"(Digest realm="a\"b", nonce="n", qop="auth")", credentials_of("u", "p"), "sip:r");
    const Lines lines = explain_authorization(row, "REGISTER", "");
    EXPECT_THAT(lines, Contains("scheme Digest, algorithm MD5 (none is named), qop auth"));
    EXPECT_THAT(lines, Contains(R"(A1 = u:a"b:<password>)"));
    EXPECT_THAT(lines, Contains("response = MD5 of H(A1):nonce:nc:cnonce:qop:H(A2)"));
    EXPECT_THAT(lines, Contains("         = MD5 of <H(A1)>:n:00000001:0a4f113b:auth:" +
                                hash_hex(DigestAlgorithm::md5, "REGISTER:sip:r")));
}

TEST(ExplainAuthorization, TheBodyOfAuthInt) {
    const std::string row = answer(R"(Digest realm="r", nonce="n", qop="auth-int", )"
                                   "algorithm=SHA-256",
                                   credentials_of("u", "p"), "sip:r", "v=0");
    const std::string of_body = hash_hex(DigestAlgorithm::sha256, "v=0");
    const std::string a2 = "REGISTER:sip:r:" + of_body;
    const Lines lines = explain_authorization(row, "REGISTER", "v=0");
    EXPECT_THAT(lines, Contains("H(body) = SHA-256 of its 3 bytes = " + of_body));
    EXPECT_THAT(lines, Contains("A2 = " + a2));
    EXPECT_THAT(lines,
                Contains("H(A2) = SHA-256 of A2 = " + hash_hex(DigestAlgorithm::sha256, a2)));
}

TEST(ExplainAuthorization, ASessFormAndAHashedUserName) {
    const std::string row = answer(
        R"(Digest realm="r", nonce="n", qop="auth", algorithm=SHA-512-256-sess, userhash=true)",
        credentials_of("private-name", "p"), "sip:r");
    const Lines lines = explain_authorization(row, "REGISTER", "");
    EXPECT_THAT(lines, Contains("scheme Digest, algorithm SHA-512-256-sess, qop auth"));
    EXPECT_THAT(lines, Contains("user name = SHA-512-256 of <user name>:r (userhash)"));
    EXPECT_THAT(lines, Contains("A1 = <key>:<first nonce>:0a4f113b, the key being SHA-512-256 of "
                                "<user name>:r:<password>"));
    EXPECT_THAT(lines, Each(Not(HasSubstr("private-name"))));
}

// T107
TEST(ExplainAuthorization, Aka) {
    Account account;
    account.aka_key = Secret("5122250214c33e723a5dd523fc145fc0");
    account.aka_operator_key = Secret("981d464c7c52eb6e5036234984ad0bcf");
    const Credentials credentials = credentials_of(account, "user");
    const std::string_view challenge =
        R"(Digest realm="ims", nonce="gekrbA7g4S6866jZKpnfpbtS6Rx0esOrKlwj0V7jUdU=", )"
        "algorithm=AKAv1-MD5";
    const Lines lines =
        explain_authorization(answer(challenge, credentials, "sip:ims"), "REGISTER", "");
    EXPECT_THAT(lines, Contains("the nonce holds RAND 81e92b6c0ee0e12ebceba8d92a99dfa5 and AUTN "
                                "bb52e91c747ac3ab2a5c23d15ee351d5"));
    EXPECT_THAT(lines, Contains("A1 = user:ims:<RES>"));

    DigestSession session(parse_challenges(challenge, false).at(0), "c");
    session.resynchronise("wpIP4kiY5RvQoNjzRm8=");
    const Lines synchronisation = explain_authorization(
        session.authorize(credentials, "REGISTER", "sip:ims"), "REGISTER", "");
    EXPECT_THAT(synchronisation, Contains(HasSubstr("auts wpIP4kiY5RvQoNjzRm8=:")));
    EXPECT_THAT(synchronisation, Contains("A1 = user:ims:"));
}

TEST(ExplainAuthorization, AnEmptyHeader) {
    EXPECT_THAT(explain_authorization(empty_authorization("u", "r", "sip:r"), "REGISTER", ""),
                ElementsAre("scheme Digest without an answer: it names user u and realm r before a "
                            "challenge"));
}

// T104
TEST(ExplainAuthorization, NeverShowsBasic) {
    EXPECT_THAT(explain_authorization("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "REGISTER", ""),
                ElementsAre("scheme Basic: user name and password in base64, not shown"));
    EXPECT_THAT(explain_authorization("Bearer QWxhZGRpbjpvcGVu", "REGISTER", ""),
                Each(Not(HasSubstr("QWxh"))));
}

TEST(ExplainAuthorization, WhatIsNoAnswer) {
    for (const std::string_view row : {"", " ", ",,", "a=b", "\"", "Digest =\"", "Digest nonce=n",
                                       "Digest algorithm=x, nonce=n, response=r"}) {
        EXPECT_EQ(explain_authorization(row, "REGISTER", "").size(), 1U) << row;
    }
    const Lines lines =
        explain_authorization("Digest realm=\"\x1b[2J\r\n\", nonce=n, response=r", "REGISTER", "");
    EXPECT_THAT(lines, Contains("A1 = :?[2J??:<password>"));
    EXPECT_THAT(lines, Each(Not(HasSubstr("\x1b"))));
}

// T104
TEST(MaskCredentials, HidesWhatHoldsThePassword) {
    const std::string start = "REGISTER sip:r SIP/2.0\r\nCall-ID: c\r\n";
    const std::string end = "Content-Length: 26\r\n\r\nAuthorization: Basic Zm9v\r\n";
    const auto masked = [&](const std::string& rows) {
        const std::string text = mask_credentials(start + rows + end);
        EXPECT_TRUE(text.starts_with(start)) << text;
        EXPECT_TRUE(text.ends_with(end)) << text;
        return text.substr(start.size(), text.size() - start.size() - end.size());
    };
    EXPECT_EQ(masked(""), "");
    EXPECT_EQ(masked("Authorization: Basic Zm9vOmJhcg==\r\n"),
              "Authorization: Basic <not shown>\r\n");
    EXPECT_EQ(masked("proxy-authorization :\tbasic\r\n  Zm9vOmJhcg==\r\n"),
              "proxy-authorization: basic <not shown>\r\n");
    EXPECT_EQ(masked("Authorization: Zm9vOmJhcg==\r\n"), "Authorization: <not shown>\r\n");
    EXPECT_EQ(masked("Authorization: Digest a=b, Basic Zm9v\n"),
              "Authorization: Digest <not shown>\n");
    const std::string digest = "Authorization: Digest username=\"Basic u\",\r\n nonce=\"n\"\r\n";
    EXPECT_EQ(masked(digest), digest);
    EXPECT_EQ(mask_credentials(""), "");
    EXPECT_EQ(mask_credentials("Authorization: Basic Zm9v"), "Authorization: Basic <not shown>");
}

}  // namespace
}  // namespace trunkline::sipstack
