// Judges requests of the REST interface: who asks, for what, and whether he may; then the route
// answers.
#pragma once

#include "mgmt/access/local_users.h"
#include "mgmt/rest/http.h"
#include "mgmt/rest/router.h"

#include <spdlog/logger.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace trunkline::mgmt {

/// Any thread; judge() blocks for as long as a password is hashed.
class RestService {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /// All of it outlives the service.
    RestService(Router router, LocalUsers& users, std::shared_ptr<spdlog::logger> log,
                Clock clock = std::chrono::steady_clock::now);

    /// HTTP Basic (RFC 7617) or a token as Bearer (RFC 6750). 401 before all else: a stranger hears
    /// nothing of what there is.
    HttpAdmission judge(const HttpRequest& head);

    const Router& router() const { return router_; }

private:
    struct Known {
        std::string user;
        AccessLevel level = AccessLevel::monitor;
    };
    std::variant<HttpResponse, Known> sign_in(const HttpRequest& head);

    const Router router_;
    LocalUsers& users_;
    const std::shared_ptr<spdlog::logger> log_;
    const Clock clock_;
};

}  // namespace trunkline::mgmt
