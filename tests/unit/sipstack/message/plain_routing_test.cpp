#include "sipstack/message/plain_routing.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/message.h"
#include "sipstack/message/uri.h"
#include "sipstack/random.h"
#include "tests/routing_readings.h"
#include "tests/unit/sipstack/message/sample_messages.h"
#include "tests/unit/sipstack/message/torture_messages.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::sipstack {
namespace {

using testing::sample_challenge;
using testing::sample_ok;
using testing::sample_request;
using testing::with;
using trunkline::testing::compare_routing_readings;
using trunkline::testing::RoutingReadings;

std::optional<RoutingHeaders> read(std::span<const HeaderRow> rows) {
    RoutingHeaders routing;
    return read_plain_routing(rows, routing) ? std::optional(std::move(routing)) : std::nullopt;
}

bool is_plain(HeaderId id, std::string_view value) {
    const std::array<HeaderRow, 2> rows{
        {{HeaderId::via, "Via", "SIP/2.0/UDP a;branch=z9hG4bK1", false}, {id, "x", value, false}}};
    return read(rows).has_value();
}

TEST(PlainRouting, ReadsWhatNearlyAllMessagesAre) {
    for (const std::string& message : {sample_request(), sample_challenge()}) {
        EXPECT_EQ(compare_routing_readings(message), RoutingReadings::agree) << message;
    }
    // Two addresses in one row are the general way's.
    EXPECT_EQ(compare_routing_readings(sample_ok()), RoutingReadings::not_plain);
}

TEST(PlainRouting, ReadsViaWithItsParameters) {
    const std::array<HeaderRow, 2> rows{
        {{HeaderId::via, "Via",
          "SIP/2.0/tls [2001:db8::1]:5061;BRANCH=z9hG4bKa;received=[2001:db8::2];rport=40000;x=y",
          false},
         {HeaderId::via, "v", "SIP/2.0/UDP proxy.lab.example;rport;branch=z9hG4bKb", false}}};
    const auto routing = read(rows);
    ASSERT_TRUE(routing);
    const Via first{"TLS", "2001:db8::1", 5061, "z9hG4bKa", true, 40000, "2001:db8::2"};
    const Via second{"UDP", "proxy.lab.example", {}, "z9hG4bKb", true, {}, ""};
    EXPECT_EQ(routing->vias, (std::vector{first, second}));
}

TEST(PlainRouting, ReadsTheTags) {
    const std::array<HeaderRow, 3> rows{
        {{HeaderId::via, "Via", "SIP/2.0/UDP a", false},
         {HeaderId::from, "From", "\"A, B\" <sips:+1(2)3@[2001:db8::1]:5061;lr>;x=\"y;z\";TAG=f",
          false},
         {HeaderId::to, "To", "<sip:lab.example>", false}}};
    const auto routing = read(rows);
    ASSERT_TRUE(routing);
    EXPECT_EQ(routing->from_tag, "f");
    EXPECT_EQ(routing->to_tag, "");
}

TEST(PlainRouting, LeavesTheRestToTheGeneralWay) {
    EXPECT_FALSE(read({})) << "no Via";
    for (const std::string_view via :
         {"SIP/2.0/UDP", "SIP/2.0/UDP  a", "SIP / 2.0 / UDP a", "SIP/2.0/UDP a:", "SIP/2.0/UDP a:0",
          "SIP/2.0/UDP a:65536", "SIP/2.0/UDP a:000060", "SIP/2.0/UDP a ;rport",
          "SIP/2.0/UDP a;branch=", "SIP/2.0/UDP a;branch=[b]", "SIP/2.0/UDP a;x=\"y\"",
          "SIP/2.0/UDP a;rport=0", "SIP/2.0/UDP a;rport=1x", "SIP/2.0/UDP a;rport=[1]",
          "SIP/2.0/UDP a, SIP/2.0/UDP b", "SIP/2.0/UDP a_b", "SIP/2.0/UDP [a",
          "SIP/2.0/UDP a;;b"}) {
        EXPECT_FALSE(is_plain(HeaderId::via, via)) << via;
    }
    for (const std::string_view address : {"*",
                                           "sip:a@b",
                                           "A <sip:a@b>",
                                           "<sip:a@b",
                                           "<sip:@b>",
                                           "<sip:a%40@b>",
                                           "<sip:a:p@b>",
                                           "<sip:a@b:>",
                                           "<sip:a@b?x=y>",
                                           "<sip:a@b;x=%41>",
                                           "<sip:a@b;x=\"y\">",
                                           "<tel:123>",
                                           "<sip:a@b>;",
                                           "<sip:a@b>;tag",
                                           "<sip:a@b>;tag=1;tag=2",
                                           "<sip:a@b>;tag=\"1\"",
                                           "<sip:a@b>;x=[::1]",
                                           "<sip:a@b> ;tag=1",
                                           "\"a\\\"\" <sip:a@b>",
                                           "\"a <sip:a@b>",
                                           "\"\xc3\xa9\" <sip:a@b>",
                                           "<sip:a@b>, <sip:c@d>",
                                           "<SIP:a@b>",
                                           "<sip:>",
                                           ""}) {
        EXPECT_FALSE(is_plain(HeaderId::contact, address)) << address;
    }
    for (const std::string_view call_id : {"", "@a", "a@", "a@b@c", "a<b"}) {
        EXPECT_FALSE(is_plain(HeaderId::call_id, call_id)) << call_id;
    }
    for (const std::string_view cseq : {"1", "1  REGISTER", "1\tREGISTER"}) {
        EXPECT_FALSE(is_plain(HeaderId::cseq, cseq)) << cseq;
    }
}

TEST(PlainRouting, LeavesFoldedRowsToTheGeneralWay) {
    const std::array<HeaderRow, 1> rows{{{HeaderId::via, "Via", "SIP/2.0/UDP a", true}}};
    EXPECT_FALSE(read(rows));
}

TEST(PlainRouting, AgreesOnTheTortureMessages) {
    auto messages = testing::rfc4475_messages();
    for (auto& message : testing::rfc5118_messages()) {
        messages.push_back(std::move(message));
    }
    for (const auto& message : messages) {
        EXPECT_NE(compare_routing_readings(message.bytes), RoutingReadings::differ) << message.name;
    }
}

/// Every text of `characters` with up to `most` of them.
std::vector<std::string> all_texts(std::string_view characters, std::size_t most) {
    std::vector<std::string> texts{""};
    for (std::size_t begin = 0; most > 0; --most) {
        const std::size_t end = texts.size();
        for (; begin < end; ++begin) {
            for (const char c : characters) {
                texts.push_back(texts[begin] + c);
            }
        }
    }
    return texts;
}

TEST(PlainRouting, AgreesOnEveryShortUri) {
    for (const std::string& uri : all_texts("a1:;=@[].", 4)) {
        const std::string message =
            with(sample_request(), "<sip:trunk1@192.0.2.10:5060>", "<sip:" + uri + ">");
        EXPECT_NE(compare_routing_readings(message), RoutingReadings::differ) << uri;
    }
}

TEST(PlainRouting, AgreesOnEveryShortRequestUri) {
    std::size_t plain = 0;
    for (const std::string& text : all_texts("a1:;=@[].%?", 4)) {
        const std::string uri = "sip:" + text;
        plain += is_plain_uri(uri) ? 1 : 0;
        EXPECT_TRUE(!is_plain_uri(uri) || parse_uri(uri)) << uri;
    }
    EXPECT_GT(plain, 100U);
    EXPECT_TRUE(is_plain_uri("sips:+1(2)3@[2001:db8::1]:5061;lr"));
    EXPECT_FALSE(is_plain_uri("tel:123"));
    EXPECT_FALSE(is_plain_uri("sip:a@b>"));
}

TEST(PlainRouting, AgreesOnEveryShortSenderAndTail) {
    for (const std::string& text : all_texts("a1:;=[]. ", 4)) {
        const std::string sender = with(sample_request(), "192.0.2.10:5060;rport", text);
        EXPECT_NE(compare_routing_readings(sender), RoutingReadings::differ) << sender;
        const std::string tail = with(sample_request(), ";tag=tl00aaaa", ";" + text);
        EXPECT_NE(compare_routing_readings(tail), RoutingReadings::differ) << tail;
    }
}

/// One to three small accidents in the header section, of the characters that matter there.
std::string damaged(std::string text, Random& random) {
    constexpr std::string_view characters = "<>\"\\;=,:@[]%? \t.-_/*()aZ0\x7f\xc3";
    for (uint64_t left = random.between(1, 3); left > 0; --left) {
        const std::size_t at = random.between(0, text.size() - 1);
        const char c = characters[random.between(0, characters.size() - 1)];
        switch (random.between(1, 3)) {
            case 1:
                text[at] = c;
                break;
            case 2:
                text.insert(at, 1, c);
                break;
            default:
                text.erase(at, 1);
        }
    }
    return text;
}

TEST(PlainRouting, AgreesOnDamagedMessages) {
    const std::array<std::string, 4> whole{
        sample_request(), sample_challenge(),
        with(sample_request(), "<sip:trunk1@192.0.2.10:5060>",
             "\"x y\" <sips:a(b)@[2001:db8::1];lr;x=y>;q=0.5;z=\"w\""),
        with(sample_challenge(),
             "SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;"
             "branch=z9hG4bKtl00abcdef",
             "SIP/2.0/TCP [2001:db8::1]:5060;received=[2001:db8::2];maddr=b;branch=z9hG4bK-1")};
    Random random(Random::seed_from(4475));
    std::size_t plain = 0;
    for (int round = 0; round < 40000; ++round) {
        const std::string message = damaged(whole.at(random.between(0, whole.size() - 1)), random);
        const RoutingReadings readings = compare_routing_readings(message);
        ASSERT_NE(readings, RoutingReadings::differ) << message;
        plain += readings == RoutingReadings::agree ? 1 : 0;
    }
    EXPECT_GT(plain, 5000U) << "the fast reading was not met often enough";
}

}  // namespace
}  // namespace trunkline::sipstack
