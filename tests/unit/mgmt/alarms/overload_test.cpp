#include "mgmt/alarms/overload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(OverloadWatchTest, AFewThatAreLostNowAndThenAreNone) {
    OverloadWatch watch;
    for (uint64_t look = 1; look < 10; ++look) {
        EXPECT_THAT(watch.look(look * (OverloadWatch::least_lost - 1)), IsEmpty());
    }
}

TEST(OverloadWatchTest, LastsUntilItWasCalmForAWhile) {
    OverloadWatch watch;
    uint64_t lost = 5;
    watch.look(lost);
    const auto begun = watch.look(lost += OverloadWatch::least_lost);
    ASSERT_THAT(begun, SizeIs(1));
    EXPECT_EQ(begun[0].source, "System#0");
    EXPECT_EQ(begun[0].severity, AlarmSeverity::major);
    for (unsigned i = 1; i < OverloadWatch::calm_looks; ++i) {
        EXPECT_THAT(watch.look(lost), SizeIs(1)) << i;
    }
    EXPECT_THAT(watch.look(lost += OverloadWatch::least_lost), SizeIs(1)) << "it goes on";
    for (unsigned i = 1; i < OverloadWatch::calm_looks; ++i) {
        EXPECT_THAT(watch.look(lost), SizeIs(1)) << i;
    }
    EXPECT_THAT(watch.look(lost), IsEmpty());
}

}  // namespace
}  // namespace trunkline::mgmt
