#include "dataplane/next_hop_cache.h"

#include <gtest/gtest.h>

namespace trunkline::dataplane {
namespace {

IpAddress address(uint32_t number) {
    return IpAddress::v4(0x0a000000 + number);
}

MacAddress mac(uint32_t number) {
    return MacAddress{
        {2, 0, 0, 0, static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)}};
}

TEST(NextHopCache, FindsWhatWasInsertedByAddressAndDevice) {
    NextHopCache cache(64);
    EXPECT_EQ(cache.find(address(1), 0), nullptr);
    cache.insert(address(1), 0, mac(1));
    cache.insert(address(1), 1, mac(2));
    ASSERT_NE(cache.find(address(1), 0), nullptr);
    EXPECT_EQ(*cache.find(address(1), 0), mac(1));
    EXPECT_EQ(*cache.find(address(1), 1), mac(2));
}

TEST(NextHopCache, AnInsertReplacesWhatIsThere) {
    NextHopCache cache(8);
    for (uint32_t i = 0; i < 100; ++i) {
        cache.insert(address(1), 0, mac(i));
    }
    cache.insert(address(2), 0, mac(7));
    EXPECT_EQ(*cache.find(address(1), 0), mac(99));
}

TEST(NextHopCache, TheLongestUnusedMakesRoom) {
    NextHopCache cache(8);  // a single set
    for (uint32_t i = 0; i < 8; ++i) {
        cache.insert(address(i), 0, mac(i));
    }
    cache.find(address(0), 0);
    cache.insert(address(8), 0, mac(8));
    EXPECT_NE(cache.find(address(0), 0), nullptr);
    EXPECT_EQ(cache.find(address(1), 0), nullptr);
    EXPECT_NE(cache.find(address(8), 0), nullptr);
}

TEST(NextHopCache, EraseAndClearForget) {
    NextHopCache cache(64);
    cache.insert(address(1), 0, mac(1));
    cache.insert(address(2), 0, mac(2));
    cache.erase(address(1), 0);
    cache.erase(address(3), 0);
    EXPECT_EQ(cache.find(address(1), 0), nullptr);
    EXPECT_NE(cache.find(address(2), 0), nullptr);
    cache.clear();
    EXPECT_EQ(cache.find(address(2), 0), nullptr);
}

TEST(NextHopCache, HoldsNeighbouringAddressesNearItsCapacity) {
    NextHopCache cache(16384);
    constexpr uint32_t half = 8192;
    for (uint32_t i = 0; i < half; ++i) {
        cache.insert(address(i), 0, mac(i));
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < half; ++i) {
        kept += cache.find(address(i), 0) != nullptr ? 1 : 0;
    }
    EXPECT_GT(kept, half * 95 / 100) << "the hash spreads addresses of one network badly";
}

}  // namespace
}  // namespace trunkline::dataplane
