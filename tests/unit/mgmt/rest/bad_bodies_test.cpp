// Bodies and queries that are no answer to what a route asks for: a 400, and nothing is done.
#include "played_control.h"

#include <gmock/gmock.h>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class BadBodies : public PlayedControl {
protected:
    json reply_to(const json& /*request*/) override {
        return {{"ok", true}, {"revision", 1}, {"configuration", json::object()}};
    }
    HttpResponse send(const std::string& method, const std::string& path, const std::string& body,
                      const std::multimap<std::string, std::string>& query = {}) {
        HttpRequest request;
        request.method = method;
        request.path = "/api/v1/" + path;
        request.body = body;
        request.query = query;
        return answer(request);
    }
    /// What was asked for beyond a look.
    std::size_t changes() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            requests, [](const json& asked) { return asked["command"] != "configuration get"; }));
    }
    const std::string proxy_set = "config/signaling_and_media/proxy_sets/0";
};

TEST_F(BadBodies, ANumberThatNoDoubleHoldsIsToldAsSuch) {
    for (const auto& [method, path, body] :
         {std::tuple("PATCH", proxy_set.c_str(), R"({"keep_alive_time":1e400})"),
          std::tuple("POST", "actions/reset", R"({"gracefulTimeout":1e999})"),
          std::tuple("POST", "files/create/debugFile", "[1e999]")}) {
        const HttpResponse response = send(method, path, body);
        EXPECT_EQ(response.status, 400) << path;
        EXPECT_THAT(response.body, HasSubstr("1e")) << path;
    }
    EXPECT_EQ(changes(), 0U);
}

TEST_F(BadBodies, APreviewThatIsMisspeltChangesNothing) {
    for (const char* const value : {"yes", "", "True"}) {
        const HttpResponse response =
            send("PATCH", proxy_set, R"({"keep_alive_time":60})", {{"preview", value}});
        EXPECT_EQ(response.status, 400) << value;
        EXPECT_THAT(response.body, HasSubstr("allowed: true, false")) << value;
    }
    EXPECT_EQ(changes(), 0U);
    EXPECT_EQ(send("PATCH", proxy_set, R"({"keep_alive_time":60})", {{"preview", "true"}}).status,
              200);
    EXPECT_EQ(requests.back()["preview"], true);
    send("PATCH", proxy_set, R"({"keep_alive_time":60})", {{"preview", "false"}});
    EXPECT_FALSE(requests.back().contains("preview"));
}

TEST_F(BadBodies, WhatTheFirstPageListsAnswers) {
    for (const json& item : json::parse(get("/api/v1").body)["items"]) {
        const std::string url = item["url"];
        EXPECT_NE(get(url).status, 404) << url;
    }
    const json alarms = json::parse(get("/api/v1/alarms").body)["items"];
    ASSERT_EQ(alarms.size(), 2U) << alarms;
    EXPECT_EQ(alarms[0]["url"], "/api/v1/alarms/active");
}

TEST_F(BadBodies, ASaveTakesNothingThatItDoesNotKnow) {
    for (const char* const body : {"xx", "[1]", R"({"when":"later"})"}) {
        EXPECT_EQ(send("POST", "actions/saveConfiguration", body).status, 400) << body;
    }
    EXPECT_EQ(changes(), 0U);
    EXPECT_EQ(send("POST", "actions/saveConfiguration", "{}").status, 200);
    EXPECT_EQ(send("POST", "actions/saveConfiguration", "").status, 200);
}

}  // namespace
}  // namespace trunkline::mgmt
