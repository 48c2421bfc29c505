#include "board/link_speeds.h"

#include <gtest/gtest.h>
#include <rte_ethdev.h>

namespace trunkline::board {
namespace {

constexpr uint32_t all_speeds = RTE_ETH_LINK_SPEED_10M_HD | RTE_ETH_LINK_SPEED_10M |
                                RTE_ETH_LINK_SPEED_100M_HD | RTE_ETH_LINK_SPEED_100M |
                                RTE_ETH_LINK_SPEED_1G;

TEST(LinkSpeeds, AreFixedByDriversThatSetThem) {
    EXPECT_EQ(dpdk_link_speeds({100, true}, "net_e1000_igb", all_speeds),
              RTE_ETH_LINK_SPEED_FIXED | RTE_ETH_LINK_SPEED_100M);
    EXPECT_EQ(dpdk_link_speeds({10, false}, "net_igc", all_speeds),
              RTE_ETH_LINK_SPEED_FIXED | RTE_ETH_LINK_SPEED_10M_HD);
}

TEST(LinkSpeeds, ThatEndsAgreeOnAreLeftToThemByAllDrivers) {
    EXPECT_EQ(dpdk_link_speeds({}, "net_e1000_igb", all_speeds), RTE_ETH_LINK_SPEED_AUTONEG);
    EXPECT_EQ(dpdk_link_speeds({}, "net_af_packet", 0), RTE_ETH_LINK_SPEED_AUTONEG);
}

TEST(LinkSpeeds, AreNothingToOtherDriversAndToNicsThatHaveThemNot) {
    EXPECT_EQ(dpdk_link_speeds({1000, true}, "net_virtio", all_speeds), std::nullopt);
    EXPECT_EQ(dpdk_link_speeds({1000, true}, "net_ixgbe", RTE_ETH_LINK_SPEED_10G), std::nullopt);
    EXPECT_EQ(dpdk_link_speeds({1000, false}, "net_e1000_igb", all_speeds), std::nullopt)
        << "DPDK has no such thing";
}

}  // namespace
}  // namespace trunkline::board
