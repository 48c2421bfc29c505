// Performance measurements: which there are, and their values now and over intervals.
#include "mgmt/rest/kpi_history.h"
#include "played_control.h"

#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using testing::Contains;
using testing::Not;

/// 2026-11-21 22:30:00 UTC: an interval begins.
constexpr std::chrono::system_clock::time_point quarter{1'795'300'200s};

json counts(int64_t attempts, int64_t registered) {
    return {{"ok", true}, {"attempts", attempts}, {"total", 4}, {"registered", registered}};
}

KpiNode tree(int64_t attempts, int64_t registered) {
    KpiFacts facts;
    facts.registrations = counts(attempts, registered);
    return kpi_tree(facts);
}

class Performance : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        if (request["command"] == "registration counts") {
            return counts(19, 1);
        }
        if (request["command"] == "show counters") {
            return {{"ok", true},
                    {"ports",
                     {{{"name", "GE_1"}, {"received_packets", 7}, {"sent_packets", 5}},
                      {{"name", "GE_2"}, {"received_packets", 8}}}}};
        }
        if (request["command"] == "configuration get") {
            return {{"ok", true}, {"configuration", {{{"name", "ITSP"}}, {{"name", "PBX"}}}}};
        }
        return {{"ok", true}};
    }
    json told(const std::string& name, const std::multimap<std::string, std::string>& query = {}) {
        const HttpResponse response = get("/api/v1/performanceMonitoring/" + name, query);
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body);
    }
    int status(const std::string& name, const std::multimap<std::string, std::string>& query = {}) {
        return get("/api/v1/performanceMonitoring/" + name, query).status;
    }
    static json values(int64_t value, int64_t least, int64_t most, int64_t average, int64_t volume,
                       int64_t total) {
        return {{"index", 0},          {"value", value},        {"min", least},
                {"max", most},         {"average", average},    {"volume", volume},
                {"total", total},      {"time_above_high", -1}, {"time_between_high_low", -1},
                {"time_below_low", -1}};
    }
};

TEST_F(Performance, ListsTheNamesOfWhatThereIsAFigureOf) {
    const json names = json::parse(get("/api/v1/performanceMonitoring").body)["items"];
    EXPECT_THAT(names, Contains("registerOutTotal"));
    EXPECT_THAT(names, Contains("rxPackets"));
    EXPECT_THAT(names, Not(Contains("rxErrors"))) << "-1 in the tree";
    EXPECT_EQ(status("rxErrors"), 404);
}

TEST_F(Performance, HasTheIndexesOfPortsAndOneOfWhatThereIsOneOf) {
    EXPECT_EQ(told("rxPackets"), (json{{"indexes", {0, 1}}}));
    EXPECT_EQ(told("txPackets"), (json{{"indexes", {0}}})) << "of GE_2 nothing is known";
    EXPECT_EQ(told("registerOutTotal"), (json{{"indexes", {0}}}));
    EXPECT_EQ(told("activeCallsTotal"), (json{{"indexes", {0}}})) << "IP groups have none";
    EXPECT_EQ(told("rxPackets", {{"index", "1"}})["value"], 8);
    EXPECT_EQ(told("rxPackets", {{"index", "1"}})["index"], 1);
}

TEST_F(Performance, WhatCountsHasItsTotalAndWhatItGrewBy) {
    kpi_history_.add(tree(1, 4), quarter);
    kpi_history_.add(tree(6, 4), quarter + 5min);
    kpi_history_.add(tree(8, 4), quarter + 15min);
    const json now = values(19, -1, -1, -1, 2, 8);
    EXPECT_EQ(told("registerOutTotal", {{"index", "0"}}), now);
    EXPECT_EQ(told("registerOutTotal", {{"index", "0"}, {"interval", "0"}}), now);
    EXPECT_EQ(told("registerOutTotal", {{"index", "0"}, {"interval", "1"}}),
              values(2, -1, -1, -1, 2, 8));
    EXPECT_EQ(told("registerOutTotal", {{"index", "0"}, {"interval", "2"}}),
              values(5, -1, -1, -1, 5, 6));
}

TEST_F(Performance, AllElseHasItsLeastItsMostAndItsAverage) {
    const std::string ratio = "sbcRegistrationSuccessRatio";
    for (const auto& [registered, when] : {std::pair(3, 0min), {1, 1min}, {2, 15min}, {4, 16min}}) {
        kpi_history_.add(tree(1, registered), quarter + when);
    }
    EXPECT_EQ(told(ratio, {{"index", "0"}}), values(25, 50, 100, 75, -1, -1));
    EXPECT_EQ(told(ratio, {{"index", "0"}, {"interval", "1"}}), values(75, 50, 100, 75, -1, -1));
    EXPECT_EQ(told(ratio, {{"index", "0"}, {"interval", "2"}}), values(50, 25, 75, 50, -1, -1));
}

TEST_F(Performance, AnIntervalThatNobodyHasSeenHasNoValues) {
    EXPECT_EQ(told("registerOutTotal", {{"index", "0"}}), values(19, -1, -1, -1, -1, -1));
    for (const char* const interval : {"1", "2"}) {
        EXPECT_EQ(told("registerOutTotal", {{"index", "0"}, {"interval", interval}}),
                  values(-1, -1, -1, -1, -1, -1));
    }
}

TEST_F(Performance, WhatIsNotThereIsTold) {
    EXPECT_EQ(status("nonsense"), 404);
    for (const char* const index : {"2", "-1", "x", "", "0x0"}) {
        EXPECT_EQ(status("rxPackets", {{"index", index}}), 404) << index;
    }
    for (const char* const interval : {"3", "-1", "now"}) {
        EXPECT_EQ(status("rxPackets", {{"index", "0"}, {"interval", interval}}), 400) << interval;
    }
}

}  // namespace
}  // namespace trunkline::mgmt
