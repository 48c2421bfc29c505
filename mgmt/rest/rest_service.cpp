#include "mgmt/rest/rest_service.h"

#include "mgmt/rest/answers.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

std::optional<std::string> from_base64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0 || text.size() > 4096) {
        return std::nullopt;
    }
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    if (size < 0) {
        return std::nullopt;
    }
    const auto padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    bytes.resize(static_cast<std::size_t>(size - padding));
    return bytes;
}

/// What follows `scheme`, whose letters may be large or small (RFC 9110 11.1).
std::optional<std::string> credentials(const std::string& header, std::string_view scheme) {
    const bool fits =
        header.size() > scheme.size() && header[scheme.size()] == ' ' &&
        std::equal(scheme.begin(), scheme.end(), header.begin(), [](char wanted, char there) {
            return wanted == std::tolower(static_cast<unsigned char>(there));
        });
    if (!fits) {
        return std::nullopt;
    }
    const std::size_t begin = header.find_first_not_of(' ', scheme.size());
    return begin == std::string::npos ? std::optional<std::string>() : header.substr(begin);
}

HttpResponse unauthorized() {
    HttpResponse response = sign_in_refusal({SignIn::Outcome::wrong, {}, {}});
    response.headers.emplace_back("WWW-Authenticate",
                                  R"(Basic realm="trunkline", charset="UTF-8")");
    return response;
}

HttpResponse later(int status, const std::string& why, std::chrono::seconds wait) {
    HttpResponse response = description(status, why);
    response.headers.emplace_back("Retry-After", fmt::format("{}", wait.count()));
    return response;
}

}  // namespace

HttpResponse sign_in_refusal(const SignIn& result) {
    switch (result.outcome) {
        case SignIn::Outcome::blocked:
            return later(429, "too many wrong passwords; try again later", result.wait);
        case SignIn::Outcome::busy:
            return later(503, "too many sign in at once; try again later", result.wait);
        case SignIn::Outcome::wrong:
        case SignIn::Outcome::signed_in:
            break;
    }
    return description(401, "sign in with a user of this appliance");
}

RestService::RestService(Router router, LocalUsers& users, SignInActivity& activity, Clock clock)
    : router_(std::move(router)), users_(users), activity_(activity), clock_(std::move(clock)) {}

std::variant<HttpResponse, SignedIn> RestService::sign_in(const HttpRequest& head) {
    const auto now = clock_();
    if (const auto token = credentials(head.authorization, "bearer")) {
        const auto holder = users_.token_holder(*token, now);
        return holder ? std::variant<HttpResponse, SignedIn>(SignedIn{holder->user, holder->level})
                      : unauthorized();
    }
    const auto basic = credentials(head.authorization, "basic");
    const auto pair = basic ? from_base64(*basic) : std::nullopt;
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return unauthorized();
    }
    const std::string user = pair->substr(0, colon);
    const SignIn result = users_.sign_in(user, pair->substr(colon + 1), head.remote, now);
    switch (result.outcome) {
        case SignIn::Outcome::signed_in:
            activity_.came(user, head.remote, now);
            return SignedIn{user, result.level};
        case SignIn::Outcome::wrong:
            activity_.refused(user, head.remote);
            return unauthorized();
        case SignIn::Outcome::blocked:
        case SignIn::Outcome::busy:
            break;
    }
    return sign_in_refusal(result);
}

HttpAdmission RestService::judge(const HttpRequest& head) {
    auto who = sign_in(head);
    if (auto* const refused = std::get_if<HttpResponse>(&who)) {
        return std::move(*refused);
    }
    return judge_for(std::get<SignedIn>(std::move(who)), head);
}

HttpAdmission RestService::judge_for(SignedIn known, const HttpRequest& head) const {
    auto match = router_.find(head.method, head.path);
    if (match.methods.empty()) {
        return description(
            404, fmt::format("there is no {}; GET /api/v1 tells what there is", head.path));
    }
    if (match.route == nullptr) {
        HttpResponse response =
            description(405, fmt::format("{} is no method of {}; it has {}", head.method, head.path,
                                         fmt::join(match.methods, ", ")));
        response.headers.emplace_back("Allow", fmt::format("{}", fmt::join(match.methods, ", ")));
        return response;
    }
    if (known.level < match.route->level) {
        return description(
            403, fmt::format("this needs the level {}; '{}' has {}", to_text(match.route->level),
                             known.user, to_text(known.level)));
    }
    return [caller =
                Caller{fmt::format("{} ({} {})", known.user, known.way, head.remote), known.level},
            user = std::move(known.user), match = std::move(match)](const HttpRequest& request) {
        return match.route->answer(RestCall{request, caller, user, match.in_path});
    };
}

}  // namespace trunkline::mgmt
