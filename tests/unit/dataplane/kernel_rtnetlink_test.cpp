#include "dataplane/kernel/rtnetlink.h"

#include <gtest/gtest.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <random>
#include <vector>

namespace trunkline::dataplane {
namespace {

TEST(Neighbour, IsUsableInEveryStateWithAnAddressToSendTo) {
    Neighbour neighbour;
    neighbour.mac = MacAddress::parse("02:00:00:00:00:99");
    for (const int state : {NUD_PERMANENT, NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE}) {
        neighbour.state = static_cast<uint16_t>(state);
        EXPECT_TRUE(neighbour.is_usable()) << state;
    }
    for (const int state : {NUD_NONE, NUD_INCOMPLETE, NUD_FAILED}) {
        neighbour.state = static_cast<uint16_t>(state);
        EXPECT_FALSE(neighbour.is_usable()) << state;
    }
    neighbour.state = NUD_REACHABLE;
    neighbour.mac.reset();
    EXPECT_FALSE(neighbour.is_usable());
}

TEST(ReadEvents, PassesOverWhatIsCutOrBroken) {
    int seen = 0;
    const RtnetlinkEvents::Receiver receiver{
        .neighbour_changed = [&](const Neighbour&) { ++seen; },
        .neighbour_deleted = [&](const Neighbour&) { ++seen; },
        .link_changed = [&](const Link&) { ++seen; },
        .routing_changed = [&] { ++seen; },
    };
    read_events({}, receiver);
    EXPECT_EQ(seen, 0);

    // A neighbour without an address, and one whose attribute claims more than there is.
    std::vector<uint8_t> datagram(NLMSG_LENGTH(sizeof(ndmsg)) + 8);
    auto* header = reinterpret_cast<nlmsghdr*>(datagram.data());
    header->nlmsg_len = NLMSG_LENGTH(sizeof(ndmsg));
    header->nlmsg_type = RTM_NEWNEIGH;
    read_events(datagram, receiver);
    header->nlmsg_len = static_cast<uint32_t>(datagram.size());
    auto* attribute = reinterpret_cast<rtattr*>(datagram.data() + NLMSG_LENGTH(sizeof(ndmsg)));
    attribute->rta_type = NDA_DST;
    attribute->rta_len = 4000;
    read_events(datagram, receiver);
    EXPECT_EQ(seen, 0);

    std::mt19937 random(1);
    for (int round = 0; round < 20'000; ++round) {
        for (std::size_t i = sizeof(nlmsghdr); i < datagram.size(); ++i) {
            datagram[i] = static_cast<uint8_t>(random());
        }
        header->nlmsg_type = static_cast<uint16_t>(RTM_NEWLINK + random() % 20);
        header->nlmsg_len = static_cast<uint32_t>(random() % (datagram.size() + 8));
        read_events(datagram, receiver);
    }
}

}  // namespace
}  // namespace trunkline::dataplane
