#include "sipstack/registration/grant.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using namespace std::chrono_literals;

const SipUri own{"sip", "100", "192.0.2.10", std::nullopt, {}, {}};

std::optional<Seconds> granted(const std::string& rows, Seconds requested = 3600s,
                               std::string_view instance = {}) {
    const auto response = Message::parse(
        fmt::format("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx\r\n"
                    "From: <sip:100@lab.example>;tag=a\r\nTo: <sip:100@lab.example>;tag=b\r\n"
                    "Call-ID: c\r\nCSeq: 1 REGISTER\r\n{}Content-Length: 0\r\n\r\n",
                    rows));
    EXPECT_TRUE(response.has_value());
    if (!response) {
        return std::nullopt;
    }
    const auto time = granted_time(*response, own, instance, requested);
    const auto plain = plainly_granted_time(*response, "sip:100@192.0.2.10", requested);
    EXPECT_TRUE(!plain || plain == time) << rows;
    return time;
}

std::optional<Seconds> plainly_granted(const std::string& rows) {
    const auto response = Message::parse(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKx\r\n"
        "From: <sip:100@lab.example>;tag=a\r\nTo: <sip:100@lab.example>;tag=b\r\n"
        "Call-ID: c\r\nCSeq: 1 REGISTER\r\n" +
        rows + "Content-Length: 0\r\n\r\n");
    return plainly_granted_time(*response, "sip:100@192.0.2.10", 3600s);
}

TEST(PlainlyGrantedTime, IsThatOfOurContactAlone) {
    EXPECT_EQ(plainly_granted("Contact: <sip:100@192.0.2.10>;expires=20\r\n"), 20s);
    EXPECT_EQ(plainly_granted("m: <sip:100@192.0.2.10>\r\nExpires: 77\r\n"), 77s);
    EXPECT_EQ(plainly_granted("Contact: <sip:100@192.0.2.10>\r\n"), 3600s);
    EXPECT_EQ(plainly_granted("Contact: <sip:100@192.0.2.10>;expires=99999999999\r\n"),
              max_registration_time);
}

TEST(PlainlyGrantedTime, LeavesAllElseToTheGeneralReading) {
    EXPECT_EQ(plainly_granted(""), std::nullopt);
    EXPECT_EQ(plainly_granted("Contact: *\r\n"), std::nullopt);
    EXPECT_EQ(plainly_granted("Contact: <sip:100@192.0.2.1>;expires=20\r\n"), std::nullopt);
    EXPECT_EQ(plainly_granted("Contact: <sip:100@192.0.2.100>;expires=20\r\n"), std::nullopt);
    EXPECT_EQ(plainly_granted("Contact: <sip:100@192.0.2.10;x=y>;expires=20\r\n"), std::nullopt);
    EXPECT_EQ(plainly_granted("Contact: \"A\" <sip:100@192.0.2.10>;expires=20\r\n"), std::nullopt);
    EXPECT_EQ(plainly_granted("Contact: <sip:100@192.0.2.10>;expires=20\r\n"
                              "Contact: <sip:7@h>;expires=30\r\n"),
              std::nullopt);
    EXPECT_EQ(plainly_granted("Contact: <sip:100@192.0.2.10>, <sip:7@h>;expires=30\r\n"),
              std::nullopt);
}

// T23
TEST(GrantedTime, FindsOurInstanceBehindARewrittenContact) {
    const std::string rows =
        "Contact: <sip:100@192.0.2.10>;expires=10\r\n"
        "Contact: <sip:gw@203.0.113.9:40000>;+sip.instance=\"<urn:uuid:1>\";reg-id=1;expires=20\r\n"
        "Contact: <sip:gw@203.0.113.8>;+sip.instance=\"<urn:uuid:1>\";reg-id=2;expires=30\r\n";
    EXPECT_EQ(granted(rows, 3600s, "urn:uuid:1"), 20s);
    EXPECT_EQ(granted(rows, 3600s, "urn:uuid:2"), 10s);
    EXPECT_EQ(granted(rows), 10s);
}

TEST(GrantedTime, IsThatOfOurContactAmongAllBindings) {
    // T21
    EXPECT_EQ(granted("Contact: <sip:100@192.0.2.77>;expires=10\r\n"
                      "Contact: <sip:100@192.0.2.10>;expires=20, <sip:7@h>;expires=30\r\n"),
              20s);
}

TEST(GrantedTime, FindsOurContactByUriComparison) {
    // T22: the host's case does not matter, an explicit default port does.
    EXPECT_EQ(granted("Contact: <SIP:%3100@192.0.2.10>;q=0.5;expires=20\r\n"
                      "Contact: <sip:200@h>;expires=5\r\n"),
              20s);
    EXPECT_EQ(granted("Contact: <sip:100@192.0.2.10:5060>;expires=20\r\n"
                      "Contact: <sip:200@h>;expires=5\r\n"),
              std::nullopt);
}

TEST(GrantedTime, TakesTheOnlyBindingWithOurUserWhenTheRegistrarRewroteIt) {
    // T23
    EXPECT_EQ(granted("Contact: <sip:100@198.51.100.1:1024>;expires=20\r\n"), 20s);
    EXPECT_EQ(granted("Contact: <sip:200@198.51.100.1:1024>;expires=20\r\n"), std::nullopt);
    EXPECT_EQ(granted("Contact: <sip:100@198.51.100.1>;expires=20\r\n"
                      "Contact: <sip:100@198.51.100.2>;expires=20\r\n"),
              std::nullopt);
}

TEST(GrantedTime, FallsBackToTheExpiresHeaderThenToWhatWasAsked) {
    // T24, T11
    EXPECT_EQ(granted("Contact: <sip:100@192.0.2.10>\r\nExpires: 77\r\n"), 77s);
    EXPECT_EQ(granted("Contact: <sip:100@192.0.2.10>;expires=20\r\nExpires: 77\r\n"), 20s);
    EXPECT_EQ(granted("Contact: <sip:100@192.0.2.10>\r\n", 180s), 180s);
}

TEST(GrantedTime, IsNothingWithoutOurContact) {
    // T28
    EXPECT_EQ(granted("Expires: 77\r\n"), std::nullopt);
    EXPECT_EQ(granted("Contact: <sip:100@192.0.2.10>;expires=0\r\n"), 0s);
}

TEST(GrantedTime, MayExceedWhatWasAskedWithinReason) {
    // T27, T29
    EXPECT_EQ(granted("Contact: <sip:100@192.0.2.10>;expires=7200\r\n", 180s), 7200s);
    EXPECT_EQ(granted("Contact: <sip:100@192.0.2.10>;expires=99999999999\r\n", 180s),
              max_registration_time);
}

TEST(GrantedTime, LivesThroughTheDatesOfOldRegistrars) {
    // The trace of the appliance's manual: two Contacts, dates instead of seconds.
    EXPECT_EQ(granted("Contact: <sip:122@10.1.1.200>;expires=\"Thu, 26 Jul 2012 10:34:42 GMT\"\r\n"
                      "Contact: <sip:100@192.0.2.10>;expires=\"Thu, 26 Jul 2012 10:34:42 GMT\"\r\n"
                      "Expires: Thu, 26 Jul 2012 10:34:42 GMT\r\n"),
              3600s);
}

Milliseconds refresh(Seconds granted, unsigned percent = 50, Seconds threshold = 0s) {
    ProxyAndRegistration page;
    page.re_registration_timing = percent;
    page.registration_time_threshold = threshold;
    return refresh_after(granted, page, TimerSettings{}, 1s);
}

TEST(RefreshAfter, IsTheConfiguredShareOfTheGrant) {
    EXPECT_EQ(refresh(3600s), 1800s);
    EXPECT_EQ(refresh(3600s, 75), 2700s);
    EXPECT_EQ(refresh(181s), 90'500ms);
}

TEST(RefreshAfter, IsTheThresholdBeforeTheEndWhenThatIsSmallerThanTheShare) {
    EXPECT_EQ(refresh(3600s, 50, 100s), 3500s);
    EXPECT_EQ(refresh(3600s, 50, 1799s), 1801s);
    EXPECT_EQ(refresh(3600s, 50, 1800s), 1800s);
    EXPECT_EQ(refresh(3600s, 50, 3000s), 1800s);
}

TEST(RefreshAfter, LeavesRoomForAWholeTransactionBeforeTheEnd) {
    // T31: a refresh that takes 32 s still ends before the binding does.
    for (int granted = 65; granted <= 4000; ++granted) {
        for (const unsigned percent : {50U, 75U, 100U}) {
            for (const Seconds threshold : {0s, 1s, 20s}) {
                EXPECT_LT(refresh(Seconds(granted), percent, threshold) + 32s, Seconds(granted))
                    << granted;
            }
        }
    }
}

TEST(RefreshAfter, IsBeforeTheEndAlsoOfShortGrantsAndNeverSoonerThanTheLeastInterval) {
    // T30
    EXPECT_EQ(refresh(1s), 1s);
    for (int granted = 2; granted <= 64; ++granted) {
        EXPECT_LT(refresh(Seconds(granted), 100, 1s), Seconds(granted)) << granted;
        EXPECT_GE(refresh(Seconds(granted), 100, 1s), 1s) << granted;
    }
}

}  // namespace
}  // namespace trunkline::sipstack
