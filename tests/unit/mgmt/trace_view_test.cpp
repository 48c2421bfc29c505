#include "mgmt/trace_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using sipstack::Instant;
using sipstack::TraceEvent;
using ::testing::HasSubstr;
using ::testing::Not;

const dataplane::Endpoint own{dataplane::IpAddress::v4(0xc000020a), 5060};
const dataplane::Endpoint registrar{dataplane::IpAddress::v4(0xc0000201), 5060};

std::string register_with(const std::string& authorization) {
    return "REGISTER sip:10.2.2.222 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx\r\n"
           "From: <sip:122@10.1.1.200>;tag=1\r\nTo: <sip:122@10.1.1.200>\r\nCall-ID: c\r\n"
           "CSeq: 2 REGISTER\r\nAuthorization: " +
           authorization + "\r\nContent-Length: 0\r\n\r\n";
}

/// Of the appliance's manual.
const std::string digest =
    "Digest username=\"122\", realm=\"audiocodes.com\", "
    "nonce=\"11432d6bce58ddf02e3b5e1c77c010d2\", uri=\"sip:10.2.2.222\", "
    "response=\"b9c45d0234a5abf5ddf5c704029b38cf\"";

json rows_of(const std::string& sent) {
    const sipstack::TraceFlow flow{
        {Instant(1s), TraceEvent::Kind::sent, sipstack::Transport::udp, own, registrar, sent},
        {Instant(2s), TraceEvent::Kind::received, sipstack::Transport::udp, own, registrar,
         "SIP/2.0 200 OK\r\n\x1b[31m\r\n\r\n"},
        {Instant(3s), TraceEvent::Kind::note, sipstack::Transport::udp, {}, {}, "all is well"}};
    return trace_rows(std::vector<sipstack::TraceFlow>{flow}, 1'000'000'000'000, Instant(5s));
}

TEST(TraceView, ShowsALadderWithWholeMessagesAndTheDigestExplained) {
    const std::string ladder = trace_ladder("office", rows_of(register_with(digest)));
    EXPECT_THAT(ladder, HasSubstr("office: flow 1 of 1\n"));
    EXPECT_THAT(ladder, HasSubstr("2001-09-09 01:46:36.000 UTC  192.0.2.10:5060 -- REGISTER --> "
                                  "192.0.2.1:5060  (udp)\n    REGISTER sip:10.2.2.222 SIP/2.0\n"));
    EXPECT_THAT(ladder, HasSubstr("192.0.2.10:5060 <-- 200 OK -- 192.0.2.1:5060"));
    EXPECT_THAT(ladder, HasSubstr("* all is well"));
    EXPECT_THAT(ladder, HasSubstr("A1 = 122:audiocodes.com:<password>"));
    EXPECT_THAT(ladder, HasSubstr("a9a031cfddcb10d91c8e7b4926086f7e"));
    EXPECT_THAT(ladder, HasSubstr("b9c45d0234a5abf5ddf5c704029b38cf"));
    EXPECT_THAT(ladder, Not(HasSubstr("\x1b"))) << "a peer paints on nobody's terminal";
}

// T104
TEST(TraceView, NeverShowsABasicPassword) {
    const json rows = rows_of(register_with("Basic b2ZmaWNlOnNlY3JldA=="));
    EXPECT_THAT(rows.dump(), Not(HasSubstr("b2ZmaWNlOnNlY3JldA")));
    EXPECT_THAT(trace_ladder("office", rows), HasSubstr("<not shown>"));
}

TEST(TraceView, SaysWhenNothingIsKept) {
    EXPECT_EQ(trace_ladder("office", json::array()), "office: no flow is kept\n");
    EXPECT_EQ(trace_ladder("office", json(nullptr)), "office: no flow is kept\n");
}

}  // namespace
}  // namespace trunkline::mgmt
