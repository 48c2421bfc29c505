#include "dataplane/ring.h"

#include <gtest/gtest.h>

#include <array>

namespace trunkline::dataplane {
namespace {

TEST(UniqueRingName, FitsWhatDpdkAllowsAndNeverRepeats) {
    const std::string stem(100, 'x');
    const std::string first = unique_ring_name(stem);
    EXPECT_LT(first.size(), RTE_RING_NAMESIZE);
    EXPECT_NE(first, unique_ring_name(stem));
}

TEST(SpscRing, TwoOfOneNameStandSideBySide) {
    auto first = SpscRing<uint32_t>::create("twice", 8);
    auto second = SpscRing<uint32_t>::create("twice", 8);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(first->push(7));
    EXPECT_TRUE(second->empty());
}

TEST(SpscRing, KeepsOrderAndRefusesWhatDoesNotFit) {
    auto ring = SpscRing<uint32_t>::create("small", 4);
    ASSERT_TRUE(ring);
    const std::array<uint32_t, 5> in = {1, 2, 3, 4, 5};
    EXPECT_EQ(ring->push(in), 3U) << "a ring holds one less than its capacity";
    EXPECT_EQ(ring->size(), 3U);
    std::array<uint32_t, 8> out{};
    ASSERT_EQ(ring->pop(out), 3U);
    EXPECT_EQ(out[0], 1U);
    EXPECT_EQ(out[2], 3U);
    EXPECT_TRUE(ring->empty());
}

TEST(SpscRing, ACapacityThatIsNoPowerOfTwoIsAnError) {
    const auto ring = SpscRing<uint32_t>::create("odd", 5);
    ASSERT_FALSE(ring);
    EXPECT_NE(ring.error().message.find("cannot create ring odd"), std::string::npos);
}

}  // namespace
}  // namespace trunkline::dataplane
