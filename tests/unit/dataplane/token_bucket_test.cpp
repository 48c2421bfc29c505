#include "dataplane/token_bucket.h"

#include <gtest/gtest.h>

namespace trunkline::dataplane {
namespace {

constexpr uint64_t second = 1'000'000'000;

int passages(TokenBucket& bucket, uint64_t now, int tries) {
    int passed = 0;
    for (int i = 0; i < tries; ++i) {
        passed += bucket.take(now) ? 1 : 0;
    }
    return passed;
}

TEST(TokenBucket, ABurstOfASecondsWorthThenTheRate) {
    TokenBucket bucket(100);
    EXPECT_EQ(passages(bucket, 5 * second, 1000), 100);
    EXPECT_EQ(passages(bucket, 5 * second + second / 10, 1000), 10);
    EXPECT_EQ(passages(bucket, 60 * second, 1000), 100) << "it does not save up more";
}

TEST(TokenBucket, ARateOfZeroLetsNothingPass) {
    TokenBucket bucket(0);
    EXPECT_EQ(passages(bucket, 5 * second, 10), 0);
}

TEST(TokenBucket, RatesAboveANanosecondsGrainStillPass) {
    TokenBucket bucket(4'000'000'000);
    EXPECT_EQ(passages(bucket, 5 * second, 10), 10);
}

}  // namespace
}  // namespace trunkline::dataplane
