#include "dataplane/held_packets.h"

#include "dataplane/packet_pool.h"

#include <gtest/gtest.h>

namespace trunkline::dataplane {
namespace {

using Held = HeldPackets::Held;

class HeldPacketsTest : public ::testing::Test {
protected:
    static IpAddress address(std::size_t number) {
        return IpAddress::v4(0x0a000000 + static_cast<uint32_t>(number));
    }
    rte_mbuf* packet() { return rte_pktmbuf_alloc(pool_.get()); }
    Held hold(std::size_t destination, uint64_t deadline) {
        rte_mbuf* held = packet();
        const Held result = held_.hold(held, address(destination), address(1), 0, deadline);
        if (result == Held::full) {
            rte_pktmbuf_free(held);
        }
        return result;
    }
    void free(HeldPackets::Batch& batch) {
        rte_pktmbuf_free_bulk(batch.packets.data(), batch.count);
    }

    PacketPool pool_ = PacketPool::create("held", 2047).value();
    HeldPackets held_;
};

TEST_F(HeldPacketsTest, GivesBackADestinationsPackets) {
    EXPECT_EQ(hold(5, 100), Held::first);
    EXPECT_EQ(hold(5, 200), Held::joined);
    EXPECT_EQ(hold(6, 300), Held::first);
    HeldPackets::Batch batch;
    ASSERT_TRUE(held_.take(address(5), 0, batch));
    EXPECT_EQ(batch.count, 2);
    EXPECT_EQ(batch.source, address(1));
    free(batch);
    EXPECT_FALSE(held_.take(address(5), 0, batch));
    EXPECT_FALSE(held_.take(address(6), 1, batch)) << "another device";
}

TEST_F(HeldPacketsTest, ExpiresInTheOrderOfDeadlines) {
    hold(5, 300);
    hold(6, 100);
    hold(7, 200);
    EXPECT_EQ(held_.next_deadline(), 100U);
    HeldPackets::Batch batch;
    EXPECT_FALSE(held_.take_expired(99, batch));
    ASSERT_TRUE(held_.take_expired(250, batch));
    EXPECT_EQ(batch.destination, address(6));
    free(batch);
    ASSERT_TRUE(held_.take_expired(250, batch));
    EXPECT_EQ(batch.destination, address(7));
    free(batch);
    EXPECT_FALSE(held_.take_expired(250, batch));
    EXPECT_EQ(held_.next_deadline(), 300U);
    ASSERT_TRUE(held_.take(address(5), 0, batch));
    free(batch);
    EXPECT_EQ(held_.next_deadline(), HeldPackets::never);
}

TEST_F(HeldPacketsTest, BoundsDestinations) {
    for (std::size_t i = 0; i < HeldPackets::destinations; ++i) {
        ASSERT_EQ(hold(i, 1), Held::first);
    }
    EXPECT_EQ(hold(HeldPackets::destinations, 1), Held::full);
    EXPECT_EQ(hold(0, 1), Held::joined) << "there is room beside those that wait already";
}

TEST_F(HeldPacketsTest, BoundsPacketsADestinationAndInAll) {
    constexpr std::size_t each = HeldPackets::packets_a_destination;
    constexpr std::size_t full_ones = HeldPackets::packets_in_all / each;
    for (std::size_t destination = 0; destination < full_ones; ++destination) {
        for (std::size_t i = 0; i < each; ++i) {
            ASSERT_NE(hold(destination, 1), Held::full);
        }
    }
    EXPECT_EQ(hold(0, 1), Held::full);
    EXPECT_EQ(hold(full_ones, 1), Held::full);
    HeldPackets::Batch batch;
    ASSERT_TRUE(held_.take(address(3), 0, batch));
    free(batch);
    EXPECT_EQ(hold(full_ones, 1), Held::first);
}

}  // namespace
}  // namespace trunkline::dataplane
