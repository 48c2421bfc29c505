#include "sipstack/message/uri.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

bool same(std::string_view a, std::string_view b) {
    const auto left = parse_uri(a);
    const auto right = parse_uri(b);
    EXPECT_TRUE(left && right) << a << " | " << b;
    const bool forth = left && right && equivalent(*left, *right);
    EXPECT_EQ(forth, left && right && equivalent(*right, *left)) << a << " | " << b;
    return forth;
}

TEST(Uri, IsCutIntoItsParts) {
    const auto uri =
        parse_uri("SIPS:+49;phone-context=x:pw@[2001:DB8::1]:5061;Transport=TCP;lr?Subject=a&b=c");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->scheme, "sips");
    EXPECT_EQ(uri->user, "+49;phone-context=x:pw");
    EXPECT_EQ(uri->host, "2001:DB8::1");
    EXPECT_EQ(uri->port, 5061);
    ASSERT_NE(uri->parameter("transport"), nullptr);
    EXPECT_EQ(*uri->parameter("transport"), "TCP");
    ASSERT_NE(uri->parameter("LR"), nullptr);
    EXPECT_EQ(uri->parameter("ob"), nullptr);
    ASSERT_EQ(uri->headers.size(), 2U);
    EXPECT_EQ(uri->headers[0].first, "subject");
}

TEST(Uri, OfAnotherSchemeIsOpaque) {
    const auto uri = parse_uri("tel:+4930123;phone-context=example.com");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->scheme, "tel");
    EXPECT_EQ(uri->user, "+4930123");
    EXPECT_EQ(uri->host, "");
}

TEST(Uri, WhatIsNoneIsRefused) {
    for (const std::string_view text :
         {"", "sip", ":a", "sip:", "sip:a@", "sip:a@[::1", "sip:a:b", "sip:a:65536",
          "sip:a@b:", "sip:[::1]5060", "s p:a", "<sip:a>", "tel:", "sip:a b"}) {
        EXPECT_FALSE(parse_uri(text)) << text;
    }
}

TEST(Uri, WithAParameterTwiceHasItsFirstValueAndEqualsItself) {
    const auto uri = parse_uri("sip:a@b;transport=udp;x;Transport=tcp");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->parameters.size(), 2U);
    EXPECT_EQ(*uri->parameter("transport"), "udp");
    EXPECT_TRUE(equivalent(*uri, *uri));
}

// T22: RFC 3261 19.1.4, the examples of the RFC among them.
TEST(Uri, EquivalentOnes) {
    EXPECT_TRUE(
        same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"));
    EXPECT_TRUE(same("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
    EXPECT_TRUE(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"));
    EXPECT_TRUE(same("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                     "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"));
    EXPECT_TRUE(same("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                     "sip:alice@atlanta.com?priority=urgent&subject=project%20x"));
    EXPECT_TRUE(same("SIP:a@B.example", "sip:a@b.EXAMPLE"));
    EXPECT_TRUE(same("sip:a@[2001:db8::1]", "sip:a@[2001:0DB8:0:0::1]"));  // RFC 5954 4.2
    EXPECT_TRUE(same("sip:a%2c@b", "sip:a%2C@b"));
    EXPECT_TRUE(same("sip:a@b;x=1;lr", "sip:a@b;X=1"));
}

TEST(Uri, OnesThatDiffer) {
    EXPECT_FALSE(
        same("SIP:ALICE@AtlanTa.CoM;Transport=udp", "sip:alice@AtlanTa.CoM;Transport=UDP"));
    EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
    EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
    EXPECT_FALSE(same("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"));
    EXPECT_FALSE(same("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"));
    EXPECT_FALSE(same("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
    EXPECT_FALSE(same("sip:a@b", "sips:a@b"));
    EXPECT_FALSE(same("sip:a@b", "sip:b"));
    EXPECT_FALSE(same("sip:a,b@c", "sip:a%2Cb@c"));
    EXPECT_FALSE(same("sip:a@b;user=phone", "sip:a@b"));
    EXPECT_FALSE(same("sip:a@b;ttl=1", "sip:a@b"));
    EXPECT_FALSE(same("sip:a@b;maddr=1.2.3.4", "sip:a@b"));
    EXPECT_FALSE(same("sip:a@b;method=INVITE", "sip:a@b;method=invite"));
    EXPECT_FALSE(same("sip:a@192.0.2.4", "sip:a@192.0.2.5"));
}

}  // namespace
}  // namespace trunkline::sipstack
