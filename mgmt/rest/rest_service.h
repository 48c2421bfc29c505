// Judges requests of the REST interface: who asks, for what, and whether he may; then the route
// answers.
#pragma once

#include "mgmt/access/local_users.h"
#include "mgmt/access/sign_in_activity.h"
#include "mgmt/rest/http.h"
#include "mgmt/rest/router.h"

#include <chrono>
#include <functional>
#include <string>

namespace trunkline::mgmt {

/// Somebody who was let in.
struct SignedIn {
    std::string user;
    AccessLevel level = AccessLevel::monitor;
    std::string way = "REST";  ///< for the activity log
};

/// What a sign-in that failed is answered with: 401, 429 or 503.
HttpResponse sign_in_refusal(const SignIn& result);

/// Any thread; judge() blocks for as long as a password is hashed.
class RestService {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /// All of it outlives the service.
    RestService(Router router, LocalUsers& users, SignInActivity& activity,
                Clock clock = std::chrono::steady_clock::now);

    /// HTTP Basic (RFC 7617) or a token as Bearer (RFC 6750). Who comes with a password is told to
    /// the activity log. 401 before all else: a stranger hears
    /// nothing of what there is.
    HttpAdmission judge(const HttpRequest& head);

    /// The same for one whom somebody else let in.
    HttpAdmission judge_for(SignedIn who, const HttpRequest& head) const;

    const Router& router() const { return router_; }

private:
    std::variant<HttpResponse, SignedIn> sign_in(const HttpRequest& head);

    const Router router_;
    LocalUsers& users_;
    SignInActivity& activity_;
    const Clock clock_;
};

}  // namespace trunkline::mgmt
