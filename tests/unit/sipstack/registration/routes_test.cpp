// What a 2xx says beside the lifetime: Service-Route and P-Associated-URI.
#include "tests/unit/sipstack/registration/registration_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

using Bench = RegistrationBench;

const std::string contact = "Contact: <sip:100@192.0.2.10>;expires=180\r\n";

// T35
TEST(ServiceRoute, OfTheLatest200IsKeptInOrder) {
    Bench bench;
    bench.start();
    bench.answer(200, contact +
                          "Service-Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n"
                          "Service-Route: <sip:p3.example;lr>\r\n");
    EXPECT_EQ(bench.row().service_route,
              "<sip:p1.example;lr>, <sip:p2.example;lr>, <sip:p3.example;lr>");
    EXPECT_THAT(bench.journal.records.back().service_route,
                ElementsAre("<sip:p1.example;lr>", "<sip:p2.example;lr>", "<sip:p3.example;lr>"));
    bench.pass(90s);
    bench.answer(200, contact + "Service-Route: <sip:p9.example;lr>\r\n");
    EXPECT_EQ(bench.row().service_route, "<sip:p9.example;lr>");
}

// T35
TEST(ServiceRoute, IsDroppedWhenA200HasNone) {
    Bench bench;
    bench.start();
    bench.answer(200, contact + "Service-Route: <sip:p1.example;lr>\r\n");
    bench.pass(90s);
    bench.answer(200, contact);
    EXPECT_EQ(bench.row().service_route, "");
}

// T35, T09
TEST(ServiceRoute, IsNotForRegisterItselfAndNeitherIsRecordRoute) {
    Bench bench;
    bench.start();
    bench.answer(200, contact +
                          "Service-Route: <sip:p1.example;lr>\r\n"
                          "Record-Route: <sip:p2.example;lr>\r\n");
    bench.pass(90s);
    ASSERT_EQ(bench.sent(), 2U);
    EXPECT_EQ(bench.header("Route"), "");
}

TEST(ServiceRoute, OutlivesAFailedRefreshButNotTheBinding) {
    Bench bench;
    bench.start();
    bench.answer(200, contact +
                          "Service-Route: <sip:p1.example;lr>\r\n"
                          "P-Associated-URI: <sip:first@lab.example>\r\n");
    bench.pass(90s);
    bench.answer(500);
    EXPECT_EQ(bench.row().service_route, "<sip:p1.example;lr>");
    bench.sender.is_broken = true;
    bench.pass(90s);
    ASSERT_FALSE(bench.row().registered);
    EXPECT_EQ(bench.row().service_route, "");
    EXPECT_EQ(bench.row().associated_uri, "");
}

TEST(ServiceRoute, EndsWithTheRegistration) {
    Bench bench;
    bench.start();
    bench.answer(200, contact + "Service-Route: <sip:p1.example;lr>\r\n");
    bench.registration.unregister(bench.now);
    bench.answer(200);
    EXPECT_EQ(bench.row().service_route, "");
}

// T36
TEST(ServiceRoute, IsNotTheEchoedPath) {
    Bench bench;
    bench.start();
    bench.answer(200, contact + "Path: <sip:edge.example;lr>\r\n");
    EXPECT_EQ(bench.row().service_route, "");
}

// T37
TEST(AssociatedUri, TheFirstIsTheDefaultIdentity) {
    Bench bench;
    bench.start();
    bench.answer(200, contact +
                          "P-Associated-URI: <sip:first@lab.example>, <tel:+49301>\r\n"
                          "P-Associated-URI: <sip:third@lab.example>\r\n");
    EXPECT_EQ(bench.row().associated_uri, "<sip:first@lab.example>");
    bench.pass(90s);
    bench.answer(200, contact);
    EXPECT_EQ(bench.row().associated_uri, "");
}

// T32
TEST(Date, OfTheRegistrarHasNoEffectOnTimers) {
    Bench plain, dated;
    plain.start();
    dated.start();
    plain.answer(200, contact);
    dated.answer(200, contact + "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n");
    EXPECT_EQ(dated.row().next_attempt_in, plain.row().next_attempt_in);
    EXPECT_EQ(dated.row().expires_in, plain.row().expires_in);
}

}  // namespace
}  // namespace trunkline::sipstack
