#include "mgmt/utc_text.h"

#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_time<std::chrono::microseconds> when =
    std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s + 42us;

TEST(UtcText, HasAllDigitsOfTheFraction) {
    EXPECT_EQ(utc_text(when), "2026-01-02T03:04:05.000042Z");
    EXPECT_EQ(utc_text(when + 678859us), "2026-01-02T03:04:05.678901Z");
    EXPECT_EQ(utc_text(std::chrono::floor<std::chrono::milliseconds>(when)),
              "2026-01-02T03:04:05.000Z");
    EXPECT_EQ(utc_text(std::chrono::floor<std::chrono::milliseconds>(when + 7ms)),
              "2026-01-02T03:04:05.007Z");
}

}  // namespace
}  // namespace trunkline::mgmt
