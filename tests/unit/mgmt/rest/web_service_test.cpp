// The files of the web interface, its sessions, and what comes with a session's cookie.
#include "mgmt/web/web_service.h"

#include "mgmt/rest/answers.h"
#include "mgmt/web/gzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string unpacked(const std::string& packed) {
    std::string text(std::size_t{1} << 20, '\0');
    z_stream stream{};
    inflateInit2(&stream, MAX_WBITS + 16);
    std::string input = packed;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    const int result = inflate(&stream, Z_FINISH);
    text.resize(result == Z_STREAM_END ? stream.total_out : 0);
    inflateEnd(&stream);
    return text;
}

std::string header(const HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) {
            return value;
        }
    }
    return "";
}

TEST(Gzip, GivesBackWhatWentIn) {
    for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
        EXPECT_EQ(unpacked(gzip(text, GzipEffort::quick)), text);
        EXPECT_EQ(unpacked(gzip(text, GzipEffort::thorough)), text);
    }
    EXPECT_LT(gzip(std::string(100'000, 'x'), GzipEffort::quick).size(), 1000U);
}

TEST(Gzip, IsAcceptedWhereItIsNamedAndNotRefused) {
    for (const char* const yes : {"gzip", "gzip, deflate, br", "br,gzip;q=0.5", "GZIP;q=1.0"}) {
        EXPECT_TRUE(accepts_gzip(yes)) << yes;
    }
    for (const char* const no : {"", "br", "gzip;q=0", "gzip; q=0.000, br", "xgzip", "gzipped"}) {
        EXPECT_FALSE(accepts_gzip(no)) << no;
    }
}

TEST(Gzip, IsLookedForInALongHeaderWithoutMuchStack) {
    EXPECT_FALSE(accepts_gzip(std::string(10'000'000, ' ')));
    EXPECT_TRUE(accepts_gzip(std::string(10'000'000, ',') + "gzip"));
}

class WebServiceTest : public ::testing::Test {
protected:
    WebServiceTest() {
        std::filesystem::create_directories(folder_ / "js");
        write("index.html", "<!doctype html>" + std::string(2000, ' '));
        write("js/main.js", "start();");
        users.set({{"ann", sipstack::Secret("pw"), AccessLevel::administrator, seconds(60)},
                   {"moni", sipstack::Secret("pw"), AccessLevel::monitor, seconds(60)}});
        service.emplace(*WebAssets::load(folder_, {}), users, rest, web_activity, seconds(900),
                        [this] { return now; });
    }
    ~WebServiceTest() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name) << text;
    }
    HttpResponse answer(const HttpRequest& request) {
        HttpAdmission admission = service->judge(request);
        auto* const refused = std::get_if<HttpResponse>(&admission);
        return refused != nullptr ? *refused : std::get<HttpAnswer>(admission)(request);
    }
    static HttpRequest request(const std::string& method, const std::string& path) {
        HttpRequest made;
        made.method = method;
        made.path = path;
        made.remote = "192.0.2.7";
        return made;
    }
    HttpResponse sign_in(const std::string& user, const std::string& password) {
        HttpRequest made = request("POST", "/session");
        made.content_type = "application/json";
        made.body = json{{"user", user}, {"password", password}}.dump();
        return answer(made);
    }
    struct Session {
        std::string cookie, token;
    };
    Session session_of(const std::string& user) {
        const HttpResponse opened = sign_in(user, "pw");
        const std::string cookie = header(opened, "Set-Cookie");
        return {cookie.substr(0, cookie.find(';')), json::parse(opened.body)["csrfToken"]};
    }
    HttpResponse ask(const std::string& method, const std::string& path, const Session& session,
                     bool in_background = false) {
        HttpRequest made = request(method, path);
        made.cookie = session.cookie;
        made.csrf_token = session.token;
        made.in_background = in_background;
        return answer(made);
    }
    /// What the log was told since this was asked last.
    std::string told() {
        const std::string lines = log_text.str();
        log_text.str("");
        return lines;
    }
    static Route route(const std::string& method, const std::string& path, AccessLevel level) {
        Route made{method, path, "name", "help", level};
        made.answer = [](const RestCall& call) { return json_response(call.caller.who); };
        return made;
    }
    Route stream_route() {
        Route made{"GET", "/api/v1/events", "events", "help"};
        made.answer = [this](const RestCall&) {
            return HttpResponse{200, "text/event-stream", "", {}, [this](const HttpSink& sink) {
                                    while (sink("piece")) {
                                        now += seconds(300);
                                    }
                                }};
        };
        return made;
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("web-service-" + std::to_string(::getpid()));
    LocalUsers users;
    std::chrono::steady_clock::time_point now{seconds(1000)};
    std::ostringstream log_text;
    const std::shared_ptr<spdlog::logger> log = [this] {
        auto made = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_st>(log_text));
        made->set_pattern("%l %v");
        return made;
    }();
    SignInActivity rest_activity{log, "REST", "192.0.2.10:443"};
    const SignInActivity web_activity{log, "Web", "192.0.2.10:443"};
    RestService rest{
        Router({route("GET", "/api/look", AccessLevel::monitor),
                route("POST", "/api/act", AccessLevel::administrator), stream_route()}),
        users, rest_activity, [this] { return now; }};
    std::optional<WebService> service;
};

TEST_F(WebServiceTest, FilesAreForAnybodyUnderAStrictPolicy) {
    const HttpResponse page = answer(request("GET", "/"));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_THAT(page.body, StartsWith("<!doctype html>"));
    EXPECT_THAT(header(page, "Content-Security-Policy"),
                AllOf(HasSubstr("default-src 'none'"), HasSubstr("script-src 'self'"),
                      HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe"))));
    EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(page, "X-Frame-Options"), "DENY");
    EXPECT_EQ(header(page, "Referrer-Policy"), "no-referrer");
    const HttpResponse script = answer(request("GET", "/js/main.js"));
    EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(script.body, "start();");
}

TEST_F(WebServiceTest, FilesGoPackedToThoseWhoTakeThemAndOnceToThoseWhoHaveThem) {
    HttpRequest wish = request("GET", "/index.html");
    wish.accept_encoding = "gzip";
    const HttpResponse packed = answer(wish);
    EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
    EXPECT_EQ(unpacked(packed.body), answer(request("GET", "/")).body);
    wish.if_none_match = header(packed, "ETag");
    const HttpResponse known = answer(wish);
    EXPECT_EQ(known.status, 304);
    EXPECT_EQ(known.body, "");
    wish.if_none_match = "W/\"other\"";
    EXPECT_EQ(answer(wish).status, 200);
}

TEST_F(WebServiceTest, NoPathLeadsOutOfTheFolder) {
    for (const char* const path : {"/../etc/passwd", "/js/../../secret", "//etc/passwd", "/js",

                                   "/js/", "/index.html/"}) {
        EXPECT_EQ(answer(request("GET", path)).status, 401) << path;
    }
    EXPECT_EQ(answer(request("POST", "/index.html")).status, 401);
}

TEST_F(WebServiceTest, AFileThatIsMissingOrOfNoKnownTypeIsNamed) {
    const auto missing =
        WebAssets::load(folder_, std::vector<WebLibrary>{{"lib/x.js", "/no/x.js"}});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("/no/x.js"));
    EXPECT_FALSE(WebAssets::load(folder_ / "nowhere", {}));
    write("secret.key", "k");
    const auto unknown = WebAssets::load(folder_, {});
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().message, HasSubstr("secret.key"));
}

TEST_F(WebServiceTest, ASessionIsACookieThatNoScriptReadsAndNoOtherSiteSends) {
    const HttpResponse opened = sign_in("ann", "pw");
    EXPECT_EQ(opened.status, 200);
    const json session = json::parse(opened.body);
    EXPECT_EQ(session["user"], "ann");
    EXPECT_EQ(session["levelName"], "Administrator");
    EXPECT_THAT(
        header(opened, "Set-Cookie"),
        AllOf(StartsWith("__Host-trunkline="), HasSubstr("; Path=/"), HasSubstr("; Secure"),
              HasSubstr("; HttpOnly"), HasSubstr("; SameSite=Strict"), Not(HasSubstr("Domain"))));
    const Session known = session_of("ann");
    const HttpResponse looked = ask("GET", "/api/look", known);
    EXPECT_EQ(looked.status, 200);
    EXPECT_EQ(json::parse(looked.body), "ann (Web 192.0.2.7)");
    EXPECT_EQ(json::parse(ask("GET", "/session", known).body)["csrfToken"], known.token);
}

TEST_F(WebServiceTest, OtherCookiesAreNoSession) {
    const Session session = session_of("ann");
    EXPECT_EQ(ask("GET", "/api/look", {"a=1; " + session.cookie + "; b=2", ""}).status, 200);
    for (const std::string& cookie :
         {std::string("x") + session.cookie, session.cookie + "0", std::string("__Host-trunkline="),
          std::string("__Host-trunkline")}) {
        EXPECT_EQ(ask("GET", "/api/look", {cookie, session.token}).status, 401) << cookie;
    }
}

TEST_F(WebServiceTest, AChangeTakesTheTokenOfItsOwnSession) {
    const Session session = session_of("ann");
    EXPECT_EQ(ask("POST", "/api/act", session).status, 200);
    EXPECT_EQ(ask("POST", "/api/act", {session.cookie, ""}).status, 403);
    EXPECT_EQ(ask("POST", "/api/act", {session.cookie, session_of("ann").token}).status, 403);
    EXPECT_EQ(ask("DELETE", "/session", {session.cookie, "x"}).status, 403);
    EXPECT_EQ(ask("GET", "/api/look", session).status, 200);
}

TEST_F(WebServiceTest, LevelsHold) {
    EXPECT_EQ(ask("POST", "/api/act", session_of("moni")).status, 403);
}

TEST_F(WebServiceTest, ASessionEndsWhenItIsNotUsedAndLooksOfThePageItselfAreNoUse) {
    const Session session = session_of("ann");
    for (int i = 0; i < 3; ++i) {
        now += seconds(899);
        EXPECT_EQ(ask("GET", "/api/look", session).status, 200);
    }
    now += seconds(899);
    EXPECT_EQ(ask("GET", "/api/look", session, true).status, 200);
    now += seconds(1);
    const HttpResponse ended = ask("GET", "/api/look", session);
    EXPECT_EQ(ended.status, 401);
    EXPECT_THAT(ended.body, HasSubstr("session has ended"));
    EXPECT_EQ(header(ended, "WWW-Authenticate"), "");
    EXPECT_EQ(ask("GET", "/session", session).status, 401);
    EXPECT_EQ(ask("DELETE", "/session", session).status, 401);
}

TEST_F(WebServiceTest, SigningOutEndsASessionAndItsCookie) {
    const Session session = session_of("ann"), other = session_of("ann");
    const HttpResponse closed = ask("DELETE", "/session", session);
    EXPECT_EQ(closed.status, 204);
    EXPECT_THAT(header(closed, "Set-Cookie"), HasSubstr("Max-Age=0"));
    EXPECT_EQ(ask("GET", "/api/look", session).status, 401);
    EXPECT_EQ(ask("GET", "/api/look", other).status, 200);
}

TEST_F(WebServiceTest, AUserWhoIsChangedHasNoSessionAnyMore) {
    const Session session = session_of("ann");
    users.set({{"ann", sipstack::Secret("pw"), AccessLevel::monitor, seconds(60)}});
    EXPECT_EQ(ask("GET", "/api/look", session).status, 401);
}

TEST_F(WebServiceTest, WrongPasswordsAreToldToWaitAndNoBrowserAsksForThem) {
    for (unsigned i = 0; i < LoginGuard::most_failures; ++i) {
        const HttpResponse refused = sign_in("ann", "guess");
        EXPECT_EQ(refused.status, 401);
        EXPECT_EQ(header(refused, "WWW-Authenticate"), "");
        EXPECT_EQ(header(refused, "Set-Cookie"), "");
    }
    const HttpResponse blocked = sign_in("ann", "pw");
    EXPECT_EQ(blocked.status, 429);
    EXPECT_EQ(header(blocked, "Retry-After"), "60");
    EXPECT_EQ(header(answer(request("GET", "/api/look")), "WWW-Authenticate").substr(0, 5),
              "Basic");
}

TEST_F(WebServiceTest, TheActivityLogHasWhoSignsInAndOut) {
    const Session session = session_of("ann");
    EXPECT_EQ(told(),
              "info activity  WEB: Successful login at 192.0.2.10:443. User: ann. Session: Web "
              "(192.0.2.7)\n");
    sign_in("ann", "guess");
    EXPECT_EQ(told(),
              "warning activity  WEB: Failed login at 192.0.2.10:443. User: ann. Session: Web "
              "(192.0.2.7)\n");
    ask("GET", "/api/look", session);
    EXPECT_EQ(told(), "");
    ask("DELETE", "/session", session);
    EXPECT_EQ(told(),
              "info activity  WEB: Logout at 192.0.2.10:443. User: ann. Session: Web "
              "(192.0.2.7)\n");
    ask("DELETE", "/session", session);
    EXPECT_EQ(told(), "");
}

TEST_F(WebServiceTest, TheActivityLogHasEachSessionThatEndsByItself) {
    session_of("ann");
    now += seconds(800);
    session_of("moni");
    told();
    now += seconds(100);
    service->tell_expired_sessions();
    EXPECT_EQ(told(),
              "info activity  WEB: Session expired at 192.0.2.10:443. User: ann. Session: Web "
              "(192.0.2.7)\n");
    service->tell_expired_sessions();
    EXPECT_EQ(told(), "");
    now += seconds(800);
    session_of("ann");  // makes room by what is over
    told();
    service->tell_expired_sessions();
    EXPECT_THAT(told(), HasSubstr("Session expired at 192.0.2.10:443. User: moni"));
}

TEST_F(WebServiceTest, AFormOfAnotherSiteOpensNoSession) {
    HttpRequest made = request("POST", "/session");
    made.body = json{{"user", "ann"}, {"password", "pw"}}.dump();
    for (const char* const type :
         {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
        made.content_type = type;
        EXPECT_EQ(answer(made).status, 415) << type;
    }
    EXPECT_EQ(answer(request("PUT", "/session")).status, 405);
}

TEST_F(WebServiceTest, AProgramsOwnCredentialsGoBeforeACookie) {
    HttpRequest made = request("POST", "/api/act");
    made.authorization = "Basic YW5uOnB3";  // ann:pw
    made.cookie = "__Host-trunkline=old";
    EXPECT_EQ(json::parse(answer(made).body), "ann (REST 192.0.2.7)");
}

TEST_F(WebServiceTest, AStreamEndsWithItsSession) {
    const Session session = session_of("ann");
    const HttpResponse response = ask("GET", "/api/v1/events", session);
    int pieces = 0;
    response.stream([&](std::string_view) { return ++pieces < 100; });
    EXPECT_EQ(pieces, 3);  // at 0, 300 and 600 s of its 900
}

}  // namespace
}  // namespace trunkline::mgmt
