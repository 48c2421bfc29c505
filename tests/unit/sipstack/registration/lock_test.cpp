// One registration of a locked appliance, whatever it does when the lock comes (together with the
// served IP group's status: operator_test.cpp).
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using State = RegistrationState;
using Bench = RegistrationBench;

constexpr auto locked = AdministrativeState::locked;
constexpr auto unlocked = AdministrativeState::unlocked;

TEST(Locked, TakesBackTheRegisterThatIsOut) {
    Bench bench;
    bench.start();
    bench.set_state(locked);
    EXPECT_EQ(bench.sent(), 1U);
    bench.accept(180);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Expires"), "0");
    bench.answer(200);
    EXPECT_EQ(bench.row().state, State::unregistered);
    EXPECT_EQ(bench.row().reason, "the appliance is locked");
}

TEST(Locked, AnswersNoChallengeOfARegisterThatItDoesNotWantAnyMore) {
    Bench bench;
    bench.start();
    bench.set_state(locked);
    bench.challenge("n1");
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.row().state, State::unregistered);
}

TEST(Locked, EndsTheWaitForARetryAndForAServer) {
    Bench failed;
    failed.start();
    failed.answer(500);
    failed.set_state(locked);
    failed.pass(1h);
    EXPECT_EQ(failed.sent(), 1U);
    EXPECT_EQ(failed.row().reason, "the appliance is locked");
    Bench resolving;
    resolving.registration.start(resolving.now);
    resolving.set_state(locked);
    resolving.set_targets({{bench_registrar, Transport::udp}});
    resolving.pass(1h);
    EXPECT_EQ(resolving.sent(), 0U);
    resolving.set_state(unlocked);
    EXPECT_EQ(resolving.sent(), 1U);
}

TEST(Locked, LeavesABindingThatNobodyTakesBack) {
    Bench bench;
    bench.start_registered(180);
    bench.set_state(locked);
    bench.pass(40s);
    EXPECT_EQ(bench.row().state, State::unregistered);
    EXPECT_THAT(bench.row().reason, HasSubstr("left to expire"));
    const std::size_t sent = bench.sent();
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), sent);
}

TEST(Unlocked, RegistersOnceTheUnregisterThatIsOutHasEnded) {
    Bench bench;
    bench.start_registered(180);
    bench.set_state(locked);
    bench.set_state(unlocked);
    EXPECT_EQ(bench.sent(), 2U);
    bench.answer(200);
    bench.pass(1ms);
    ASSERT_EQ(bench.sent(), 3U);
    EXPECT_EQ(bench.header("Expires"), "180");
}

TEST(Unlocked, AndLockedAgainDoesNotRegister) {
    Bench bench;
    bench.start_registered(180);
    bench.set_state(locked);
    bench.set_state(unlocked);
    bench.set_state(locked);
    bench.answer(200);
    bench.pass(1h);
    EXPECT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.row().reason, "the appliance is locked");
    bench.set_state(unlocked);
    EXPECT_EQ(bench.sent(), 3U);
}

TEST(Unlocked, ClearsOldBindingsFirstWhereANewAccountIsToDoSo) {
    Bench bench;
    bench.config.proxy_and_registration.unregister_on_startup = true;
    bench.administrative_state = locked;
    bench.start();
    EXPECT_EQ(bench.sent(), 0U);
    bench.set_state(unlocked);
    ASSERT_EQ(bench.sent(), 1U);
    EXPECT_EQ(bench.header("Contact"), "*");
}

}  // namespace
}  // namespace trunkline::sipstack
