#include "mgmt/proxy_set_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<sipstack::ProxySetStatus> sets() {
    sipstack::ProxySetStatus itsp;
    itsp.name = "ITSP";
    itsp.online = true;
    itsp.redundancy_mode = sipstack::RedundancyMode::homing;
    itsp.keep_alive = sipstack::KeepAlive::using_options;
    sipstack::ProxyServerStatus first;
    first.target = {{dataplane::IpAddress::v4(0xc0000201), 5060},
                    sipstack::Transport::tcp,
                    1,
                    5,
                    "sip.example"};
    first.online = false;
    first.failures = 3;
    first.aside_for = std::chrono::seconds(90);
    sipstack::ProxyServerStatus second = first;
    second.target.endpoint.port = 5070;
    second.online = true;
    second.active = true;
    second.aside_for.reset();
    itsp.servers = {first, second};
    sipstack::ProxySetStatus lost;
    lost.name = "lost";
    return {itsp, lost};
}

sipstack::ProxyTargetsStatus names() {
    sipstack::ProxyTargetsStatus status;
    status.rows.resize(2);
    status.rows[0].proxy_set_index = 0;
    status.rows[0].configured = "sip.example";
    status.rows[0].resolved_by = "SRV _sip._tcp.sip.example";
    status.rows[0].age = sipstack::Seconds(7);
    status.rows[1].proxy_set_index = 1;
    status.rows[1].configured = "lost.example";
    status.rows[1].failure = "A lost.example: no such name";
    return status;
}

TEST(ProxySetView, JsonHasServersAndNames) {
    const json rows = proxy_set_rows(sets(), names());
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]["redundancy_mode"], "homing");
    EXPECT_EQ(rows[0]["keep_alive"], "using_options");
    EXPECT_EQ(rows[0]["servers"][0]["address"], "192.0.2.1:5060");
    EXPECT_EQ(rows[0]["servers"][0]["aside_for"], 90);
    EXPECT_EQ(rows[0]["servers"][1]["aside_for"], nullptr);
    EXPECT_EQ(rows[0]["servers"][1]["active"], true);
    EXPECT_EQ(rows[0]["names"][0]["resolved_by"], "SRV _sip._tcp.sip.example");
    EXPECT_EQ(rows[0]["names"][0]["age"], 7);
    EXPECT_EQ(rows[1]["names"][0]["failure"], "A lost.example: no such name");
}

TEST(ProxySetView, TableShowsStateAndTrouble) {
    const std::string table = proxy_set_table(proxy_set_rows(sets(), names()), false);
    EXPECT_THAT(table, HasSubstr("OFFLINE"));
    EXPECT_THAT(table, HasSubstr("ONLINE, active"));
    EXPECT_THAT(table, HasSubstr("NOT RESOLVED"));
    EXPECT_THAT(table, HasSubstr("lost: lost.example: A lost.example: no such name\n"));
    EXPECT_THAT(table, Not(HasSubstr("\x1b")));
}

TEST(ProxySetView, TableOutlivesAnAnswerThatIsNone) {
    EXPECT_THAT(proxy_set_table(json::parse(R"([{"servers": 3}, 7, {"name": []}])"), false),
                HasSubstr("PROXY SET"));
}

}  // namespace
}  // namespace trunkline::mgmt
