#include "sipstack/registration/retry.h"

#include <gtest/gtest.h>

#include <map>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;

struct Draws {
    Milliseconds least = Milliseconds::max(), most{0};
};

Draws draw(const ProxyAndRegistration& page, FailureKind kind, unsigned failures,
           std::optional<uint32_t> retry_after = std::nullopt) {
    Random random(Random::seed_from(5));
    Draws draws;
    for (int i = 0; i < 500; ++i) {
        const Milliseconds delay = retry_delay(page, kind, failures, retry_after, random);
        draws.least = std::min(draws.least, delay);
        draws.most = std::max(draws.most, delay);
    }
    return draws;
}

TEST(RetryDelay, OfTheApplianceIsItsRetryTimeWithJitter) {
    const Draws draws = draw({}, FailureKind::failed, 7);
    EXPECT_GE(draws.least, 30s);
    EXPECT_LE(draws.least, 31s);
    EXPECT_GT(draws.most, 32s);
    EXPECT_LE(draws.most, 33s);
}

// The example that the manual prints: base 30, max 1800, three failures: 120 to 240 s.
TEST(RetryDelay, BacksOffUpToTheMaximum) {
    // T59
    ProxyAndRegistration page;
    page.max_registration_backoff_time = 1800s;
    Draws draws = draw(page, FailureKind::silent, 3);
    EXPECT_GE(draws.least, 120s);
    EXPECT_LT(draws.least, 125s);
    EXPECT_GT(draws.most, 235s);
    EXPECT_LE(draws.most, 240s);
    draws = draw(page, FailureKind::silent, 4'000'000'000U);
    EXPECT_GE(draws.least, 900s);
    EXPECT_LE(draws.most, 1800s);
}

// T46, T47
TEST(RetryDelay, AfterARefusalIsLonger) {
    EXPECT_GE(draw({}, FailureKind::refused, 1).least, 300s);
    ProxyAndRegistration page;
    page.refused_retry_time = 0s;
    EXPECT_LE(draw(page, FailureKind::refused, 1).most, 33s);
}

// Trace D: five seconds after a refusal, for ever, and after silence too.
TEST(RetryDelay, OfTmediaIsFiveSeconds) {
    ProxyAndRegistration page;
    page.retry_profile = RetryProfile::tmedia;
    for (const FailureKind kind :
         {FailureKind::failed, FailureKind::refused, FailureKind::silent}) {
        const Draws draws = draw(page, kind, 1000);
        EXPECT_EQ(draws.least, 5s);
        EXPECT_EQ(draws.most, 5s);
    }
}

// T59
TEST(RetryDelay, OfOutboundIsThatOfItsRfc) {
    ProxyAndRegistration page;
    page.retry_profile = RetryProfile::rfc5626;
    Draws draws = draw(page, FailureKind::silent, 1);
    EXPECT_GE(draws.least, 30s);
    EXPECT_LE(draws.most, 60s);
    draws = draw(page, FailureKind::silent, 30);
    EXPECT_GE(draws.least, 900s);
    EXPECT_LE(draws.most, 1800s);
}

// T44, T45
TEST(RetryDelay, IsWhatTheAnswerAsksForWithinBounds) {
    for (const RetryProfile profile :
         {RetryProfile::mediant, RetryProfile::tmedia, RetryProfile::rfc5626}) {
        ProxyAndRegistration page;
        page.retry_profile = profile;
        Draws draws = draw(page, FailureKind::failed, 1, 120);
        EXPECT_GE(draws.least, 120s);
        EXPECT_GT(draws.most, 130s);
        EXPECT_LE(draws.most, 132s);
        draws = draw(page, FailureKind::failed, 1, 4'000'000'000U);
        EXPECT_LE(draws.most, max_retry_after + max_retry_after / 10);
        EXPECT_GE(draw(page, FailureKind::failed, 1, 0).least, 5s) << "0 is no tight loop";
    }
}

// T60
TEST(RetryDelay, SpreadsThoseWhoFailTogether) {
    Random random(Random::seed_from(6));
    std::map<int64_t, unsigned> seconds;
    for (int account = 0; account < 1000; ++account) {
        ++seconds[retry_delay({}, FailureKind::silent, 1, std::nullopt, random).count() / 1000];
    }
    for (const auto& [second, count] : seconds) {
        EXPECT_LT(count, 450U) << second;
    }
}

}  // namespace
}  // namespace trunkline::sipstack
