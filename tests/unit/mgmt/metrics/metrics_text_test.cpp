#include "mgmt/metrics/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <thread>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

MetricFacts facts() {
    return {
        .system = {{"ok", true},
                   {"hostname", "sbc1"},
                   {"model", "mediant-ve"},
                   {"version", "1.2"},
                   {"cpu_percent", 25.0},
                   {"memory_percent", 50}},
        .counters = {{"ok", true},
                     {"ports",
                      {{{"name", "GE_1"},
                        {"link_up", true},
                        {"speed_mbps", 1000},
                        {"received_packets", 7},
                        {"device_drops", 2}}}},
                     {"shards", {{{"received", 5}}, {{"received", 6}, {"timeouts", 1}}}},
                     {"nodes", {{{"name", "rx"}, {"objects", 9}}}},
                     {"sip_interfaces", {{{"name", "Trunk"}, {"received", 8}, {"sent", 9}}}},
                     {"durations",
                      {{"latency",
                        {{"ends_ms", {5, 1000}}, {"counts", {3, 2, 1}}, {"sum_ms", 2500}}},
                       {"recovery", {{"ends_ms", {1000}}, {"counts", {0, 0}}, {"sum_ms", 0}}}}},
                     {"counters", {{"ip4.bad_header", 3}}}},
        .registrations =
            {{"ok", true}, {"total", 5}, {"registered", 3}, {"failed", 1}, {"attempts", 8}},
        .proxy_sets =
            {{"ok", true},
             {"proxy_sets",
              {{{"name", "ITSP"},
                {"online", true},
                {"servers",
                 {{{"address", "192.0.2.1:5060"},
                   {"transport", "udp"},
                   {"online", true},
                   {"active", true},
                   {"requests", 12}},
                  {{"address", "192.0.2.2:5060"}, {"transport", "udp"}, {"online", false}}}}}}}},
        .groups = {{"ok", true},
                   {"groups",
                    {{{"name", "GROUP_1"},
                      {"up", true},
                      {"switch_overs", 3},
                      {"members",
                       {{{"port", "GE_1"}, {"link_up", false}, {"sends", false}},
                        {{"port", "GE_2"}, {"link_up", true}, {"sends", true}}}}}}}},
        .alarms = {{"ok", true}, {"alarms", {{{"severity", "major"}}, {{"severity", "major"}}}}},
        .capture = {{"ok", true},
                    {"running", true},
                    {"seen", 40},
                    {"dropped", 3},
                    {"trace_dropped", 2},
                    {"hep_sent", 30},
                    {"hep_dropped", 4}},
        .process = {.thread_cpu_seconds = {{"shard-0", 1.5}}, .cpu_seconds = 2.5}};
}

TEST(MetricsText, HasAnAppliancesNumbersWithTheirUnits) {
    const std::string text = metrics_text(facts());
    for (const char* const line :
         {"trunkline_info{hostname=\"sbc1\",model=\"mediant-ve\",version=\"1.2\"} 1\n",
          "trunkline_cpu_ratio 0.25\n",
          "trunkline_memory_ratio 0.5\n",
          "trunkline_port_speed_bytes_per_second{port=\"GE_1\"} 125000000\n",
          "trunkline_port_received_packets_total{port=\"GE_1\"} 7\n",
          "trunkline_port_dropped_packets_total{port=\"GE_1\"} 2\n",
          "trunkline_capture_running 1\n",
          "trunkline_capture_messages_total 40\n",
          "trunkline_capture_dropped_total{where=\"shard\"} 3\n",
          "trunkline_capture_hep_sent_total 30\n",
          "trunkline_capture_dropped_total{where=\"hep\"} 4\n",
          "trunkline_capture_dropped_total{where=\"trace\"} 2\n",
          "trunkline_sip_messages_received_total{shard=\"0\"} 5\n",
          "trunkline_sip_messages_received_total{shard=\"1\"} 6\n",
          "trunkline_sip_timeouts_total{shard=\"1\"} 1\n",
          "trunkline_sip_interface_received_total{sip_interface=\"Trunk\"} 8\n",
          "trunkline_sip_interface_sent_total{sip_interface=\"Trunk\"} 9\n",
          "trunkline_registration_duration_seconds_bucket{le=\"0.005\"} 3\n",
          "trunkline_registration_duration_seconds_bucket{le=\"1\"} 5\n",
          "trunkline_registration_duration_seconds_bucket{le=\"+Inf\"} 6\n",
          "trunkline_registration_duration_seconds_sum 2.5\n",
          "trunkline_registration_duration_seconds_count 6\n",
          "trunkline_registration_recovery_seconds_count 0\n",
          "trunkline_graph_node_packets_total{node=\"rx\"} 9\n",
          "trunkline_dataplane_events_total{event=\"ip4.bad_header\"} 3\n",
          "trunkline_registrations{state=\"registered\"} 3\n",
          "trunkline_registrations{state=\"failed\"} 1\n",
          "trunkline_registrations{state=\"other\"} 1\n",
          "trunkline_registration_attempts_total 8\n",
          "trunkline_proxy_set_online{proxy_set=\"ITSP\"} 1\n",
          "trunkline_proxy_server_online{proxy_set=\"ITSP\",server=\"192.0.2.2:5060\","
          "transport=\"udp\"} 0\n",
          "trunkline_proxy_server_requests_total{proxy_set=\"ITSP\",server=\"192.0.2.1:5060\","
          "transport=\"udp\"} 12\n",
          "trunkline_port_enabled{port=\"GE_1\"} 1\n",
          "trunkline_ethernet_group_up{group=\"GROUP_1\"} 1\n",
          "trunkline_ethernet_group_switch_overs_total{group=\"GROUP_1\"} 3\n",
          "trunkline_ethernet_group_member_link_up{group=\"GROUP_1\",port=\"GE_1\"} 0\n",
          "trunkline_ethernet_group_member_active{group=\"GROUP_1\",port=\"GE_2\"} 1\n",
          "trunkline_alarms_active{severity=\"major\"} 2\n",
          "trunkline_alarms_active{severity=\"critical\"} 0\n",
          "trunkline_thread_cpu_seconds_total{thread=\"shard-0\"} 1.5\n",
          "process_cpu_seconds_total 2.5\n"}) {
        EXPECT_THAT(text, HasSubstr(line));
    }
}

TEST(MetricsText, WhatIsNotKnownIsLeftOutAndNotZero) {
    MetricFacts nothing;
    for (json* const reply : {&nothing.system, &nothing.counters, &nothing.registrations,
                              &nothing.proxy_sets, &nothing.groups, &nothing.alarms}) {
        *reply = {{"ok", false}, {"error", "the appliance is starting"}};
    }
    const std::string text = metrics_text(nothing);
    for (const char* const name :
         {"trunkline_info", "trunkline_registrations", "trunkline_alarms_active",
          "trunkline_port_link_up", "trunkline_ethernet_group_up"}) {
        EXPECT_THAT(text, Not(HasSubstr(name)));
    }
    EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes"));
}

TEST(MetricsText, ANameCannotEndItsLabel) {
    MetricFacts hostile = facts();
    hostile.proxy_sets["proxy_sets"][0]["name"] = "a\"b\\c\nd";
    EXPECT_THAT(metrics_text(hostile), HasSubstr("proxy_set=\"a\\\"b\\\\c\\nd\""));
}

TEST(ProcessTimesTest, TellsOfThisProcessAndItsThreads) {
    std::jthread spinning([](const std::stop_token& stop) {
        pthread_setname_np(pthread_self(), "spin (a) thread");
        while (!stop.stop_requested()) {
        }
    });
    ProcessTimes times;
    do {
        times = process_times();
    } while (times.thread_cpu_seconds["spin (a) thread"] == 0);
    EXPECT_GE(times.cpu_seconds, times.thread_cpu_seconds["spin (a) thread"]);
    EXPECT_GT(times.resident_bytes, 100'000u);
    EXPECT_GE(times.open_descriptors, 3u);
    EXPECT_NEAR(times.started_at, static_cast<double>(std::time(nullptr)), 3600);
}

}  // namespace
}  // namespace trunkline::mgmt
