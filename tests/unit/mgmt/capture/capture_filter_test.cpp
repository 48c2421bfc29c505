#include "mgmt/capture/capture_filter.h"

#include "tests/unit/mgmt/capture/captured.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::HasSubstr;

bool passes(const json& fields, const sipstack::TappedMessage& message = sent_message()) {
    const auto filter = read_capture_filter(fields);
    EXPECT_TRUE(filter.has_value()) << fields << ": " << filter.error();
    return filter && filter->matches(captured(message));
}

std::string error_of(const json& fields) {
    const auto filter = read_capture_filter(fields);
    EXPECT_FALSE(filter.has_value()) << fields;
    return filter ? "" : filter.error();
}

TEST(CaptureFilterTest, WithoutAFieldAllPasses) {
    EXPECT_TRUE(passes(json::object()));
    EXPECT_TRUE(passes({{"host", ""}, {"method", ""}, {"command", "capture start"}}));
    EXPECT_TRUE(passes(json::object(), sent_message("no SIP")));
}

TEST(CaptureFilterTest, TheHostIsThePeers) {
    EXPECT_TRUE(passes({{"host", "192.0.2.1"}}));
    EXPECT_TRUE(passes({{"host", "192.0.2.0/29"}}));
    EXPECT_FALSE(passes({{"host", "192.0.2.10"}})) << "our own";
    EXPECT_FALSE(passes({{"host", "2001:db8::1"}}));
}

TEST(CaptureFilterTest, ThePortIsOfEitherSide) {
    EXPECT_TRUE(passes({{"port", "5070"}}));
    EXPECT_TRUE(passes({{"port", 5060}}));
    EXPECT_FALSE(passes({{"port", "5061"}}));
}

TEST(CaptureFilterTest, AResponseHasTheMethodOfItsRequest) {
    EXPECT_TRUE(passes({{"method", "REGISTER"}}));
    EXPECT_FALSE(passes({{"method", "OPTIONS"}}));
    std::string response = captured_register;
    response.replace(0, response.find('\r'), "SIP/2.0 401 Unauthorized");
    EXPECT_TRUE(passes({{"method", "REGISTER"}}, sent_message(response)));
    EXPECT_FALSE(passes({{"method", "OPTIONS"}}, sent_message(response)));
    EXPECT_FALSE(passes({{"method", "REGISTER"}}, sent_message("no SIP")));
}

TEST(CaptureFilterTest, TheCallIdIsWholeAndTheUserAPart) {
    EXPECT_TRUE(passes({{"call_id", "one@192.0.2.10"}}));
    EXPECT_FALSE(passes({{"call_id", "one"}}));
    EXPECT_TRUE(passes({{"user", "office"}}));
    EXPECT_FALSE(passes({{"user", "home"}}));
    EXPECT_FALSE(passes({{"user", "tag"}})) << "tags are made by chance";
    std::string bare = captured_register;
    bare.replace(bare.find("<sip:office@lab.example>;tag"), 28, "sip:office@lab.example;tag");
    EXPECT_TRUE(passes({{"user", "office@lab"}}, sent_message(bare)));
    EXPECT_FALSE(passes({{"user", "tag"}}, sent_message(bare)));
}

TEST(CaptureFilterTest, AllThatIsGivenHasToFit) {
    EXPECT_TRUE(passes({{"host", "192.0.2.1"}, {"method", "REGISTER"}, {"user", "office"}}));
    EXPECT_FALSE(passes({{"host", "192.0.2.1"}, {"method", "REGISTER"}, {"user", "home"}}));
}

TEST(CaptureFilterTest, WhatIsWrongIsNamed) {
    EXPECT_THAT(error_of({{"host", "registrar"}}), HasSubstr("host: found 'registrar'"));
    EXPECT_THAT(error_of({{"host", "192.0.2.0/33"}}), HasSubstr("host: "));
    EXPECT_THAT(error_of({{"port", "0"}}), HasSubstr("port: found '0'; allowed: 1 to 65535"));
    EXPECT_THAT(error_of({{"port", "65536"}}), HasSubstr("port: "));
    EXPECT_THAT(error_of({{"port", "5060x"}}), HasSubstr("port: "));
    EXPECT_THAT(error_of({{"method", "NO TIFY"}}), HasSubstr("method: "));
    EXPECT_THAT(error_of({{"user", std::string(256, 'x')}}), HasSubstr("user: "));
}

TEST(CaptureFilterTest, SaysWhatItLetsThrough) {
    EXPECT_EQ(CaptureFilter{}.to_string(), "all");
    EXPECT_EQ(read_capture_filter({{"host", "192.0.2.1"},
                                   {"port", 5060},
                                   {"method", "REGISTER"},
                                   {"call_id", "one"},
                                   {"user", "office"}})
                  ->to_string(),
              "host 192.0.2.1 port 5060 method REGISTER call-id one user office");
    EXPECT_EQ(read_capture_filter({{"host", "192.0.2.0/24"}})->to_string(), "host 192.0.2.0/24");
}

}  // namespace
}  // namespace trunkline::mgmt
