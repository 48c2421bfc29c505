#include "sipstack/message/message.h"

#include "tests/unit/sipstack/message/sample_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace trunkline::sipstack {
namespace {

using ::testing::ElementsAre;
using testing::sample_challenge;
using testing::sample_ok;
using testing::sample_request;
using testing::with;

Message parsed(const std::string& bytes) {
    auto message = Message::parse(bytes);
    if (!message) {
        throw std::runtime_error(std::string(message.error().reason));
    }
    return std::move(*message);
}

TEST(Message, TellsTheFieldsOfARequest) {
    const Message message = parsed(sample_request());
    EXPECT_TRUE(message.is_request());
    EXPECT_EQ(message.status(), 0);
    EXPECT_EQ(message.method(), "REGISTER");
    EXPECT_EQ(message.request_uri(), "sip:registrar.example.com");
    EXPECT_EQ(message.call_id(), "tl00bbbb@192.0.2.10");
    EXPECT_EQ(message.cseq(), 7U);
    EXPECT_EQ(message.from_tag(), "tl00aaaa");
    EXPECT_EQ(message.to_tag(), "");
    ASSERT_EQ(message.vias().size(), 1U);
    const Via& via = message.vias().front();
    EXPECT_EQ(via.transport, "UDP");
    EXPECT_EQ(via.host, "192.0.2.10");
    EXPECT_EQ(via.port, 5060);
    EXPECT_EQ(via.branch, "z9hG4bKtl00abcdef");
    EXPECT_TRUE(via.has_rport);
    EXPECT_FALSE(via.rport);
    EXPECT_EQ(message.expires(), 3600U);
    EXPECT_EQ(message.bytes(), sample_request());
}

TEST(Message, TellsTheFieldsOfAResponse) {
    const Message message = parsed(sample_challenge());
    EXPECT_FALSE(message.is_request());
    EXPECT_EQ(message.status(), 401);
    EXPECT_EQ(message.reason_phrase(), "Unauthorized");
    EXPECT_EQ(message.method(), "REGISTER");
    EXPECT_EQ(message.to_tag(), "b27e1a1d33761e85846fc98f5f3a7e58.4c2c");
    EXPECT_EQ(message.vias().front().rport, 5060);
    EXPECT_EQ(message.vias().front().received, "192.0.2.10");
}

TEST(Message, StaysWholeWhenMoved) {
    Message first = parsed(sample_request());
    const Message second = std::move(first);
    EXPECT_EQ(second.from_tag(), "tl00aaaa");
    EXPECT_THAT(second.rows("expires"), ElementsAre("3600"));
}

// T140, T141, T142
TEST(Message, RowsAreFoundByAnyNameAndUnfolded) {
    const Message message =
        parsed(with(with(sample_request(), "Contact:", "m:"), "Expires: 3600\r\n",
                    "SUPPORTED: path,\r\n  gruu \r\n\t, outbound\r\nk: timer\r\nX-Odd:\r\n"));
    EXPECT_THAT(message.rows("Supported"), ElementsAre("path, gruu , outbound", "timer"));
    EXPECT_THAT(message.rows("contact"), ElementsAre("<sip:trunk1@192.0.2.10:5060>"));
    EXPECT_THAT(message.rows("x-odd"), ElementsAre(""));
    EXPECT_TRUE(message.rows("Expires").empty());
    EXPECT_EQ(message.expires(), std::nullopt);
}

TEST(Message, ContactsAreListedWithTheirLifetimes) {
    const Message message =
        parsed(with(sample_ok(), "Content-Length",
                    "m: \"a, \\\"<b>\" <sips:c@[2001:db8::1]:5061;transport=tcp>;expires=abc\r\n"
                    "Contact: sip:d@e;expires=99999999999, <sip:f@g;expires=5>\r\nContent-Length"));
    const auto contacts = message.contacts();
    ASSERT_EQ(contacts.size(), 5U);
    EXPECT_EQ(contacts[0].expires, 60U);
    EXPECT_EQ(contacts[1].uri.host, "192.0.2.10");
    EXPECT_EQ(contacts[1].uri.port, 5060);
    EXPECT_EQ(contacts[1].expires, 1800U);
    EXPECT_EQ(contacts[2].uri.scheme, "sips");
    EXPECT_EQ(contacts[2].uri.host, "2001:db8::1");
    EXPECT_EQ(contacts[2].expires, 3600U);  // T29
    EXPECT_EQ(contacts[3].uri.user, "d");
    EXPECT_EQ(contacts[3].expires, 4294967295U);   // T29
    EXPECT_EQ(contacts[4].expires, std::nullopt);  // a URI parameter is none of the header's
}

TEST(Message, StarStandsAlone) {
    const auto request = with(sample_request(), "<sip:trunk1@192.0.2.10:5060>", "*");
    const auto contacts = parsed(request).contacts();
    ASSERT_EQ(contacts.size(), 1U);
    EXPECT_TRUE(contacts.front().star);
}

// T29, T44
TEST(Message, SecondsOfExpiresMinExpiresAndRetryAfter) {
    const Message message = parsed(with(sample_challenge(), "Server: registrar",
                                        "Expires: soon\r\nMin-Expires: 7200\r\n"
                                        "Retry-After: 18000 (I'm in a meeting);duration=3600"));
    EXPECT_EQ(message.expires(), 3600U);
    EXPECT_EQ(message.min_expires(), 7200U);
    EXPECT_EQ(message.retry_after(), 18000U);
    EXPECT_EQ(parsed(with(sample_challenge(), "Server: registrar", "Retry-After: x")).retry_after(),
              std::nullopt);
    EXPECT_EQ(parsed(with(sample_challenge(), "Server: registrar",
                          "Retry-After: 949302838503028349304023988"))
                  .retry_after(),
              4294967295U);
}

// T119: RFC 5118 4.5
TEST(Message, ReceivedWithAndWithoutBrackets) {
    for (const std::string_view received : {"2001:db8::9:255", "[2001:db8::9:255]"}) {
        const std::string via =
            "SIP/2.0/udp [2001:db8::9:1]:6050;received=" + std::string(received) +
            ";branch=z9hG4bKas3-111";
        const Message message = parsed(with(
            sample_request(), "SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKtl00abcdef", via));
        const Via& top = message.vias().front();
        EXPECT_EQ(top.transport, "UDP");
        EXPECT_EQ(top.host, "2001:db8::9:1");
        EXPECT_EQ(top.port, 6050);
        EXPECT_EQ(top.received, "2001:db8::9:255");
    }
}

TEST(Message, ViasOfAllRowsInOrder) {
    const Message message = parsed(
        with(sample_request(), "Max-Forwards",
             "v: SIP / 2.0  / TCP  [::1] ;\r\n branch = z9hG4bK9 , SIP/2.0/SCTP c;x=\",\"\r\n"
             "Max-Forwards"));
    ASSERT_EQ(message.vias().size(), 3U);
    EXPECT_EQ(message.vias()[1].transport, "TCP");
    EXPECT_EQ(message.vias()[1].branch, "z9hG4bK9");
    EXPECT_EQ(message.vias()[2].transport, "SCTP");
    EXPECT_EQ(message.vias()[2].host, "c");
}

TEST(Message, LegalButOddMethodIsKept) {
    const std::string method = "!interesting-Method0123456789_*+`.%indeed'~";
    std::string request = sample_request();
    request = with(with(request, "REGISTER", method), " REGISTER", " " + method);
    EXPECT_EQ(parsed(request).method(), method);
}

// T122
TEST(Message, BytesPastTheBodyAreDiscarded) {
    const Message message =
        parsed(with(sample_request(), "Content-Length: 0", "Content-Length: 4") + "bodyINVITE x");
    EXPECT_EQ(message.body(), "body");
}

// T19
TEST(Message, WithoutContentLengthTheDatagramEndsTheBody) {
    EXPECT_EQ(parsed(with(sample_request(), "Content-Length: 0\r\n", "") + "rest").body(), "rest");
}

TEST(Message, LeadingLineEndsAreSkipped) {  // T125
    EXPECT_EQ(parsed("\r\n\r\n" + sample_request()).method(), "REGISTER");
}

TEST(Message, ThreadsParseAtOnce) {
    const auto work = [] {
        for (int i = 0; i < 500; ++i) {
            EXPECT_EQ(parsed(sample_ok()).contacts().size(), 2U);
        }
    };
    std::thread other(work);
    work();
    other.join();
}

// Trace A: the sloppy forms of it that are legal.
TEST(Message, TraceAMediantRegisterAndChallenge) {
    const Message request = parsed(
        "REGISTER sip:10.2.2.222 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 10.1.1.200\r\n"
        "From: <sip:122@10.1.1.200>;tag=1c17940\r\n"
        "To: <sip:122@10.1.1.200>\r\n"
        "Call-ID: 634293194@10.1.1.200\r\n"
        "CSeq: 1 REGISTER\r\n"
        "Contact: sip:122@10.1.1.200\r\n"
        "Expires:3600\r\n\r\n");
    EXPECT_EQ(request.expires(), 3600U);
    EXPECT_EQ(request.vias().front().branch, "");
    EXPECT_EQ(request.contacts().front().uri.user, "122");
    const Message challenge = parsed(
        "SIP/2.0 401 Unauthorized\r\n"
        "Via: SIP/2.0/UDP 10.2.1.200\r\n"
        "From: <sip:122@10.2.2.222 >;tag=1c17940\r\n"
        "To: <sip:122@10.2.2.222 >\r\n"
        "Call-ID: 634293194@10.1.1.200\r\n"
        "Cseq: 1 REGISTER\r\n"
        "Date: Mon, 30 Jul 2001 15:33:54 GMT\r\n"
        "Content-Length: 0\r\n"
        "WWW-Authenticate: Digest realm=\"audiocodes.com\", "
        "nonce=\"11432d6bce58ddf02e3b5e1c77c010d2\", stale=FALSE, algorithm=MD5\r\n\r\n");
    EXPECT_EQ(challenge.cseq(), 1U);
    EXPECT_EQ(challenge.from_tag(), "1c17940");
    const Message ok = parsed(
        "SIP/2.0 200 OK\r\n"
        "Via: SIP/2.0/UDP 10.1.1.200\r\n"
        "From: <sip:122@10.1.1.200>;tag=1c17940\r\n"
        "To: <sip:122@10.1.1.200>\r\n"
        "Call-ID: 634293194@10.1.1.200\r\n"
        "Cseq: 2 REGISTER\r\n"
        "Contact: <sip:122@10.1.1.200>;expires=\"Thu, 26 Jul 2012 10:34:42 GMT\", "
        "<sip:122@10.1.1.201>;expires=60\r\n"
        "Expires: Thu, 26 Jul 2012 10:34:42 GMT\r\n\r\n");
    ASSERT_EQ(ok.contacts().size(), 2U);
    EXPECT_EQ(ok.contacts()[0].expires, 3600U);
    EXPECT_EQ(ok.contacts()[1].expires, 60U);
    EXPECT_EQ(ok.expires(), 3600U);
}

// Trace C: no tags, no branch, addr-specs without brackets.
TEST(Message, TraceCVocalRegisterAndChallenge) {
    const Message request = parsed(
        "REGISTER sip:192.168.26.180 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.168.26.10:5060\r\n"
        "From: sip:6711@192.168.26.180\r\n"
        "To: sip:6711@192.168.26.180\r\n"
        "Call-ID: c2943000-1e262-513-2e323931@192.168.26.10\r\n"
        "CSeq: 100 REGISTER\r\n"
        "Contact: <sip:6711@192.168.26.10:5060>\r\n"
        "Expires: 3600\r\n"
        "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(request.from_tag(), "");
    const Message challenge = parsed(
        "SIP/2.0 401 Unauthorized\r\n"
        "Via: SIP/2.0/UDP 192.168.26.10:5060\r\n"
        "From: <sip:6711@192.168.26.180:5060>\r\n"
        "To: <sip:6711@192.168.26.180:5060>\r\n"
        "Call-ID: c2943000-1e262-513-2e323931@192.168.26.10\r\n"
        "CSeq: 100 REGISTER\r\n"
        "WWW-Authenticate: Digest realm=vovida.com,algorithm=MD5,nonce=966645751\r\n"
        "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(challenge.to_tag(), "");
    EXPECT_THAT(challenge.rows("WWW-Authenticate"),
                ElementsAre("Digest realm=vovida.com,algorithm=MD5,nonce=966645751"));
}

TEST(Message, FindsTheFirstRowOfAHeader) {
    const auto message = parsed(with(sample_request(), "Max-Forwards: 70\r\n",
                                     "Max-Forwards: 70\r\nSupported: path\r\nk: gruu\r\n"));
    EXPECT_EQ(message.first_row("Supported"), "path");
    EXPECT_EQ(message.first_row("Retry-After"), std::nullopt);
}

// Their memory serves again: nothing of one may be seen in the next.
TEST(Message, ForgetsWhatAnotherSaid) {
    { const auto first = parsed(sample_challenge()); }
    const auto second = parsed(sample_request());
    const auto third = parsed(sample_challenge());
    EXPECT_TRUE(second.is_request());
    EXPECT_EQ(second.status(), 0);
    EXPECT_EQ(second.reason_phrase(), "");
    EXPECT_EQ(second.vias().size(), 1U);
    EXPECT_EQ(second.to_tag(), "");
    EXPECT_EQ(second.first_row("WWW-Authenticate"), std::nullopt);
    EXPECT_EQ(second.bytes(), sample_request());
    EXPECT_EQ(third.status(), 401);
}

}  // namespace
}  // namespace trunkline::sipstack
