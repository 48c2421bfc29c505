// A request and a response of HTTP, as the resources of the appliance see them; nothing of
// connections, and nothing of the library that reads and writes them (http_exchange.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace trunkline::mgmt {

struct HttpPart {
    std::string name, filename, content_type, content;
};

struct HttpRequest {
    std::string method;
    std::string path;                               ///< decoded, without the query
    std::multimap<std::string, std::string> query;  ///< decoded
    std::string remote;                             ///< numeric address
    // Headers that anybody here reads; empty: not given.
    std::string authorization, content_type, if_match, if_none_match, last_event_id;
    std::string cookie, csrf_token, accept_encoding;
    bool in_background = false;  ///< a page asks for itself, nobody did anything
    std::optional<std::size_t> content_length;
    bool has_body = false;

    // With the body alone.
    std::string body;
    std::vector<HttpPart> parts;  ///< of multipart/form-data, whose body is empty then

    bool has_query(const std::string& name) const { return query.contains(name); }
    /// The first of that name; "" where there is none.
    std::string query_value(const std::string& name) const {
        const auto found = query.find(name);
        return found == query.end() ? "" : found->second;
    }
};

/// Writes a piece of a response that goes on; false: the client has gone, or takes too long.
using HttpSink = std::function<bool(std::string_view piece)>;

struct HttpResponse {
    int status = 200;
    std::string content_type;  ///< empty: there is no body
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    /// Instead of `body`: is called once the head is written and writes until the response ends.
    /// Holds a thread meanwhile.
    std::function<void(const HttpSink& sink)> stream;
};

/// Once the body is there.
using HttpAnswer = std::function<HttpResponse(const HttpRequest& request)>;
/// What a head is answered with: a response at once, without the body, or how to go on.
using HttpAdmission = std::variant<HttpResponse, HttpAnswer>;
/// Judges a head. On any thread, several at once.
using HttpService = std::function<HttpAdmission(const HttpRequest& head)>;

}  // namespace trunkline::mgmt
