#include "dataplane/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace trunkline::dataplane {
namespace {

TEST(MacAddress, PrintsWhatItParsed) {
    const auto mac = MacAddress::parse("00:90:8F:01:ab:03");
    ASSERT_TRUE(mac);
    EXPECT_EQ(mac->to_string(), "00:90:8f:01:ab:03");
    EXPECT_FALSE(mac->is_group());
}

TEST(MacAddress, RefusesWrongLengthDigitsAndSeparators) {
    for (const char* text :
         {"", "00:90:8f:01:ab", "00:90:8f:01:ab:0g", "00.90.8f.01.ab.03", "00:90:8f:01:ab:03:"}) {
        EXPECT_FALSE(MacAddress::parse(text)) << text;
    }
}

TEST(IpAddress, ParsesBothFamiliesAndPrintsTheShortForm) {
    EXPECT_EQ(IpAddress::parse("192.0.2.1")->to_string(), "192.0.2.1");
    EXPECT_EQ(IpAddress::parse("2001:DB8:0::1")->to_string(), "2001:db8::1");
    EXPECT_EQ(IpAddress::parse("192.0.2.1"), IpAddress::v4(0xc0000201));
    EXPECT_EQ(IpAddress::v4(0xc0000201).v4_host_order(), 0xc0000201);
}

TEST(IpAddress, RefusesNamesBracketsAndOverlongText) {
    for (const std::string& text :
         {std::string("sbc.example"), std::string("[::1]"), std::string("192.0.2.256"),
          std::string(100, '1'), std::string()}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
}

TEST(IpAddress, ReadsAndWritesIpv4AsTheSystemDoes) {
    for (const char* text :
         {"0.0.0.0",   "255.255.255.255", "1.22.203.4", "256.1.1.1",  "1.2.3.256",
          "01.2.3.4",  "1.2.3.00",        "1.2.3",      "1.2.3.",     "1.2.3.4.",
          "1.2.3.4.5", ".1.2.3",          "1..2.3",     "1.2.3.4 ",   " 1.2.3.4",
          "1.2.3.x",   "1.2.3.-4",        "+1.2.3.4",   "1.2.3.0004", "99999999999.1.1.1",
          ""}) {
        in_addr expected{};
        const bool is_address = inet_pton(AF_INET, text, &expected) == 1;
        const auto address = IpAddress::parse(text);
        ASSERT_EQ(address.has_value(), is_address) << text;
        if (is_address) {
            EXPECT_EQ(htonl(address->v4_host_order()), expected.s_addr) << text;
            EXPECT_EQ(address->to_string(), text);
        }
    }
    EXPECT_EQ(IpAddress::parse(std::string_view("1.2.3.4\0", 8)), std::nullopt);
}

TEST(IpAddress, BracketsIpv6InUris) {
    EXPECT_EQ(IpAddress::parse("2001:db8::1")->to_uri_host(), "[2001:db8::1]");
    EXPECT_EQ(IpAddress::parse("192.0.2.1")->to_uri_host(), "192.0.2.1");
}

TEST(IpPrefix, ContainsWhatSharesItsBits) {
    const auto prefix = IpPrefix::parse("192.0.2.130/25");
    ASSERT_TRUE(prefix);
    EXPECT_TRUE(prefix->contains(*IpAddress::parse("192.0.2.255")));
    EXPECT_FALSE(prefix->contains(*IpAddress::parse("192.0.2.127")));
    EXPECT_FALSE(prefix->contains(*IpAddress::parse("2001:db8::1")));
    EXPECT_TRUE(IpPrefix::parse("0.0.0.0/0")->contains(*IpAddress::parse("198.51.100.1")));
}

TEST(IpPrefix, RefusesLengthsBeyondTheFamily) {
    for (const char* text : {"192.0.2.1", "192.0.2.1/33", "2001:db8::1/129", "192.0.2.1/", "/24",
                             "192.0.2.1/-1", "192.0.2.1/2x"}) {
        EXPECT_FALSE(IpPrefix::parse(text)) << text;
    }
}

TEST(Endpoint, PrintsPortAfterBracketedIpv6) {
    EXPECT_EQ((Endpoint{*IpAddress::parse("::1"), 5060}).to_string(), "[::1]:5060");
    EXPECT_EQ((Endpoint{*IpAddress::parse("192.0.2.1"), 5061}).to_string(), "192.0.2.1:5061");
}

}  // namespace
}  // namespace trunkline::dataplane
