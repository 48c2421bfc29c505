// Intervals of KPIs, and how they are told.
#include "mgmt/rest/kpi_history.h"

#include "mgmt/rest/kpi_looks.h"
#include "played_control.h"

#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

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

const std::string attempts_path = "sbc/otherStats/global/registerOutTotal";
const std::string ratio_path = "sbc/otherStats/global/sbcRegistrationSuccessRatio";

TEST(KpiHistory, AnIntervalHasAveragesAndWhatCountsGrewBy) {
    KpiHistory history;
    history.add(tree(100, 4), quarter);
    history.add(tree(110, 2), quarter + 14min);
    EXPECT_TRUE(history.intervals().empty()) << "it is not over";
    history.add(tree(115, 4), quarter + 15min);
    history.add(tree(130, 4), quarter + 20min);
    history.add(tree(130, 4), quarter + 31min);
    const auto told = history.intervals();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].start, quarter);
    EXPECT_EQ(told[0].end, quarter + 15min);
    EXPECT_EQ(history.find(1)->values.at(attempts_path), 10);
    EXPECT_EQ(history.find(1)->values.at(ratio_path), 75);
    EXPECT_EQ(history.find(2)->values.at(attempts_path), 20) << "from where the first one ended";
    EXPECT_EQ(history.find(2)->values.at(ratio_path), 100);
    EXPECT_EQ(history.find(3), std::nullopt);
}

TEST(KpiHistory, WhatThereIsNoValueOfHasNone) {
    KpiHistory history;
    history.add(tree(1, 1), quarter);
    history.add(tree(1, 1), quarter + 15min);
    const KpiValues values = history.find(1)->values;
    EXPECT_FALSE(values.contains("media/coderStats/g711Legs"));
    EXPECT_EQ(values.at("sbc/callStats/global/activeCallsTotal"), 0);
}

TEST(KpiHistory, NobodyLookedIsNoInterval) {
    KpiHistory history;
    history.add(tree(1, 4), quarter);
    history.add(tree(5, 4), quarter + 60min);
    history.add(tree(7, 4), quarter + 75min);
    ASSERT_EQ(history.intervals().size(), 2U);
    EXPECT_EQ(history.intervals()[1].start, quarter + 60min);
}

TEST(KpiHistory, KeepsTheLastIntervalsAndOfEachSoManyKpisAlone) {
    KpiHistory history;
    KpiNode wide{"current", "", -1, {}};
    for (std::size_t i = 0; i < KpiHistory::most_values + 1; ++i) {
        wide.below.push_back({std::to_string(i), "", 7});
    }
    for (std::size_t i = 0; i < KpiHistory::most_intervals + 2; ++i) {
        history.add(wide, quarter + i * 15min);
    }
    const auto told = history.intervals();
    EXPECT_EQ(told.size(), KpiHistory::most_intervals);
    EXPECT_EQ(told.front().id, 2U);
    EXPECT_EQ(history.find(1), std::nullopt);
    EXPECT_EQ(history.find(2)->values.size(), KpiHistory::most_values);
}

class KpiHistoryRoutes : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        return request["command"] == "registration counts" ? counts(9, 4) : json{{"ok", true}};
    }
    json told(const std::string& path, const std::string& interval) {
        const HttpResponse response =
            get("/api/v1/kpi/history/" + path,
                interval.empty() ? std::multimap<std::string, std::string>{}
                                 : std::multimap<std::string, std::string>{{"interval", interval}});
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body);
    }
    void make_two_intervals() {
        kpi_history_.add(tree(1, 4), quarter);
        kpi_history_.add(tree(6, 4), quarter + 5min);
        kpi_history_.add(tree(8, 4), quarter + 15min);
        kpi_history_.add(tree(8, 4), quarter + 30min);
    }
};

TEST_F(KpiHistoryRoutes, TellOfIntervalsAndTheirValuesByTheirIds) {
    make_two_intervals();
    const json intervals = json::parse(get("/api/v1/kpi/interval").body)["intervals"];
    EXPECT_EQ(
        intervals,
        (json{{{"id", "1"}, {"start", "2026-11-21T22:30:00Z"}, {"end", "2026-11-21T22:45:00Z"}},
              {{"id", "2"}, {"start", "2026-11-21T22:45:00Z"}, {"end", "2026-11-21T23:00:00Z"}}}));
    const json first = told(attempts_path, "1");
    EXPECT_EQ(first["value"], 5);
    EXPECT_EQ(first["intervals"], json::array({intervals[0]}));
    EXPECT_EQ(first["url"], "/api/v1/kpi/history/" + attempts_path);
    EXPECT_EQ(told(attempts_path, "")["value"], 2) << "the last one";
    EXPECT_EQ(told("media/coderStats/g711Legs", "1")["value"], -1);
    EXPECT_FALSE(told("sbc/otherStats", "1")["items"][0].contains("value"));
}

TEST_F(KpiHistoryRoutes, IntervalsHaveTheValuesOfKpisThatAreNamed) {
    make_two_intervals();
    const auto values_of = [this](const std::string& kpis) {
        const HttpResponse response = get("/api/v1/kpi/interval", {{"kpi", kpis}});
        EXPECT_EQ(response.status, 200) << response.body;
        const json body = json::parse(response.body);
        json values = json::array();
        for (const json& interval : body["intervals"]) {
            values.push_back(interval["values"]);
        }
        return values;
    };
    EXPECT_EQ(
        values_of(attempts_path + "," + ratio_path),
        (json{{{attempts_path, 5}, {ratio_path, 100}}, {{attempts_path, 2}, {ratio_path, 100}}}));
    EXPECT_EQ(values_of("sbc/nonsense"), json::array({json::object(), json::object()}));
    std::string too_many = "a";
    for (int i = 0; i < 64; ++i) {
        too_many += ",a";
    }
    EXPECT_EQ(get("/api/v1/kpi/interval", {{"kpi", too_many}}).status, 400);
}

TEST_F(KpiHistoryRoutes, AnIntervalThatIsNotThereIsEmptyAndAKpiThatIsNotThereIsNone) {
    make_two_intervals();
    for (const char* const id : {"3", "0", "x", "-1"}) {
        EXPECT_EQ(told("sbc/otherStats/global", id),
                  (json{{"intervals", json::array()}, {"items", json::array()}}));
    }
    EXPECT_EQ(get("/api/v1/kpi/history/sbc/nonsense").status, 404);
}

TEST(KpiLooks, MakeTheTreeOfWhatTheApplianceAnswersAndOfNothingElse) {
    CommandTable commands;
    bool answers = true;
    const auto add = [&](const char* name, const json& reply) {
        commands.add(name, AccessLevel::monitor,
                     [&answers, reply](const json&, const Caller&, const Reply& to) {
                         to(answers ? reply : refusal("not now"));
                     });
    };
    add("registration counts", counts(9, 4));
    add("system status", {{"ok", true}, {"memory_percent", 12.5}});
    add("show counters", {{"ok", true}});
    board::EventLoop loop;
    const auto history = std::make_shared<KpiHistory>();
    const KpiLooks looks(loop, commands, history);
    history->add(tree(9, 4), std::chrono::system_clock::now() + 15min);
    ASSERT_EQ(history->intervals().size(), 1U);
    EXPECT_EQ(history->find(1)->values.at("system/systemStats/memoryUtilization"), 12);
    answers = false;
    look_at_kpis(commands, history);
    EXPECT_EQ(history->intervals().size(), 1U) << "what was not answered is no look";
}

}  // namespace
}  // namespace trunkline::mgmt
