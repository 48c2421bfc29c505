// The web interface's side of the management port: its files for anybody, sessions for those who
// sign in, and the REST interface behind a session's cookie. Requests that are none of these go to
// the REST interface as they are.
//
//   POST /session    {"user", "password"} -> the session, and its cookie
//   GET /session     the session of the cookie, and a use of it; 401 where there is none
//   DELETE /session  ends it
//
// A session is {"user", "level", "levelName", "csrfToken", "idleSeconds"}. It ends when it was not
// used for its idle time; requests with X-Background are no use of it. What changes anything takes
// its csrfToken as X-CSRF-Token. Whoever comes with a cookie or an X-CSRF-Token is never asked for
// HTTP Basic, so no browser opens its own dialog.
#pragma once

#include "mgmt/access/local_users.h"
#include "mgmt/access/sign_in_activity.h"
#include "mgmt/rest/http.h"
#include "mgmt/rest/rest_service.h"
#include "mgmt/web/web_assets.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::mgmt {

class WebService {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /// All of it outlives the service, and so do the streams that it answers with.
    WebService(WebAssets assets, LocalUsers& users, RestService& rest,
               const SignInActivity& activity, std::chrono::seconds idle,
               Clock clock = std::chrono::steady_clock::now);

    /// Tells the activity log of each session that has ended by itself. Any thread.
    void tell_expired_sessions();

    /// Any thread; blocks for as long as a password is hashed.
    HttpAdmission judge(const HttpRequest& head);

private:
    HttpAdmission session_request(const HttpRequest& head);
    HttpResponse open_session(const HttpRequest& request);
    HttpResponse close_session(const HttpRequest& head);
    HttpAdmission page_request(const HttpRequest& head, const std::string& session);
    HttpResponse finished(HttpResponse response, const HttpRequest& head,
                          const std::string& session);

    const WebAssets assets_;
    LocalUsers& users_;
    RestService& rest_;
    const SignInActivity& activity_;
    const std::chrono::seconds idle_;
    const Clock clock_;
    struct OpenSession {
        std::string session, user, remote;
    };
    std::mutex lock_;  ///< guards what follows
    std::vector<OpenSession> open_;
};

}  // namespace trunkline::mgmt
