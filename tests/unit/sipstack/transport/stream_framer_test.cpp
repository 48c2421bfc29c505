#include "sipstack/transport/stream_framer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using Kind = StreamFramer::Item::Kind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string message(const std::string& body, const std::string& name = "Content-Length",
                    const std::string& more = "") {
    return fmt::format("OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\n{}{}: {}\r\n\r\n{}", more, name,
                       body.size(), body);
}

/// Everything that comes out: messages as they are, "~" for a line end, "!..." for a fault.
std::vector<std::string> drain(StreamFramer& framer) {
    std::vector<std::string> out;
    for (auto item = framer.next(); item.kind != Kind::nothing; item = framer.next()) {
        if (item.kind == Kind::fault) {
            out.push_back("!" + std::string(item.text));
            break;
        }
        out.emplace_back(item.kind == Kind::message ? item.text : "~");
    }
    return out;
}

std::vector<std::string> cut(const std::vector<std::string>& segments) {
    StreamFramer framer;
    std::vector<std::string> out;
    for (const std::string& segment : segments) {
        framer.append(segment);
        for (std::string& item : drain(framer)) {
            out.push_back(std::move(item));
        }
    }
    return out;
}

const std::string bodiless = message("");
const std::string with_body = message("v=0\r\n\r\no=-\r\n", "l");

// T124
TEST(StreamFramer, FindsMessagesAtEveryByteSplit) {
    const std::string stream = with_body + bodiless + with_body;
    for (std::size_t first = 0; first <= stream.size(); ++first) {
        for (const std::size_t gap : {0, 1, 2, 5, 60}) {
            const std::size_t second = std::min(first + gap, stream.size());
            EXPECT_THAT(cut({stream.substr(0, first), stream.substr(first, second - first),
                             stream.substr(second)}),
                        ElementsAre(with_body, bodiless, with_body))
                << first << "+" << gap;
        }
    }
}

// T124
TEST(StreamFramer, FindsMessagesThatComeByteByByte) {
    std::vector<std::string> bytes;
    for (const char byte : with_body + "\r\n\r\n" + bodiless) {
        bytes.emplace_back(1, byte);
    }
    EXPECT_THAT(cut(bytes), ElementsAre(with_body, "~", "~", bodiless));
}

// T124
TEST(StreamFramer, FindsManyMessagesInOneSegment) {
    std::string stream;
    for (int i = 0; i < 1000; ++i) {
        stream += i % 2 == 0 ? bodiless : with_body;
    }
    EXPECT_EQ(cut({stream}).size(), 1000U);
}

// T125
TEST(StreamFramer, ReportsLineEndsBetweenMessagesAndDamagesNothing) {
    const std::string stream = "\r\n" + bodiless + "\r\n\r\n" + with_body + "\r\n" + bodiless;
    for (std::size_t at = 0; at <= stream.size(); ++at) {
        EXPECT_THAT(cut({stream.substr(0, at), stream.substr(at)}),
                    ElementsAre("~", bodiless, "~", "~", with_body, "~", bodiless))
            << at;
    }
}

TEST(StreamFramer, ReadsLinesThatEndWithLineFeedAloneAsTheParserDoes) {
    const std::string bare = "OPTIONS sip:a@b SIP/2.0\nContent-Length: 3\n\nabc";
    EXPECT_THAT(cut({bare + bodiless}), ElementsAre(bare, bodiless));
}

TEST(StreamFramer, TakesNoContentLengthOfABodyOrAFold) {
    const std::string folded =
        message("", "Content-Length", "Subject: a\r\n Content-Length: 7\r\n");
    const std::string inside = message("Content-Length: 9\r\n\r\n");
    EXPECT_THAT(cut({folded + inside}), ElementsAre(folded, inside));
}

// T123
TEST(StreamFramer, FaultsWithoutAUsableContentLength) {
    const std::string start = "OPTIONS sip:a@b SIP/2.0\r\n";
    EXPECT_THAT(cut({bodiless + start + "\r\n"}), ElementsAre(bodiless, "!no Content-Length"));
    for (const char* value : {"", "-1", "1x", "0x10", "99999999999999999999"}) {
        EXPECT_THAT(cut({fmt::format("{}Content-Length: {}\r\n\r\n", start, value)}),
                    ElementsAre("!Content-Length malformed"))
            << value;
    }
    EXPECT_THAT(cut({start + "Content-Length: 1\r\nl: 2\r\n\r\n"}),
                ElementsAre("!two values of Content-Length"));
    EXPECT_THAT(cut({start + "Content-Length: 65537\r\n\r\n"}),
                ElementsAre("!a body of more than 64 KiB"));
}

TEST(StreamFramer, StaysFaultedWhateverComes) {
    StreamFramer framer;
    framer.append("x\r\n\r\n");
    EXPECT_EQ(framer.next().kind, Kind::fault);
    framer.append(bodiless);
    EXPECT_EQ(framer.next().kind, Kind::fault);
}

TEST(StreamFramer, BoundsTheHeaderSection) {
    const auto padded = [](std::size_t size) {
        std::string text = "OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\nSubject: ";
        return text + std::string(size - text.size() - 4, 'x') + "\r\n\r\n";
    };
    const std::string largest = padded(StreamFramer::max_header_bytes);
    EXPECT_THAT(cut({largest}), ElementsAre(largest));
    EXPECT_THAT(cut({padded(StreamFramer::max_header_bytes + 1)}),
                ElementsAre(HasSubstr("more than 64 KiB")));
    StreamFramer framer;
    framer.append(std::string(StreamFramer::max_header_bytes, 'x'));
    EXPECT_EQ(framer.next().kind, Kind::nothing);
    framer.append("x");
    EXPECT_EQ(framer.next().kind, Kind::fault);
}

TEST(StreamFramer, TakesTheLargestBody) {
    const std::string largest = message(std::string(StreamFramer::max_body_bytes, '\n'));
    EXPECT_THAT(cut({largest.substr(0, 70'000 - 20'000), largest.substr(50'000) + bodiless}),
                ElementsAre(largest, bodiless));
}

}  // namespace
}  // namespace trunkline::sipstack
