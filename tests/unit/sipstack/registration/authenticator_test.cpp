#include "sipstack/registration/authenticator.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

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
        const auto response = Message::parse(
            "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
            "From: <sip:a@b>;tag=f\r\nTo: <sip:a@b>;tag=t\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n" +
            rows + "Content-Length: 0\r\n\r\n");
        return authenticator.challenged(*response, credentials, random);
    }

    /// The request that goes out now.
    std::string request() {
        auto writer = MessageWriter::request("REGISTER", "sip:lab");
        authenticator.add_headers(writer, credentials, "REGISTER", "sip:lab");
        return writer.finish();
    }

    Authenticator authenticator;
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

// T101
TEST_F(AuthenticatorTest, GivesUpOnAnEmptyNonce) {
    EXPECT_EQ(challenge(digest("a", "")), Verdict::no_usable_challenge);
}

TEST_F(AuthenticatorTest, GivesUpWithoutAPassword) {
    credentials.password = Secret();
    EXPECT_EQ(challenge(digest("a", "n1")), Verdict::no_password);
}

}  // namespace
}  // namespace trunkline::sipstack
