#include "sipstack/thread_pulse.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

TEST(ThreadPulse, AThreadThatTurnsBeats) {
    dataplane::Doorbell bell;
    ThreadPulse pulse("worker", bell);
    EXPECT_TRUE(pulse.beats()) << "nobody rang for a turn yet";
    for (int look = 0; look < 3; ++look) {
        pulse.beat();
        EXPECT_TRUE(pulse.beats());
    }
}

TEST(ThreadPulse, AThreadThatIsStuckDoesNot) {
    dataplane::Doorbell bell;
    ThreadPulse pulse("shard-0", bell);
    pulse.beat();
    EXPECT_TRUE(pulse.beats());
    EXPECT_FALSE(pulse.beats());
    EXPECT_FALSE(pulse.beats());
    pulse.beat();
    EXPECT_TRUE(pulse.beats()) << "it came back";
}

TEST(ThreadPulse, AThreadThatSleepsIsRung) {
    dataplane::Doorbell bell;
    ThreadPulse pulse("worker", bell);
    pulse.beats();
    EXPECT_FALSE(bell.prepare_to_sleep()) << "it has a turn to make first";
}

}  // namespace
}  // namespace trunkline::sipstack
