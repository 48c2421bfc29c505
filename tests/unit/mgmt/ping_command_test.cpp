#include "mgmt/ping_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class PingCommandTest : public testing::Test {
protected:
    json ping(const std::string& host) {
        std::optional<json> answer;
        CommandTable table;
        PingCommand command(loop_, std::chrono::milliseconds(200));
        command.add_to(table);
        table.answer({{"command", "ping"}, {"host", host}}, {"test", AccessLevel::monitor},
                     [&](const json& reply) { answer = reply; });
        for (int turn = 0; turn < 1000 && !answer; ++turn) {
            loop_.run_once(std::chrono::milliseconds(10));
        }
        return answer.value_or(json::object());
    }

    board::EventLoop loop_;
};

TEST_F(PingCommandTest, TellsHowLongAnEchoTook) {
    for (const std::string host : {"127.0.0.1", "::1"}) {
        const json answer = ping(host);
        ASSERT_TRUE(answer.value("ok", false)) << answer;
        if (answer.contains("reason") && host == "::1") {
            continue;  // a machine without IPv6
        }
        EXPECT_EQ(answer.at("from"), host);
        EXPECT_GE(answer.at("round_trip_ms").get<double>(), 0);
    }
}

TEST_F(PingCommandTest, RefusesWhatIsNoAddress) {
    for (const char* host : {"", "nowhere.example", "224.0.0.1", "1.2.3"}) {
        EXPECT_THAT(ping(host).at("error"), HasSubstr("allowed: an IP address")) << host;
    }
}

TEST_F(PingCommandTest, EndsWhatWaitsWhenTheApplianceStops) {
    std::optional<json> answer;
    CommandTable table;
    {
        PingCommand command(loop_, std::chrono::hours(1));
        command.add_to(table);
        table.answer({{"command", "ping"}, {"host", "127.0.0.1"}}, {"test", AccessLevel::monitor},
                     [&](const json& reply) { answer = reply; });
    }
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->value("error", ""), "the appliance stops");
}

}  // namespace
}  // namespace trunkline::mgmt
