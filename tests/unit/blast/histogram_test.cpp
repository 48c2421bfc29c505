#include "tools/blast/histogram.h"

#include <gtest/gtest.h>

#include <limits>

namespace trunkline::blast {
namespace {

TEST(Histogram, IsZeroWhileEmpty) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0u);
    EXPECT_EQ(histogram.percentile(0.5), 0u);
    EXPECT_EQ(histogram.max(), 0u);
    EXPECT_EQ(histogram.mean(), 0);
}

TEST(Histogram, SmallValuesAreExact) {
    Histogram histogram;
    for (uint64_t value = 1; value <= 200; ++value) {
        histogram.record(value);
    }
    EXPECT_EQ(histogram.percentile(0.5), 100u);
    EXPECT_EQ(histogram.percentile(0.99), 198u);
    EXPECT_EQ(histogram.percentile(1), 200u);
    EXPECT_EQ(histogram.percentile(0), 1u);
    EXPECT_DOUBLE_EQ(histogram.mean(), 100.5);
}

TEST(Histogram, EveryValueIsRightTo1In128AndNeverTooSmall) {
    for (uint64_t value = 1; value < std::numeric_limits<uint64_t>::max() / 3; value *= 3) {
        for (const uint64_t near : {value - 1, value, value + 1}) {
            Histogram histogram;
            histogram.record(near);
            histogram.record(std::numeric_limits<uint64_t>::max());
            const uint64_t found = histogram.percentile(0.5);
            EXPECT_GE(found, near);
            EXPECT_LE(found - near, near / 128) << near;
        }
    }
}

TEST(Histogram, TakesTheLargestValueThereIs) {
    Histogram histogram;
    histogram.record(std::numeric_limits<uint64_t>::max());
    EXPECT_EQ(histogram.percentile(0.999), std::numeric_limits<uint64_t>::max());
}

TEST(Histogram, ARareOutlierShowsInTheTailAlone) {
    Histogram histogram;
    for (int i = 0; i < 9990; ++i) {
        histogram.record(1000);
    }
    for (int i = 0; i < 10; ++i) {
        histogram.record(1'000'000);
    }
    EXPECT_LE(histogram.percentile(0.999), 1008u);
    EXPECT_GE(histogram.percentile(0.9991), 1'000'000u);
    EXPECT_EQ(histogram.max(), 1'000'000u);
}

}  // namespace
}  // namespace trunkline::blast
