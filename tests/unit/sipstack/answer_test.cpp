#include "sipstack/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Flow flow{Transport::udp,
                0,
                {dataplane::IpAddress::v4(0xc000020a), 5060},
                {dataplane::IpAddress::v4(0xc0000205), 6000}};

TEST(AnsweredVia, FillsRportAndReceived) {
    // T118
    EXPECT_EQ(answered_via("SIP/2.0/UDP 10.0.0.1:5062;rport;branch=z9hG4bKa", flow),
              "SIP/2.0/UDP 10.0.0.1:5062;rport=6000;branch=z9hG4bKa;received=192.0.2.5");
    EXPECT_EQ(answered_via("SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKa;rport", flow),
              "SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKa;rport=6000;received=192.0.2.5");
}

TEST(AnsweredVia, AddsReceivedOnlyWhenSentByDiffers) {
    EXPECT_EQ(answered_via("SIP/2.0/UDP 192.0.2.5:6000;branch=z9hG4bKa", flow),
              "SIP/2.0/UDP 192.0.2.5:6000;branch=z9hG4bKa");
    EXPECT_EQ(answered_via("SIP/2.0/UDP host.example;branch=z9hG4bKa", flow),
              "SIP/2.0/UDP host.example;branch=z9hG4bKa;received=192.0.2.5");
}

TEST(AnsweredVia, BelievesNoReceivedOfTheSender) {
    EXPECT_EQ(answered_via("SIP/2.0/UDP host.example;received=9.9.9.9;branch=z9hG4bKa", flow),
              "SIP/2.0/UDP host.example;branch=z9hG4bKa;received=192.0.2.5");
}

TEST(AnsweredVia, TakesIpv6AndOddText) {
    Flow v6 = flow;
    v6.remote.address = *dataplane::IpAddress::parse("2001:db8::5");
    EXPECT_EQ(answered_via("SIP/2.0/UDP [2001:DB8:0::5]:5062;branch=z9hG4bKa", v6),
              "SIP/2.0/UDP [2001:DB8:0::5]:5062;branch=z9hG4bKa");
    for (const std::string_view odd : {"", ";", ";;;", "[", "SIP/2.0/UDP [", "x;rport;\"", ":"}) {
        EXPECT_THAT(answered_via(odd, flow), HasSubstr("received=192.0.2.5")) << odd;
    }
}

std::string request(const std::string& via = "SIP/2.0/UDP 192.0.2.5:6000;branch=z9hG4bKa") {
    return "OPTIONS sip:192.0.2.10 SIP/2.0\r\nVia: " + via +
           "\r\nv: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKb\r\nFrom: <sip:a@b>;tag=f\r\n"
           "To: <sip:c@d>\r\nCall-ID: call\r\nCSeq: 5 OPTIONS\r\nContent-Length: 0\r\n\r\n";
}

TEST(BeginAnswer, CopiesWhatAResponseRepeats) {
    const auto message = Message::parse(request());
    ASSERT_TRUE(message);
    EXPECT_EQ(begin_answer(*message, flow, 200, "t").finish(),
              "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.5:6000;branch=z9hG4bKa\r\n"
              "Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKb\r\nFrom: <sip:a@b>;tag=f\r\n"
              "To: <sip:c@d>;tag=t\r\nCall-ID: call\r\nCSeq: 5 OPTIONS\r\n"
              "Content-Length: 0\r\n\r\n");
}

TEST(BeginAnswer, CompletesOnlyTheTopOfAJoinedViaRow) {
    const auto message = Message::parse(
        request("SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKa, SIP/2.0/UDP 10.0.0.2;rport"));
    ASSERT_TRUE(message);
    const auto answer = Message::parse(begin_answer(*message, flow, 200, "t").finish());
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->vias().size(), 3U);
    EXPECT_EQ(answer->vias()[0].rport, 6000);
    EXPECT_EQ(answer->vias()[1].rport, std::nullopt);
    EXPECT_EQ(answer->vias()[1].host, "10.0.0.2");
    EXPECT_EQ(answer->vias()[2].host, "10.9.9.9");
}

TEST(AnswerMalformed, AnswersWhatCanBeAnswered) {
    const auto answer = answer_malformed(request(), flow, {400, "CSeq malformed"}, "Trunkline");
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->bytes, StartsWith("SIP/2.0 400 CSeq malformed\r\n"));
    EXPECT_THAT(answer->bytes, HasSubstr("Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKb\r\n"));
    EXPECT_THAT(answer->bytes, HasSubstr("Server: Trunkline\r\n"));
    const auto parsed = Message::parse(answer->bytes);
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(parsed->to_tag().empty());
    EXPECT_EQ(answer_malformed(request(), flow, {400, ""}, "x")->bytes,
              answer_malformed(request(), flow, {400, ""}, "x")->bytes);
}

TEST(AnswerMalformed, GoesBackToTheSourceAlone) {
    const auto to = [](const std::string& via) {
        return answer_malformed(request(via), flow, {400, ""}, "x")->flow.remote.to_string();
    };
    EXPECT_EQ(to("SIP/2.0/UDP 10.0.0.1:5099;rport"), "192.0.2.5:6000");
    EXPECT_EQ(to("SIP/2.0/UDP 10.0.0.1:5099"), "192.0.2.5:5099");
    EXPECT_EQ(to("SIP/2.0/UDP 10.0.0.1"), "192.0.2.5:5060");
    EXPECT_EQ(to("SIP/2.0/UDP 10.0.0.1:99999"), "192.0.2.5:5060");
}

TEST(AnswerMalformed, IsSilentWhereNoAnswerIsDue) {
    const auto is_silent = [](const std::string& bytes, int status = 400) {
        return !answer_malformed(bytes, flow, {status, ""}, "x");
    };
    EXPECT_TRUE(is_silent(request(), 0));
    EXPECT_TRUE(is_silent("garbage"));
    EXPECT_TRUE(
        is_silent("SIP/2.0 200 OK\r\nVia: x\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\n"
                  "CSeq: 1 OPTIONS\r\n\r\n"));
    std::string ack = request();
    ack.replace(0, 7, "ACK");
    EXPECT_TRUE(is_silent(ack));  // T160
    for (const char* name : {"From", "To", "Call-ID", "CSeq"}) {
        std::string cut = request();
        cut.replace(cut.find(std::string("\r\n") + name + ":") + 2, 1, "X-");
        EXPECT_TRUE(is_silent(cut)) << name;
    }
}

}  // namespace
}  // namespace trunkline::sipstack
