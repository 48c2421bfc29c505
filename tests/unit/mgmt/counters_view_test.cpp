#include "mgmt/counters_view.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

TEST(CountersView, ShowsATableForEachKind) {
    const json reply = json::parse(R"({"ok": true,
        "ports": [{"name": "GE_1", "driver": "net_af_packet", "link_up": true, "speed_mbps": 1000,
                   "received_packets": 7, "sent_packets": 8, "device_drops": 1},
                  {"name": "GE_2", "link_up": false, "source": "injected"}],
        "nodes": [{"name": "rx", "calls": 10, "objects": 4, "cycles": 402}],
        "counters": {"ip4.bad_checksum": 3},
        "shards": [{"received": 5}]})");
    EXPECT_EQ(counters_table(reply),
              "PORT  DRIVER         LINK                   SPEED  RECEIVED  SENT  DROPPED\n"
              "GE_1  net_af_packet  up               1000 Mbit/s         7     8        1\n"
              "GE_2  -              down (injected)            -         0     0        0\n"
              "\n"
              "NODE  CALLS  PACKETS  CYCLES A PACKET\n"
              "rx       10        4              100\n"
              "\n"
              "COUNTER            VALUE\n"
              "ip4.bad_checksum       3\n"
              "shard 0: received      5\n");
}

TEST(CountersView, WhatIsMissingOrOfAnotherTypeReadsAsNothing) {
    EXPECT_EQ(counters_table(json::object()), "");
    EXPECT_EQ(counters_table(json::parse(R"({"nodes": 3, "counters": [1], "shards": {"a": 1}})")),
              "");
    EXPECT_EQ(counters_table(json::parse(R"({"nodes": [{}]})")),
              "NODE  CALLS  PACKETS  CYCLES A PACKET\n"
              "-         0        0                -\n");
}

}  // namespace
}  // namespace trunkline::mgmt
