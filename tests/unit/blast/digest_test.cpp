#include "tools/blast/digest.h"

#include "tools/blast/text_buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace trunkline::blast {
namespace {

std::string text(const HashText& hash) {
    return std::string(view(hash));
}

// RFC 2617 3.5.
TEST(Digest, TheExampleOfRfc2617) {
    DigestMaker maker;
    const HashText ha1 = maker.ha1("Mufasa", "testrealm@host.com", "Circle Of Life");
    EXPECT_EQ(text(ha1), "939e7578ed9e3c518a452acee763bce9");
    EXPECT_EQ(text(maker.response(
                  ha1, {"dcd98b7102dd2f0e8b11d0f600bfb0c093", "00000001", "0a4f113b", "auth"},
                  "GET", "/dir/index.html")),
              "6629fae49393a05397450978507c4ef1");
}

// RFC 2069 2.4 with the response of its erratum 749.
TEST(Digest, WithoutQopTheResponseIsRfc2069s) {
    DigestMaker maker;
    const HashText ha1 = maker.ha1("Mufasa", "testrealm@host.com", "CircleOfLife");
    EXPECT_EQ(text(maker.response(ha1, {"dcd98b7102dd2f0e8b11d0f600bfb0c093", "", "", ""}, "GET",
                                  "/dir/index.html")),
              "1949323746fe6a43ef61f9606e7febea");
}

TEST(Digest, AnotherMethodOrUriIsNotTakenForTheKeptOne) {
    DigestMaker maker;
    const HashText ha1 = maker.ha1("u", "r", "p");
    const DigestInput input{"n", "00000001", "c", "auth"};
    const std::string first = text(maker.response(ha1, input, "REGISTER", "sip:a"));
    EXPECT_NE(text(maker.response(ha1, input, "REGISTER", "sip:b")), first);
    EXPECT_NE(text(maker.response(ha1, input, "OPTIONS:", "sip:a")), first);
    EXPECT_EQ(text(maker.response(ha1, input, "REGISTER", "sip:a")), first);
}

TEST(Digest, LongPartsAreHashedWhole) {
    DigestMaker maker;
    const std::string half(300, 'a');
    EXPECT_EQ(text(maker.hash({half, half})), text(maker.hash({half + ":" + half})));
    EXPECT_NE(text(maker.hash({half, half})), text(maker.hash({half, half + "a"})));
    const std::string uri = "sip:" + half;
    const HashText ha1 = maker.ha1("u", "r", "p");
    EXPECT_NE(text(maker.response(ha1, {"n", "1", "c", "auth"}, "REGISTER", uri)),
              text(maker.response(ha1, {"n", "1", "c", "auth"}, "REGISTER", uri + "x")));
}

}  // namespace
}  // namespace trunkline::blast
