#include "dataplane/announcement.h"

#include "frame.h"

#include <gtest/gtest.h>

namespace trunkline::dataplane::testing {
namespace {

Bytes announced(const std::string& address) {
    const Announcement frame = announcement_of(our_mac, IpAddress::parse(address).value());
    return {frame.bytes.begin(), frame.bytes.begin() + static_cast<std::ptrdiff_t>(frame.size)};
}

// RFC 5227 3: sender and target are the address, nobody's MAC is asked for.
TEST(Announcement, OfAnIpv4AddressIsAGratuitousArpRequest) {
    const Bytes arp = {0, 1, 8, 0, 6, 4, 0,   1,          // Ethernet, IPv4, request
                       2, 0, 0, 0, 0, 1, 192, 0, 2, 10,   // from
                       0, 0, 0, 0, 0, 0, 192, 0, 2, 10};  // for
    const MacAddress everybody{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    EXPECT_EQ(announced("192.0.2.10"), ethernet(everybody, our_mac, 0x0806, arp));
}

// RFC 4861 4.4, 7.2.6: to all nodes, override, with the target link-layer address.
TEST(Announcement, OfAnIpv6AddressIsAnUnsolicitedNeighbourAdvertisement) {
    const Bytes frame = announced("2001:db8::10");
    const auto read = read_frame(frame);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->to, (MacAddress{{0x33, 0x33, 0, 0, 0, 1}}));
    EXPECT_EQ(read->from, our_mac);
    EXPECT_EQ(read->source.to_string(), "2001:db8::10");
    EXPECT_EQ(read->destination.to_string(), "ff02::1");
    EXPECT_EQ(read->hop_limit, 255);
    EXPECT_EQ(read->protocol, 58);
    Bytes message = read->transport;
    ASSERT_EQ(message.size(), 32U);
    Bytes pseudo(frame.begin() + 14 + 8, frame.begin() + 14 + 40);  // both addresses
    pseudo.insert(pseudo.end(), {0, 0, 0, 32, 0, 0, 0, 58});
    EXPECT_EQ(ones_sum(message, ones_sum(pseudo)), 0xffff);
    message[2] = message[3] = 0;
    const Bytes expected = {136,  0, 0,   0,    0x20, 0, 0, 0,  // override
                            0x20, 1, 0xd, 0xb8, 0,    0, 0, 0, 0, 0, 0, 0,
                            0,    0, 0,   0x10, 2,    1, 2, 0, 0, 0, 0, 1};  // its MAC
    EXPECT_EQ(message, expected);
}

}  // namespace
}  // namespace trunkline::dataplane::testing
