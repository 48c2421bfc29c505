#include "sipstack/message/response.h"

#include "tests/unit/sipstack/message/sample_messages.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using ::testing::ElementsAre;
using testing::sample_request;
using testing::with;

Flow flow_from(std::string_view address, uint16_t port) {
    return {.transport = Transport::udp,
            .sip_interface_index = 0,
            .local = {*dataplane::IpAddress::parse("192.0.2.1"), 5060},
            .remote = {*dataplane::IpAddress::parse(address), port}};
}

Message parsed(const std::string& bytes) {
    auto message = Message::parse(bytes);
    EXPECT_TRUE(message) << (message ? "" : message.error().reason);
    return std::move(*message);
}

std::string top_via_of_answer(std::string_view via, const Flow& flow) {
    const Message request = parsed(
        with(sample_request(), "SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKtl00abcdef", via));
    const Message answer = parsed(response_to(request, 200, "OK", "t", flow).finish());
    return std::string(answer.rows("Via").front());
}

TEST(Response, CopiesWhatTheRfcWants) {
    const Message request = parsed(with(sample_request(), "Max-Forwards",
                                        "Via: SIP/2.0/TCP b;branch=z9hG4bK2\r\nMax-Forwards"));
    const std::string bytes = response_to(request, 200, "OK", "ours", flow_from("192.0.2.10", 5060))
                                  .header("Allow", "OPTIONS")
                                  .finish();
    EXPECT_EQ(bytes,
              "SIP/2.0 200 OK\r\n"
              "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;branch=z9hG4bKtl00abcdef;"
              "received=192.0.2.10\r\n"
              "Via: SIP/2.0/TCP b;branch=z9hG4bK2\r\n"
              "From: \"Trunk, one\" <sip:trunk1@example.com>;tag=tl00aaaa\r\n"
              "To: <sip:trunk1@example.com>;tag=ours\r\n"
              "Call-ID: tl00bbbb@192.0.2.10\r\n"
              "CSeq: 7 REGISTER\r\n"
              "Allow: OPTIONS\r\n"
              "Content-Length: 0\r\n\r\n");
}

TEST(Response, KeepsATagOfToAndAddsNoneTo100) {
    const Flow flow = flow_from("192.0.2.10", 5060);
    const Message tagged = parsed(with(sample_request(), "To: <sip:trunk1@example.com>",
                                       "To: <sip:trunk1@example.com>;tag=theirs"));
    EXPECT_EQ(parsed(response_to(tagged, 200, "OK", "ours", flow).finish()).to_tag(), "theirs");
    EXPECT_EQ(
        parsed(response_to(parsed(sample_request()), 100, "Trying", "", flow).finish()).to_tag(),
        "");
}

// T118
TEST(Response, SourceIsWrittenIntoTheTopVia) {
    EXPECT_EQ(
        top_via_of_answer("SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1", flow_from("192.0.2.10", 9999)),
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1");
    EXPECT_EQ(top_via_of_answer("SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1",
                                flow_from("198.51.100.7", 9999)),
              "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;received=198.51.100.7");
    EXPECT_EQ(top_via_of_answer("SIP/2.0/UDP host.example;rport ; branch=z9hG4bK1",
                                flow_from("192.0.2.10", 9999)),
              "SIP/2.0/UDP host.example;rport=9999;branch=z9hG4bK1;received=192.0.2.10");
    EXPECT_EQ(top_via_of_answer("SIP/2.0/UDP [2001:DB8::0:1]:5070;branch=z9hG4bK1",
                                flow_from("2001:db8::1", 5070)),
              "SIP/2.0/UDP [2001:DB8::0:1]:5070;branch=z9hG4bK1");
    EXPECT_EQ(top_via_of_answer("SIP/2.0/UDP [2001:db8::2];branch=z9hG4bK1, SIP/2.0/TCP x",
                                flow_from("2001:db8::1", 5070)),
              "SIP/2.0/UDP [2001:db8::2];branch=z9hG4bK1;received=2001:db8::1, SIP/2.0/TCP x");
}

TEST(Response, AReceivedThatThePeerForgedIsReplaced) {
    EXPECT_EQ(top_via_of_answer("SIP/2.0/UDP 192.0.2.10;received=203.0.113.1;branch=z9hG4bK1",
                                flow_from("192.0.2.10", 5060)),
              "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1");
    EXPECT_EQ(top_via_of_answer("SIP/2.0/UDP 192.0.2.10;RPORT=1;received=203.0.113.1",
                                flow_from("192.0.2.10", 5060)),
              "SIP/2.0/UDP 192.0.2.10;rport=5060;received=192.0.2.10");
}

/// Via values of all kinds: each answered the same by the fast path, where it takes it, and by the
/// general way.
TEST(Response, IsTheSameOnTheFastPath) {
    const std::vector<std::string> vias{
        "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1",
        "SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bK1",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;rport",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;RPORT=77;other",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;rport;rport=5",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;rports=9;r=1;rp",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;received=192.0.2.9",
        "SIP/2.0/UDP 192.0.2.10;Received=192.0.2.9;branch=z9hG4bK1;rport",
        "SIP/2.0/UDP 192.0.2.10 ; branch=z9hG4bK1 ;rport",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;x=\"a;rport\";rport",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP b;branch=z9hG4bK2",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;\r\n rport",
        "SIP / 2.0 / UDP 192.0.2.10;branch=z9hG4bK1;rport",
        "SIP/2.0/UDP [2001:db8::1]:5062;branch=z9hG4bK1;rport",
        "SIP/2.0/UDP 192.0.2.10",
    };
    for (const std::string& via : vias) {
        for (const std::string_view to :
             {"<sip:a@b>", "<sip:a@b>;tag=theirs", "\"x\ty\" <sip:a@b>"}) {
            const Message request =
                parsed(with(with(sample_request(),
                                 "SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKtl00abcdef", via),
                            "To: ", fmt::format("To: {}\r\nX-Was: ", to)));
            for (const Flow& flow : {flow_from("192.0.2.10", 5060), flow_from("192.0.2.7", 99)}) {
                for (const std::string_view tag : {"ours", ""}) {
                    EXPECT_EQ(response_to(request, 200, "OK", tag, flow).finish(),
                              general_response_to(request, 200, "OK", tag, flow).finish())
                        << via << ' ' << to;
                }
            }
        }
    }
}

// T118
TEST(Response, GoesToTheSourceAddressAndThePortOfRportOrSentBy) {
    Flow flow = flow_from("198.51.100.7", 9999);
    Via via;
    via.port = 5070;
    EXPECT_EQ(response_flow(flow, via).remote.to_string(), "198.51.100.7:5070");
    via.port.reset();
    EXPECT_EQ(response_flow(flow, via).remote.to_string(), "198.51.100.7:5060");
    via.has_rport = true;
    EXPECT_EQ(response_flow(flow, via).remote.to_string(), "198.51.100.7:9999");
    flow.transport = Transport::tcp;
    via.has_rport = false;
    EXPECT_EQ(response_flow(flow, via), flow);
}

TEST(Response, ToARequestThatTheParserRefusedUsesItsEnvelope) {
    const std::string request =
        with(with(sample_request(), "CSeq: 7 REGISTER", "CSeq: 99999999999 REGISTER"),
             "To: ", "To:\r\n ");
    ASSERT_FALSE(Message::parse(request));
    const auto envelope = scan_envelope(request);
    ASSERT_TRUE(envelope);
    auto answer = response_to(request, *envelope, 400, "CSeq malformed", "ours",
                              flow_from("192.0.2.10", 6000));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->flow.remote.to_string(), "192.0.2.10:6000");
    EXPECT_EQ(answer->writer.finish(),
              "SIP/2.0 400 CSeq malformed\r\n"
              "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=6000;branch=z9hG4bKtl00abcdef;"
              "received=192.0.2.10\r\n"
              "From: \"Trunk, one\" <sip:trunk1@example.com>;tag=tl00aaaa\r\n"
              "To: <sip:trunk1@example.com>;tag=ours\r\n"
              "Call-ID: tl00bbbb@192.0.2.10\r\n"
              "CSeq: 99999999999 REGISTER\r\n"
              "Content-Length: 0\r\n\r\n");
}

// T146, T160
TEST(Response, WhatCannotBeAnsweredIsNot) {
    const Flow flow = flow_from("192.0.2.10", 5060);
    for (const std::string_view bytes :
         {"OPTIONS sip:a SIP/2.0\r\nFrom: x\r\n\r\n", "OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n",
          "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP [::1\r\n\r\n",
          "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a:b\r\n\r\n",
          "ACK sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n",
          "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\n\r\n"}) {
        const auto envelope = scan_envelope(bytes);
        ASSERT_TRUE(envelope) << bytes;
        EXPECT_FALSE(response_to(bytes, *envelope, 400, "Bad Request", "t", flow)) << bytes;
    }
}

TEST(Response, NothingOfThePeerAddsALine) {
    const std::string request =
        "OPTIONS sip:a SIP/7.0\r\nVia: SIP/2.0/UDP a\r\nFrom: x\r\n Evil: 1\r\nTo: y\r\n\r\n";
    const auto envelope = scan_envelope(request);
    ASSERT_TRUE(envelope);
    auto answer =
        response_to(request, *envelope, 505, "Version Not Supported", "t", flow_from("::1", 1));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->writer.finish().find("\r\n Evil"), std::string::npos);
}

}  // namespace
}  // namespace trunkline::sipstack
