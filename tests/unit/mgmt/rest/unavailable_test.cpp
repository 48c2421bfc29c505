// What clients are told when the control thread does not answer.
#include "played_control.h"

#include <gmock/gmock.h>

#include <set>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

/// Answers the commands that it is told to, and no others.
class Unavailable : public PlayedControl {
protected:
    json reply_to(const json& request) override {
        if (answered.contains(request["command"])) {
            return {{"ok", true}};
        }
        return {{"ok", false}, {"unavailable", true}, {"error", "no answer within 30000 ms"}};
    }
    static void expect_later(const HttpResponse& response, const std::string& what) {
        EXPECT_EQ(response.status, 503) << what << ": " << response.body;
        EXPECT_THAT(response.body, testing::HasSubstr("no answer within 30000 ms")) << what;
        EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Retry-After", "5"))) << what;
    }
    static HttpRequest request(const std::string& method, const std::string& path,
                               const std::string& body) {
        HttpRequest request;
        request.method = method;
        request.path = path;
        request.body = body;
        return request;
    }
    std::set<std::string> answered;
};

TEST_F(Unavailable, WhateverIsLookedAtIsToBeAskedAgainLater) {
    for (const char* const path :
         {"/api/v1/status", "/api/v1/alarms/active", "/api/v1/alarms/active/1",
          "/api/v1/alarms/history/1", "/api/v1/config",
          "/api/v1/config/signaling_and_media/accounts/0", "/api/v1/configuration/history",
          "/api/v1/files/ini", "/api/v1/kpi/current/sbc", "/api/v1/performanceMonitoring",
          "/api/v1/performanceMonitoring/registerOutTotal", "/api/v1/registrations",
          "/api/v1/registrations/a", "/api/v1/registrations/a/trace", "/api/v1/proxySets",
          "/api/v1/hardware", "/api/v1/ethernetGroups", "/metrics"}) {
        expect_later(get(path), path);
    }
}

TEST_F(Unavailable, WhatIsToBeDoneIsToBeAskedForAgainLater) {
    expect_later(answer(request("POST", "/api/v1/actions/saveConfiguration", "")), "save");
    expect_later(answer(request("POST", "/api/v1/actions/register", R"({"target":"all"})")),
                 "register");
    expect_later(answer(request("PUT", "/api/v1/files/ini", "[x]")), "ini");
    expect_later(answer(request("PUT", "/api/v1/files/cliScript/incremental", "write\n")), "write");
    expect_later(
        answer(request("PUT", "/api/v1/files/cliScript/incremental",
                       "configure voip\nsip-definition account 0\nhost-name a\nactivate\n")),
        "script");
    expect_later(answer(request("PATCH", "/api/v1/config/signaling_and_media/accounts/0",
                                R"({"name":"a"})")),
                 "patch");
}

TEST_F(Unavailable, AValueIsNotMadeOfWhatDidAnswerAlone) {
    answered = {"show counters", "system status", "configuration get"};
    expect_later(get("/api/v1/kpi/current/sbc"), "kpi");
    answered.insert("registration counts");
    EXPECT_EQ(get("/api/v1/kpi/current/sbc").status, 200);
}

}  // namespace
}  // namespace trunkline::mgmt
