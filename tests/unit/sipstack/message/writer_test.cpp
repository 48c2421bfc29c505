#include "sipstack/message/writer.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

TEST(MessageWriter, WritesInTheOrderToldAndEndsWithContentLength) {
    // T19: Content-Length: 0 is always there.
    EXPECT_EQ(MessageWriter::request("REGISTER", "sip:example.com")
                  .header("Max-Forwards", 70)
                  .header("To", "<sip:a@example.com>")
                  .finish(),
              "REGISTER sip:example.com SIP/2.0\r\nMax-Forwards: 70\r\n"
              "To: <sip:a@example.com>\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(MessageWriter::response(200, "OK").finish("body"),
              "SIP/2.0 200 OK\r\nContent-Length: 4\r\n\r\nbody");
}

TEST(MessageWriter, GrowsWithWhatItIsTold) {
    const std::string longest(5000, 'x');
    MessageWriter writer = MessageWriter::request("A", "sip:b");
    std::string expected = "A sip:b SIP/2.0\r\n";
    for (std::size_t size = 0; size < longest.size(); size += 97) {
        writer.header("X", longest.substr(0, size));
        expected += "X: " + longest.substr(0, size) + "\r\n";
    }
    EXPECT_EQ(writer.finish(), expected + "Content-Length: 0\r\n\r\n");
}

TEST(MessageWriter, ValuesMayComeInParts) {
    EXPECT_EQ(MessageWriter::request("A", "sip:b")
                  .header("To", "<", std::string("sip:"), std::string_view("c"), ">")
                  .header("X", "")
                  .header("Y", "1\r", "\n2")
                  .finish(),
              "A sip:b SIP/2.0\r\nTo: <sip:c>\r\nX: \r\nY: 1  2\r\nContent-Length: 0\r\n\r\n");
}

// T20
TEST(MessageWriter, NoValueCanAddALine) {
    using std::string_view_literals::operator""sv;
    EXPECT_EQ(MessageWriter::request("A\r\nB", "sip:\n")
                  .header("X", "1\r\nVia: evil\0"sv)
                  .header("Y\r\n", "2")
                  .finish(),
              "A  B sip:  SIP/2.0\r\nX: 1  Via: evil \r\nY  : 2\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(MessageWriter::response(400, "Bad\r\nX: y").finish(),
              "SIP/2.0 400 Bad  X: y\r\nContent-Length: 0\r\n\r\n");
}

TEST(ReasonPhrase, IsTheStandardOne) {
    EXPECT_EQ(reason_phrase(200), "OK");
    EXPECT_EQ(reason_phrase(407), "Proxy Authentication Required");
    EXPECT_EQ(reason_phrase(439), "First Hop Lacks Outbound Support");
    EXPECT_EQ(reason_phrase(499), "Unknown");
}

}  // namespace
}  // namespace trunkline::sipstack
