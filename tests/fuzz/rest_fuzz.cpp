// Requests to the management port of any bytes, one after the other over a connection, to routes
// that read what the appliance's own ones read: a path, a query, JSON, a form with a file.
#include "mgmt/rest/answers.h"
#include "mgmt/rest/http_exchange.h"
#include "mgmt/rest/router.h"
#include "tests/fuzz/target.h"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>

namespace trunkline::fuzz {

using namespace mgmt;

namespace {

constexpr HttpLimits limits{.body = 1024, .path = 256, .patience = {}, .slowest = 1};
/// Requests of the longest input, each of which has a few bytes at least.
constexpr std::size_t most_requests = 8192;

class MemoryStream final : public HttpStream {
public:
    explicit MemoryStream(std::string_view bytes) : left_(bytes) {}

    int descriptor() const override { return -1; }
    const std::string& remote() const override { return remote_; }
    void set_deadline(Clock::time_point) override {}
    Clock::time_point deadline() const override { return Clock::time_point::max(); }
    std::size_t read(char* to, std::size_t size) override {
        const std::size_t taken = left_.copy(to, size);
        left_.remove_prefix(taken);
        return taken;
    }
    bool write(const char* from, std::size_t size) override {
        written.append(from, size);
        return true;
    }
    void close(std::chrono::milliseconds) override {}

    std::string written;

private:
    std::string_view left_;
    const std::string remote_ = "192.0.2.7";
};

void check_request(const RestCall& call) {
    std::size_t size = call.request.body.size();
    for (const HttpPart& part : call.request.parts) {
        size += part.content.size();
    }
    check(size <= limits.body, "no more of a body is kept than its limit");
    check(call.request.parts.empty() || call.request.body.empty(), "a form has its parts alone");
    for (const auto& [name, value] : call.in_path) {
        check(!value.empty() && value.find('/') == std::string::npos, "a part of a path is one");
    }
}

/// What was read goes into the answer, so that writing it is tried, too.
Route route(const std::string& method, const std::string& path) {
    Route made{method, path, path, ""};
    made.answer = [](const RestCall& call) {
        check_request(call);
        const auto json = json_body(call.request);
        const auto file = uploaded_file(call.request);
        nlohmann::json told{{"path", call.request.path},
                            {"query", call.request.query},
                            {"in_path", call.in_path},
                            {"file", file ? *file : file.error().body}};
        told["json"] = json ? *json : nlohmann::json(json.error().body);
        return json_response(told);
    };
    return made;
}

HttpAdmission judge(const HttpRequest& head) {
    static const Router router({route("GET", "/api/v1/a/{row}"), route("PUT", "/api/v1/a/{row}"),
                                route("PUT", "/api/v1/files/{name}/incremental"),
                                route("DELETE", "/api/v1/{b}")});
    const auto match = router.find(head.method, head.path);
    if (match.route == nullptr) {
        return description(match.methods.empty() ? 404 : 405, "there is no " + head.path);
    }
    check(match.route->method == head.method, "a route has the method that was asked for");
    return [match](const HttpRequest& request) {
        static const Caller caller{"fuzz", AccessLevel::monitor};
        return match.route->answer({request, caller, "fuzz", match.in_path});
    };
}

}  // namespace

void read(std::string_view bytes) {
    static HttpExchange exchange(judge, limits);
    MemoryStream stream(bytes);
    std::size_t requests = 0;
    while (exchange.serve(stream)) {
        check(++requests < most_requests, "a connection ends with its bytes");
    }
    check(stream.written.empty() || stream.written.starts_with("HTTP/1.1 "),
          "what is answered is HTTP");
}

}  // namespace trunkline::fuzz
