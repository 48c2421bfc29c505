#include "sipstack/message/plain_message.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/message.h"
#include "sipstack/message/uri.h"
#include "sipstack/random.h"
#include "tests/message_readings.h"
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
using trunkline::testing::compare_readings;
using trunkline::testing::MessageReadings;

constexpr std::string_view whole =
    "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    "To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
    "X: y\r\nContent-Length: 0\r\n\r\n";

bool is_plain(std::string_view bytes) {
    Anatomy anatomy;
    return read_plain_message(bytes, anatomy);
}

bool is_plain_with(std::string_view what, std::string_view instead) {
    return is_plain(with(std::string(whole), what, instead));
}

Anatomy read(std::string_view bytes) {
    Anatomy anatomy;
    EXPECT_TRUE(read_plain_message(bytes, anatomy)) << bytes;
    return anatomy;
}

TEST(PlainMessage, ReadsWhatNearlyAllMessagesAre) {
    for (const std::string& message : {sample_request(), sample_challenge(), std::string(whole)}) {
        EXPECT_EQ(compare_readings(message), MessageReadings::agree) << message;
    }
    // Two addresses in one row are the general way's.
    EXPECT_EQ(compare_readings(sample_ok()), MessageReadings::not_plain);
}

TEST(PlainMessage, ReadsViaWithItsParameters) {
    const std::string text =
        with(std::string(whole), "Via: SIP/2.0/UDP a;branch=z9hG4bK1",
             "Via: SIP/2.0/tls [2001:db8::1]:5061;BRANCH=z9hG4bKa;received=[2001:db8::2];"
             "rport=40000;x=y\r\nv: SIP/2.0/UDP proxy.lab.example;rport;branch=z9hG4bKb");
    const Via first{"TLS", "2001:db8::1", 5061, "z9hG4bKa", true, 40000, "2001:db8::2"};
    const Via second{"UDP", "proxy.lab.example", {}, "z9hG4bKb", true, {}, ""};
    EXPECT_EQ(read(text).routing.vias, (std::vector{first, second}));
}

TEST(PlainMessage, ReadsTheTags) {
    const std::string text =
        with(std::string(whole), "From: <sip:a@b>;tag=1",
             "From: \"A, B\" <sips:+1(2)3@[2001:db8::1]:5061;lr>;x=\"y;z\";TAG=f");
    const Anatomy anatomy = read(text);
    EXPECT_EQ(anatomy.routing.from_tag, "f");
    EXPECT_EQ(anatomy.routing.to_tag, "");
}

TEST(PlainMessage, ReadsTheStatusLine) {
    const std::string text =
        with(std::string(whole), "OPTIONS sip:a@b SIP/2.0", "SIP/2.0 404 Not\tFound ");
    const Anatomy anatomy = read(text);
    EXPECT_EQ(anatomy.status, 404);
    EXPECT_EQ(anatomy.reason_phrase, "Not\tFound");
}

TEST(PlainMessage, ReadsABodyUpToItsLength) {
    const std::string longer =
        with(std::string(whole), "Content-Length: 0\r\n\r\n", "Content-Length: 2\r\n\r\nabc");
    const std::string without = with(std::string(whole), "Content-Length: 0\r\n\r\n", "\r\nabc");
    EXPECT_EQ(read(longer).body, "ab");
    EXPECT_EQ(read(without).body, "abc");
    EXPECT_FALSE(is_plain_with("Content-Length: 0", "Content-Length: 1"));
}

TEST(PlainMessage, LeavesOtherRoutingHeadersToTheGeneralWay) {
    EXPECT_FALSE(is_plain_with("Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n", "")) << "no Via";
    for (const std::string_view via :
         {"SIP/2.0/UDP", "SIP/2.0/UDP  a", "SIP / 2.0 / UDP a", "SIP/2.0/UDP a:", "SIP/2.0/UDP a:0",
          "SIP/2.0/UDP a:65536", "SIP/2.0/UDP a:000060", "SIP/2.0/UDP a ;rport",
          "SIP/2.0/UDP a;branch=", "SIP/2.0/UDP a;branch=[b]", "SIP/2.0/UDP a;x=\"y\"",
          "SIP/2.0/UDP a;rport=0", "SIP/2.0/UDP a;rport=1x", "SIP/2.0/UDP a;rport=[1]",
          "SIP/2.0/UDP a;rport=000001", "SIP/2.0/UDP a, SIP/2.0/UDP b", "SIP/2.0/UDP a_b",
          "SIP/2.0/UDP [a", "SIP/2.0/UDP a;;b"}) {
        EXPECT_FALSE(is_plain_with("SIP/2.0/UDP a;branch=z9hG4bK1", via)) << via;
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
        EXPECT_FALSE(is_plain_with("X: y", "Contact: " + std::string(address))) << address;
    }
    for (const std::string_view call_id : {"", "@a", "a@", "a@b@c", "a<b"}) {
        EXPECT_FALSE(is_plain_with("Call-ID: c", "Call-ID: " + std::string(call_id))) << call_id;
    }
    for (const std::string_view cseq :
         {"1", "1  OPTIONS", "1\tOPTIONS", "1 REGISTER", "2147483648 OPTIONS",
          "00000000001 OPTIONS", "x OPTIONS", "1 "}) {
        EXPECT_FALSE(is_plain_with("CSeq: 1 OPTIONS", "CSeq: " + std::string(cseq))) << cseq;
    }
}

TEST(PlainMessage, LeavesOtherStartLinesToTheGeneralWay) {
    for (const std::string_view line :
         {"OPTIONS  sip:a@b SIP/2.0", "OPTIONS sip:a@b  SIP/2.0", " OPTIONS sip:a@b SIP/2.0",
          "OPTIONS sip:a@b SIP/2.0 ", "OPTIONS sip:a@b sip/2.0", "OPTIONS sip:a@b SIP/2.01",
          "OPTIONS sip:a@b", "OPTIONS tel:1 SIP/2.0", "OPTIONS <sip:a@b> SIP/2.0",
          "OPTIONS sip:a@b>SIP/2.0", "OPTI;ONS sip:a@b SIP/2.0", "SIP/2.0 200", "SIP/2.0 99 x",
          "SIP/2.0 700 x", "SIP/2.0 0200 x", "SIP/2.0  200 x", "sip/2.0 200 x",
          "SIP/2.0 200 x\x01y", "\r\nOPTIONS sip:a@b SIP/2.0"}) {
        EXPECT_FALSE(is_plain_with("OPTIONS sip:a@b SIP/2.0", line)) << line;
    }
}

TEST(PlainMessage, LeavesOtherRowsToTheGeneralWay) {
    for (const std::string_view rows :
         {"X : y", "X", ": y", "X: y\r\n z", "X: y\r\n\tz", "X: y\nZ: a", "X: y\rZ: a", "X: \x7f",
          "X: \\\x01", "X y: z", "To: <sip:a@b>", "Max-Forwards: 1", "l: 0", "f: <sip:a@b>", "i: c",
          "CSeq: 1 OPTIONS"}) {
        EXPECT_FALSE(is_plain_with("X: y", rows)) << rows;
    }
    for (const std::string_view hops : {"", "256", "-1", "x", "70 x"}) {
        EXPECT_FALSE(is_plain_with("Max-Forwards: 70", "Max-Forwards: " + std::string(hops)))
            << hops;
    }
    EXPECT_FALSE(is_plain_with("Content-Length: 0", "Content-Length: x"));
    for (const std::string_view row : {"From: <sip:a@b>;tag=1\r\n", "To: <sip:a@b>\r\n",
                                       "Call-ID: c\r\n", "CSeq: 1 OPTIONS\r\n"}) {
        EXPECT_FALSE(is_plain_with(row, "")) << row;
    }
}

TEST(PlainMessage, LeavesWhatIsTooLargeToTheGeneralWay) {
    const auto row_of = [](std::size_t size) { return "X: " + std::string(size, 'y'); };
    const std::size_t others = whole.size() - std::string_view("X: y").size();
    const std::size_t most = max_header_section - others - row_of(0).size();
    EXPECT_TRUE(is_plain_with("X: y", row_of(most)));
    EXPECT_FALSE(is_plain_with("X: y", row_of(most + 1)));

    std::string rows;
    const std::size_t rows_of_whole = 8;
    for (std::size_t count = rows_of_whole; count < max_header_rows; ++count) {
        rows += "X: y\r\n";
    }
    EXPECT_TRUE(is_plain_with("X: y", rows + "X: y"));
    EXPECT_FALSE(is_plain_with("X: y", rows + "X: y\r\nX: y"));
}

/// Whatever is cut off, nothing beyond what is left is looked at: the sanitizer tells.
TEST(PlainMessage, EndsWithItsBytes) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<long>(size));
        EXPECT_FALSE(is_plain({cut.data(), cut.size()})) << size;
    }
}

TEST(PlainMessage, AgreesOnTheTortureMessages) {
    auto messages = testing::rfc4475_messages();
    for (auto& message : testing::rfc5118_messages()) {
        messages.push_back(std::move(message));
    }
    for (const auto& message : messages) {
        EXPECT_NE(compare_readings(message.bytes), MessageReadings::differ) << message.name;
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

TEST(PlainMessage, AgreesOnEveryShortUri) {
    for (const std::string& uri : all_texts("a1:;=@[].", 4)) {
        const std::string message =
            with(sample_request(), "<sip:trunk1@192.0.2.10:5060>", "<sip:" + uri + ">");
        EXPECT_NE(compare_readings(message), MessageReadings::differ) << uri;
    }
}

TEST(PlainMessage, AgreesOnEveryShortRequestUri) {
    std::size_t plain = 0;
    for (const std::string& text : all_texts("a1:;=@[].%?", 4)) {
        const std::string message = with(std::string(whole), "sip:a@b", "sip:" + text);
        const MessageReadings readings = compare_readings(message);
        EXPECT_NE(readings, MessageReadings::differ) << message;
        plain += readings == MessageReadings::agree ? 1 : 0;
    }
    EXPECT_GT(plain, 100U);
    EXPECT_TRUE(is_plain_with("sip:a@b", "sips:+1(2)3@[2001:db8::1]:5061;lr"));
}

/// All that the general way asks of rows and start lines, in small.
TEST(PlainMessage, AgreesOnEveryShortRowAndStartLine) {
    for (const std::string& text : all_texts("a: \t\r\n\\\x01", 4)) {
        const std::string row = with(std::string(whole), "X: y\r\n", text);
        EXPECT_NE(compare_readings(row), MessageReadings::differ) << row;
        const std::string line =
            with(std::string(whole), "OPTIONS sip:a@b SIP/2.0", "SIP/2.0 200" + text);
        EXPECT_NE(compare_readings(line), MessageReadings::differ) << line;
    }
}

TEST(PlainMessage, AgreesOnEveryShortSenderAndTail) {
    for (const std::string& text : all_texts("a1:;=[]. ", 4)) {
        const std::string sender = with(sample_request(), "192.0.2.10:5060;rport", text);
        EXPECT_NE(compare_readings(sender), MessageReadings::differ) << sender;
        const std::string tail = with(sample_request(), ";tag=tl00aaaa", ";" + text);
        EXPECT_NE(compare_readings(tail), MessageReadings::differ) << tail;
    }
}

/// One to three small accidents in the header section, of the characters that matter there.
std::string damaged(std::string text, Random& random) {
    constexpr std::string_view characters = "<>\"\\;=,:@[]%? \t\r\n.-_/*()aZ0\x7f\xc3";
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

TEST(PlainMessage, AgreesOnDamagedMessages) {
    const std::array<std::string, 5> whole_ones{
        sample_request(), sample_challenge(), std::string(whole),
        with(sample_request(), "<sip:trunk1@192.0.2.10:5060>",
             "\"x y\" <sips:a(b)@[2001:db8::1];lr;x=y>;q=0.5;z=\"w\""),
        with(sample_challenge(),
             "SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;"
             "branch=z9hG4bKtl00abcdef",
             "SIP/2.0/TCP [2001:db8::1]:5060;received=[2001:db8::2];maddr=b;branch=z9hG4bK-1")};
    Random random(Random::seed_from(4475));
    std::size_t plain = 0;
    for (int round = 0; round < 40000; ++round) {
        const std::string message =
            damaged(whole_ones.at(random.between(0, whole_ones.size() - 1)), random);
        const MessageReadings readings = compare_readings(message);
        ASSERT_NE(readings, MessageReadings::differ) << message;
        plain += readings == MessageReadings::agree ? 1 : 0;
    }
    EXPECT_GT(plain, 5000U) << "the fast reading was not met often enough";
}

}  // namespace
}  // namespace trunkline::sipstack
