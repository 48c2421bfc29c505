#include "dataplane/shard_link.h"

#include "dataplane/packet.h"
#include "dataplane/packet_pool.h"

#include <gtest/gtest.h>
#include <rte_mempool.h>

namespace trunkline::dataplane {
namespace {

TEST(PacketPool, PacketsHaveRoomForASlotHeadroomAndFacts) {
    auto pool = PacketPool::create("pool_room", 64);
    ASSERT_TRUE(pool) << pool.error().message;
    rte_mbuf* packet = rte_pktmbuf_alloc(pool->get());
    ASSERT_NE(packet, nullptr);
    EXPECT_GE(rte_pktmbuf_headroom(packet), header_room);
    EXPECT_GE(rte_pktmbuf_tailroom(packet), 8192);
    EXPECT_GE(rte_pktmbuf_priv_size(pool->get()), sizeof(PacketFacts));
    facts(packet).ip_interface = 3;
    rte_pktmbuf_free(packet);
}

TEST(PacketPool, TooLargeAPoolIsAnErrorThatNamesTheParameter) {
    const auto pool = PacketPool::create("pool_too_large", 4'000'000);
    ASSERT_FALSE(pool);
    EXPECT_NE(pool.error().message.find("appliance.memory_megabytes"), std::string::npos);
}

TEST(ShardLink, FreesWhatIsStillInItsRings) {
    auto pool = PacketPool::create("pool_link", 64);
    ASSERT_TRUE(pool);
    const unsigned before = rte_mempool_avail_count(pool->get());
    {
        auto link = ShardLink::create(0, 1);
        ASSERT_TRUE(link);
        EXPECT_TRUE((*link)->inbound.push(rte_pktmbuf_alloc(pool->get())));
        EXPECT_TRUE((*link)->outbound.push(rte_pktmbuf_alloc(pool->get())));
        EXPECT_LT(rte_mempool_avail_count(pool->get()), before);
    }
    EXPECT_EQ(rte_mempool_avail_count(pool->get()), before);
}

}  // namespace
}  // namespace trunkline::dataplane
