// Who is let in, and which route he gets.
#include "mgmt/rest/rest_service.h"

#include "mgmt/rest/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Route route(const std::string& method, const std::string& path, AccessLevel level) {
    Route made{method, path, "name", "help", level};
    made.answer = [path](const RestCall& call) {
        json body{{"path", path}, {"who", call.caller.who}};
        for (const auto& [name, value] : call.in_path) {
            body[name] = value;
        }
        return json_response(body);
    };
    return made;
}

TEST(Router, TakesThePartsThatStandBeforeThoseInBraces) {
    const Router router(
        {route("GET", "/a/{id}", {}), route("GET", "/a/all", {}), route("PUT", "/a/{id}", {})});
    EXPECT_EQ(router.find("GET", "/a/all").route->path, "/a/all");
    EXPECT_EQ(router.find("GET", "/a/7/").in_path.at("id"), "7");
    EXPECT_EQ(router.find("PUT", "/a/7").route->method, "PUT");
    EXPECT_EQ(router.find("DELETE", "/a/7").route, nullptr);
    EXPECT_THAT(router.find("DELETE", "/a/7").methods, ElementsAre("GET", "PUT"));
    EXPECT_TRUE(router.find("GET", "/a/7/8").methods.empty());
    EXPECT_TRUE(router.find("GET", "/").methods.empty());
}

class RestServiceTest : public ::testing::Test {
protected:
    RestServiceTest() {
        users.set({{"ann", sipstack::Secret("pw"), AccessLevel::administrator, seconds(60)},
                   {"moni", sipstack::Secret("pw"), AccessLevel::monitor, seconds(60)}});
    }
    HttpResponse ask(const std::string& method, const std::string& path,
                     const std::string& authorization) {
        HttpRequest head;
        head.method = method;
        head.path = path;
        head.remote = "192.0.2.7";
        head.authorization = authorization;
        const HttpAdmission admission = service.judge(head);
        const auto* const refused = std::get_if<HttpResponse>(&admission);
        return refused != nullptr ? *refused : std::get<HttpAnswer>(admission)(head);
    }
    static constexpr const char* ann = "Basic YW5uOnB3";        // ann:pw
    static constexpr const char* moni = "basic  bW9uaTpwdw==";  // moni:pw

    LocalUsers users;
    std::ostringstream log_text;
    SignInActivity activity{std::make_shared<spdlog::logger>(
                                "test", std::make_shared<spdlog::sinks::ostream_sink_st>(log_text)),
                            "REST", "192.0.2.10:443"};
    std::chrono::steady_clock::time_point now{seconds(1000)};
    RestService service{Router({route("GET", "/look", AccessLevel::monitor),
                                route("POST", "/act", AccessLevel::administrator)}),
                        users, activity, [this] { return now; }};
};

TEST_F(RestServiceTest, StrangersAreToldNothingButToSignIn) {
    for (const char* const header : {"", "Basic", "Basic !!!!", "Basic YW5u", "Bearer abc",
                                     "Digest YW5uOnB3", "Basic YW5uOnB4"}) {
        for (const char* const path : {"/look", "/nowhere"}) {
            const HttpResponse response = ask("GET", path, header);
            EXPECT_EQ(response.status, 401) << header;
            EXPECT_EQ(response.headers.at(0).first, "WWW-Authenticate");
        }
    }
}

TEST_F(RestServiceTest, AUserGetsWhatHisLevelAllows) {
    EXPECT_EQ(json::parse(ask("GET", "/look", moni).body)["who"], "moni (REST 192.0.2.7)");
    const HttpResponse refused = ask("POST", "/act", moni);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("needs the level Administrator; 'moni' has Monitor"));
    EXPECT_EQ(ask("POST", "/act", ann).status, 200);
    EXPECT_EQ(ask("GET", "/nowhere", ann).status, 404);
    const HttpResponse method = ask("GET", "/act", ann);
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.headers.at(0), (std::pair<std::string, std::string>("Allow", "POST")));
}

TEST_F(RestServiceTest, TheActivityLogHasWhoSignsInOnceForAllHisRequests) {
    const auto times = [this](const std::string& words) {
        std::size_t count = 0;
        const std::string text = log_text.str();
        for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
            ++count;
        }
        return count;
    };
    const std::string in =
        "activity  REST: Successful login at 192.0.2.10:443. User: ann. Session: REST (192.0.2.7)";
    for (int i = 0; i < 3; ++i) {
        ask("GET", "/look", ann);
        now += SignInActivity::away - seconds(1);
    }
    EXPECT_EQ(times(in), 1U) << log_text.str();
    now += seconds(1);
    ask("GET", "/look", ann);
    EXPECT_EQ(times(in), 2U) << log_text.str();
    ask("GET", "/look", "Basic YW5uOnB4");
    EXPECT_EQ(times("activity  REST: Failed login at 192.0.2.10:443. User: ann."), 1U)
        << log_text.str();
}

TEST_F(RestServiceTest, ATokenStandsForItsUserUntilItEnds) {
    const std::string token = *users.issue_token("ann", AccessLevel::monitor, seconds(60), now);
    EXPECT_EQ(ask("GET", "/look", "Bearer " + token).status, 200);
    EXPECT_EQ(ask("POST", "/act", "Bearer " + token).status, 403);
    now += seconds(60);
    EXPECT_EQ(ask("GET", "/look", "Bearer " + token).status, 401);
}

TEST_F(RestServiceTest, WrongPasswordsAreToldToWait) {
    for (unsigned i = 0; i < LoginGuard::most_failures; ++i) {
        EXPECT_EQ(ask("GET", "/look", "Basic YW5uOnB4").status, 401);
    }
    const HttpResponse response = ask("GET", "/look", ann);
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(response.headers.at(0), (std::pair<std::string, std::string>("Retry-After", "60")));
    EXPECT_EQ(ask("GET", "/look", moni).status, 200);
    now += seconds(60);
    EXPECT_EQ(ask("GET", "/look", ann).status, 200);
}

HttpRequest with_body(const std::string& body) {
    HttpRequest request;
    request.body = body;
    return request;
}

TEST(JsonBody, SaysWhereItIsWrong) {
    EXPECT_EQ(json_body(with_body(" \n")), json::object());
    EXPECT_EQ(json_body(with_body(R"({"a":[1]})")), (json{{"a", {1}}}));
    const auto wrong = json_body(with_body("{\n  \"a\": x}"));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().status, 400);
    EXPECT_THAT(wrong.error().body, HasSubstr("line 2, column 8"));
    EXPECT_FALSE(json_body(with_body("\"\xff\xfe\"")));
    EXPECT_FALSE(json_body(with_body("{} {}")));
    EXPECT_FALSE(json_body(with_body(std::string(100, '[') + std::string(100, ']'))));
    EXPECT_FALSE(json_body(with_body(std::string(std::size_t{1} << 20, '['))));
}

TEST(UploadedFile, IsThePartNamedFileOrTheBody) {
    EXPECT_EQ(uploaded_file(with_body("text")), "text");
    EXPECT_FALSE(uploaded_file(with_body("")));
    HttpRequest form;
    form.content_type = "multipart/form-data; boundary=b";
    form.parts = {{"other", "", "", "1"}, {"file", "x.ini", "", "2"}};
    EXPECT_EQ(uploaded_file(form), "2");
    form.parts.pop_back();
    EXPECT_FALSE(uploaded_file(form));
}

}  // namespace
}  // namespace trunkline::mgmt
