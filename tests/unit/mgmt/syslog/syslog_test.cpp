#include "mgmt/syslog/syslog.h"

#include "mgmt/log.h"
#include "tests/unit/mgmt/delivery/played_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

namespace trunkline::mgmt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class SyslogTest : public testing::Test {
protected:
    SyslogTest() {
        ApplianceConfig config;
        config.administration.syslog = {.enabled = true,
                                        .server = server_.address().address.address,
                                        .port = server_.address().address.port};
        syslog_.apply(config);
    }

    const PlayedServer server_{DeliveryProtocol::udp};
    Syslog syslog_{make_log("info", std::make_shared<spdlog::sinks::null_sink_mt>())};
};

TEST_F(SyslogTest, ASipMessageFollowsItsTitle) {
    syslog_.tell_sip_message("---- title ----", 901, "REGISTER\r\nVia\r\n", {});
    EXPECT_EQ(server_.receive(),
              "<133>[S=1] [SID=000000:1:901]  (N 1) ---- title ---- "
              "[Time:01-01@00:00:00.000]\nREGISTER\r\nVia\r\n");
}

TEST_F(SyslogTest, WhatAMessageDoesNotHoldGoesOnInTheNext) {
    const std::string head(7168, 'h'), tail(100, 't');
    syslog_.tell_sip_message("---- title ----", 901, head + tail, {});
    const std::string first = server_.receive(), second = server_.receive();
    EXPECT_THAT(first, StartsWith("<133>[S=1] [SID=000000:1:901]  (N 1) ---- title ----"));
    EXPECT_TRUE(first.ends_with("]\n" + head));
    EXPECT_THAT(second, StartsWith("<133>[S=2] [SID=000000:1:901]  (N 2) (continued) [Time:"));
    EXPECT_TRUE(second.ends_with("]\n" + tail));
}

TEST_F(SyslogTest, AnEmptyMessageIsToldOnce) {
    syslog_.tell_sip_message("---- title ----", 1, "", {});
    syslog_.tell_sip_message("---- another ----", 1, "", {});
    EXPECT_THAT(server_.receive(), HasSubstr("title"));
    EXPECT_THAT(server_.receive(), HasSubstr("another"));
}

TEST_F(SyslogTest, AnAlarmIsNotCounted) {
    syslog_.tell_sip_message("---- title ----", 1, "", {});
    syslog_.tell({.id = 3,
                  .name = "acBoardOverloadAlarm",
                  .source = "System#0",
                  .description = "overload",
                  .severity = AlarmSeverity::major,
                  .when = {}});
    syslog_.tell_sip_message("---- another ----", 1, "", {});
    EXPECT_THAT(server_.receive(), HasSubstr("  (N 1) ---- title"));
    EXPECT_THAT(server_.receive(),
                StartsWith("<132>[S=2] [BID=000000:1]  RAISE-ALARM:acBoardOverloadAlarm; "));
    EXPECT_THAT(server_.receive(), HasSubstr("  (N 2) ---- another"));
}

}  // namespace
}  // namespace trunkline::mgmt
