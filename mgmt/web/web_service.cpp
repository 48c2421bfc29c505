#include "mgmt/web/web_service.h"

#include "mgmt/json_fields.h"
#include "mgmt/rest/answers.h"
#include "mgmt/web/gzip.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

constexpr std::string_view session_path = "/session";
/// The prefix binds it to this host and to HTTPS (RFC 6265bis 4.1.3.2).
constexpr std::string_view cookie_name = "__Host-trunkline";
constexpr const char* cookie_rules = "; Path=/; Secure; HttpOnly; SameSite=Strict";
constexpr const char* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// Smaller ones gain nothing.
constexpr std::size_t worth_packing = 1024;

/// The session that the request's cookie names; "" where there is none.
std::string session_of(std::string_view cookies) {
    while (!cookies.empty()) {
        const std::size_t end = std::min(cookies.find(';'), cookies.size());
        std::string_view cookie = cookies.substr(0, end);
        cookie.remove_prefix(std::min(cookie.find_first_not_of(' '), cookie.size()));
        if (cookie.starts_with(cookie_name) && cookie.substr(cookie_name.size()).starts_with('=')) {
            return std::string(cookie.substr(cookie_name.size() + 1));
        }
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
    }
    return "";
}

/// What a page that may read our answers knows, and one of elsewhere does not: of the session, and
/// without a way back to it.
std::string csrf_token(const std::string& session) {
    const std::string text = "csrf " + session;
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::string token;
    for (const unsigned char byte : digest) {
        token += fmt::format("{:02x}", byte);
    }
    return token;
}

bool equal(const std::string& one, const std::string& other) {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

bool changes_something(const HttpRequest& head) {
    return head.method != "GET" && head.method != "HEAD" && head.method != "OPTIONS";
}

HttpResponse session_ended() {
    HttpResponse response =
        json_response({{"description", "The session has ended. Sign in again."}}, 401);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

HttpResponse forged() {
    return description(403, "X-CSRF-Token is not the one of this session");
}

HttpResponse session_response(const std::string& session, const Tokens::Holder& holder,
                              std::chrono::seconds idle) {
    HttpResponse response = json_response({{"user", holder.user},
                                           {"level", static_cast<int>(holder.level)},
                                           {"levelName", to_text(holder.level)},
                                           {"csrfToken", csrf_token(session)},
                                           {"idleSeconds", idle.count()}});
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

void pack(HttpResponse& response, const HttpRequest& head) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (response.body.size() >= worth_packing && accepts_gzip(head.accept_encoding)) {
        response.body = gzip(response.body, GzipEffort::quick);
        response.headers.emplace_back("Content-Encoding", "gzip");
    }
}

HttpResponse asset_response(const WebAsset& asset, const HttpRequest& head) {
    HttpResponse response{200, asset.content_type, "", {}, {}};
    if (head.if_none_match == asset.etag) {
        response.status = 304;
        response.content_type.clear();
    } else if (!asset.packed.empty() && accepts_gzip(head.accept_encoding)) {
        response.body = asset.packed;
        response.headers.emplace_back("Content-Encoding", "gzip");
    } else {
        response.body = asset.content;
    }
    // Kept, and asked after each time: a new version of the appliance shows at once.
    response.headers.emplace_back("Cache-Control", "no-cache");
    response.headers.emplace_back("ETag", asset.etag);
    response.headers.emplace_back("Vary", "Accept-Encoding");
    response.headers.emplace_back("Content-Security-Policy", content_policy);
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("X-Frame-Options", "DENY");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    return response;
}

}  // namespace

WebService::WebService(WebAssets assets, LocalUsers& users, RestService& rest,
                       const SignInActivity& activity, std::chrono::seconds idle, Clock clock)
    : assets_(std::move(assets)),
      users_(users),
      rest_(rest),
      activity_(activity),
      idle_(idle),
      clock_(std::move(clock)) {}

void WebService::tell_expired_sessions() {
    const std::lock_guard guard(lock_);
    std::erase_if(open_, [this](const OpenSession& one) {
        const bool is_over = !users_.session_holder(one.session, std::nullopt, clock_());
        if (is_over) {
            activity_.expired(one.user, one.remote);
        }
        return is_over;
    });
}

HttpAdmission WebService::judge(const HttpRequest& head) {
    if (head.path == session_path) {
        return session_request(head);
    }
    if (const WebAsset* const asset = assets_.find(head.path);
        asset != nullptr && !changes_something(head)) {
        return asset_response(*asset, head);
    }
    const std::string session = session_of(head.cookie);
    const bool is_of_page = !session.empty() || !head.csrf_token.empty();
    return is_of_page && head.authorization.empty() ? page_request(head, session)
                                                    : rest_.judge(head);
}

HttpAdmission WebService::session_request(const HttpRequest& head) {
    if (head.method == "POST") {
        // No form of another site sends this type without being asked (Fetch, CORS preflight).
        if (!head.content_type.starts_with("application/json")) {
            return description(415, "a session is asked for in JSON");
        }
        return HttpAnswer([this](const HttpRequest& request) { return open_session(request); });
    }
    if (head.method == "DELETE") {
        return close_session(head);
    }
    if (head.method != "GET") {
        HttpResponse response = description(405, "a session has GET, POST and DELETE");
        response.headers.emplace_back("Allow", "GET, POST, DELETE");
        return response;
    }
    const std::string session = session_of(head.cookie);
    const auto holder = users_.session_holder(session, idle_, clock_());
    return holder ? session_response(session, *holder, idle_) : session_ended();
}

HttpResponse WebService::open_session(const HttpRequest& request) {
    const auto body = json_body(request);
    if (!body) {
        return body.error();
    }
    const auto now = clock_();
    const std::string user = text_in(*body, "user");
    const SignIn result = users_.sign_in(user, text_in(*body, "password"), request.remote, now);
    if (result.outcome == SignIn::Outcome::wrong) {
        activity_.refused(user, request.remote);
    }
    const auto session = result.outcome == SignIn::Outcome::signed_in
                             ? users_.open_session(user, idle_, now)
                             : std::nullopt;
    if (!session) {
        return sign_in_refusal(result);
    }
    activity_.succeeded(user, request.remote);
    {
        const std::lock_guard guard(lock_);
        open_.push_back({*session, user, request.remote});
    }
    HttpResponse response = session_response(*session, {user, result.level}, idle_);
    response.headers.emplace_back("Set-Cookie",
                                  fmt::format("{}={}{}", cookie_name, *session, cookie_rules));
    return response;
}

HttpResponse WebService::close_session(const HttpRequest& head) {
    const std::string session = session_of(head.cookie);
    const auto holder = users_.session_holder(session, std::nullopt, clock_());
    if (!holder) {
        return session_ended();
    }
    if (!equal(head.csrf_token, csrf_token(session))) {
        return forged();
    }
    {
        const std::lock_guard guard(lock_);
        std::erase_if(open_, [&](const OpenSession& one) { return equal(one.session, session); });
        users_.close_session(session);
    }
    activity_.left(holder->user, head.remote);
    HttpResponse response{204, "", "", {}, {}};
    response.headers.emplace_back("Set-Cookie",
                                  fmt::format("{}={}; Max-Age=0", cookie_name, cookie_rules));
    return response;
}

HttpAdmission WebService::page_request(const HttpRequest& head, const std::string& session) {
    const auto idle = head.in_background ? std::nullopt : std::optional(idle_);
    const auto holder = users_.session_holder(session, idle, clock_());
    if (!holder) {
        return session_ended();
    }
    if (changes_something(head) && !equal(head.csrf_token, csrf_token(session))) {
        return forged();
    }
    HttpAdmission admission = rest_.judge_for({holder->user, holder->level, "Web"}, head);
    if (auto* const response = std::get_if<HttpResponse>(&admission)) {
        return finished(std::move(*response), head, session);
    }
    return HttpAnswer(
        [this, session, answer = std::get<HttpAnswer>(std::move(admission))](
            const HttpRequest& request) { return finished(answer(request), request, session); });
}

HttpResponse WebService::finished(HttpResponse response, const HttpRequest& head,
                                  const std::string& session) {
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    if (!response.stream) {
        pack(response, head);
        return response;
    }
    // A stream is no use of its session, and does not outlive it.
    response.stream = [this, session, stream = std::move(response.stream)](const HttpSink& sink) {
        stream([&](std::string_view piece) {
            return users_.session_holder(session, std::nullopt, clock_()) && sink(piece);
        });
    };
    return response;
}

}  // namespace trunkline::mgmt
