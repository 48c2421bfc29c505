// Pages of registrations, as they are asked of the control thread and told to the client.
#include "played_control.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

/// Five registrations, of which the second and the fourth have failed.
class RegistrationPages : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        if (refuses) {
            return {{"ok", false}, {"error", "no"}};
        }
        json fitting = json::array();
        for (const std::string name : {"a", "b", "c", "d", "e"}) {
            const std::string state = name == "b" || name == "d" ? "FAILED" : "REGISTERED";
            if (request.value("state", state) == state && request.value("name", name) == name &&
                request.value("text", name) == name) {
                fitting.push_back(
                    {{"name", name}, {"state", state}, {"registered", state == "REGISTERED"}});
            }
        }
        const auto begin = std::min(request.value("offset", std::size_t{0}), fitting.size());
        const auto end =
            std::min(begin + request.value("limit", std::size_t{1000}), fitting.size());
        const auto registered = std::ranges::count_if(
            fitting, [](const json& row) { return row["registered"] == true; });
        return {{"ok", true},
                {"registrations", json(fitting.begin() + static_cast<std::ptrdiff_t>(begin),
                                       fitting.begin() + static_cast<std::ptrdiff_t>(end))},
                {"total", fitting.size()},
                {"registered", registered}};
    }
    json page(const std::multimap<std::string, std::string>& query) {
        const HttpResponse response = get("/api/v1/registrations", query);
        EXPECT_EQ(response.status, 200) << response.body;
        return json::parse(response.body);
    }
    static std::string names(const json& page) {
        std::string all;
        for (const json& row : page["registrations"]) {
            all += row["name"];
        }
        return all;
    }
    bool refuses = false;
};

TEST_F(RegistrationPages, TheControlThreadIsAskedForTheRowsOfThePageAlone) {
    const json told = page({{"limit", "2"}, {"after", "2"}});
    EXPECT_EQ(requests,
              (std::vector<json>{{{"command", "show registration"}, {"offset", 2}, {"limit", 2}}}));
    EXPECT_EQ(names(told), "cd");
    EXPECT_EQ(told["cursor"]["after"], "4");
}

TEST_F(RegistrationPages, TheCursorLeadsToTheEnd) {
    std::string all, after = "0";
    for (int pages = 0; after != "-1" && pages < 5; ++pages) {
        const json told = page({{"limit", "2"}, {"after", after}});
        all += names(told);
        after = told["cursor"]["after"];
    }
    EXPECT_EQ(all, "abcde");
    EXPECT_EQ(after, "-1");
    EXPECT_EQ(page({{"limit", "5"}})["cursor"]["after"], "-1");
    EXPECT_EQ(page({{"after", "9"}})["cursor"]["after"], "-1");
}

TEST_F(RegistrationPages, ThoseThatMatchAreCountedBesideAll) {
    const json told = page({{"state", "failed"}, {"limit", "1"}});
    EXPECT_EQ(names(told), "b");
    EXPECT_EQ(told["cursor"]["after"], "1");
    EXPECT_EQ(told["matching"], 2);
    EXPECT_EQ(told["total"], 5);
    EXPECT_EQ(told["registered"], 3);
    EXPECT_EQ(requests.back(), (json{{"command", "show registration"}, {"limit", 0}}));
    EXPECT_EQ(names(page({{"state", "failed"}, {"limit", "1"}, {"after", "1"}})), "d");
    EXPECT_EQ(page({{"search", "c"}})["matching"], 1);
}

TEST_F(RegistrationPages, TheOrderIsOfAllOfThemAndNotOfThePage) {
    page({{"sort", "consecutive_failures"}, {"order", "desc"}, {"limit", "2"}});
    EXPECT_EQ(requests, (std::vector<json>{{{"command", "show registration"},
                                            {"sort", "consecutive_failures"},
                                            {"order", "desc"},
                                            {"offset", 0},
                                            {"limit", 2}}}));
}

TEST_F(RegistrationPages, AnUnknownParameterIsRefused) {
    const HttpResponse refused = get("/api/v1/registrations", {{"sorted", "name"}});
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.body, ::testing::HasSubstr("'sorted'"));
    EXPECT_TRUE(requests.empty());
}

TEST_F(RegistrationPages, OneIsAskedForByItsName) {
    EXPECT_EQ(json::parse(get("/api/v1/registrations/d").body)["state"], "FAILED");
    EXPECT_EQ(requests,
              (std::vector<json>{{{"command", "show registration"}, {"name", "d"}, {"limit", 1}}}));
    EXPECT_EQ(get("/api/v1/registrations/x").status, 404);
}

TEST_F(RegistrationPages, WhatIsRefusedIsNoEmptyPage) {
    refuses = true;
    EXPECT_EQ(get("/api/v1/registrations").status, 400);
    EXPECT_EQ(get("/api/v1/registrations/d").status, 400);
}

}  // namespace
}  // namespace trunkline::mgmt
