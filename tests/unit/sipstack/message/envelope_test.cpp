#include "sipstack/message/envelope.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

TEST(Envelope, OfARequestThatTheParserWouldRefuse) {
    const auto envelope = scan_envelope(
        "ODD~method nobodyKnowsThisScheme:totally opaque SIP/7.0\r\n"
        "v: SIP/2.0/UDP a;branch=z9hG4bK1 , SIP/2.0/UDP b;branch=z9hG4bK2\r\n"
        "Via: SIP/2.0/UDP c\r\n"
        "f: <sip:x@y>;tag=1\r\n"
        "t: <sip:x@y>\r\n"
        "i: call\r\n"
        "CSeq: 99999999999 ODD~method\r\n\r\n");
    ASSERT_TRUE(envelope);
    EXPECT_TRUE(envelope->is_request);
    EXPECT_EQ(envelope->method, "ODD~method");
    EXPECT_EQ(envelope->request_uri, "nobodyKnowsThisScheme:totally opaque");
    EXPECT_EQ(envelope->top_via, "SIP/2.0/UDP a;branch=z9hG4bK1");
    EXPECT_EQ(envelope->branch, "z9hG4bK1");
    EXPECT_EQ(envelope->from, "<sip:x@y>;tag=1");
    EXPECT_EQ(envelope->to, "<sip:x@y>");
    EXPECT_EQ(envelope->call_id, "call");
    EXPECT_EQ(envelope->cseq, "99999999999 ODD~method");
}

TEST(Envelope, OfAResponseTakesTheMethodFromCSeq) {
    const auto envelope = scan_envelope("SIP/2.0 401 Unauthorized\r\nCseq: 1 REGISTER\r\n\r\n");
    ASSERT_TRUE(envelope);
    EXPECT_FALSE(envelope->is_request);
    EXPECT_EQ(envelope->status, 401);
    EXPECT_EQ(envelope->method, "REGISTER");
    EXPECT_EQ(envelope->top_via, "");
}

TEST(Envelope, StatusOutOfRangeIsNone) {
    EXPECT_EQ(scan_envelope("SIP/2.0 4294967301 Better\r\n\r\n")->status, 0);
    EXPECT_EQ(scan_envelope("SIP/2.0 -1 Better\r\n\r\n")->status, 0);
}

TEST(Envelope, WhatIsNotSipHasNone) {
    for (const std::string_view bytes :
         {"", "\r\n\r\n", "hello", "GET / HTTP/1.1\r\n\r\n", "SIP/2.0", "\x80\x01\x02 \x03 \x04"}) {
        EXPECT_FALSE(scan_envelope(bytes)) << bytes;
    }
}

}  // namespace
}  // namespace trunkline::sipstack
