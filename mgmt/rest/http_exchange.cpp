#include "mgmt/rest/http_exchange.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace trunkline::mgmt {

namespace {

using Clock = HttpStream::Clock;

/// What one call of serve() knows beyond what the library carries.
struct Exchange {
    HttpStream& stream;
    std::optional<HttpAnswer> answer;  ///< of an admitted head
    bool body_left = false;            ///< some of the body was not read
    bool is_over = true;               ///< no other request may follow
};

class LibraryStream final : public httplib::Stream {
public:
    explicit LibraryStream(HttpStream& stream) : stream_(stream) {}
    bool is_readable() const override { return true; }
    bool is_writable() const override { return Clock::now() < stream_.deadline(); }
    ssize_t read(char* to, size_t size) override {
        return static_cast<ssize_t>(stream_.read(to, size));
    }
    ssize_t write(const char* from, size_t size) override {
        return stream_.write(from, size) ? static_cast<ssize_t>(size) : -1;
    }
    void get_remote_ip_and_port(std::string& ip, int& port) const override {
        ip = stream_.remote();
        port = 0;
    }
    void get_local_ip_and_port(std::string& ip, int& port) const override {
        ip.clear();
        port = 0;
    }
    socket_t socket() const override { return stream_.descriptor(); }

private:
    HttpStream& stream_;
};

HttpRequest head_of(const httplib::Request& from) {
    HttpRequest head;
    head.method = from.method == "HEAD" ? "GET" : from.method;
    head.path = from.path;
    head.query = {from.params.begin(), from.params.end()};
    head.remote = from.remote_addr;
    head.authorization = from.get_header_value("Authorization");
    head.content_type = from.get_header_value("Content-Type");
    head.if_match = from.get_header_value("If-Match");
    head.if_none_match = from.get_header_value("If-None-Match");
    head.last_event_id = from.get_header_value("Last-Event-ID");
    head.cookie = from.get_header_value("Cookie");
    head.csrf_token = from.get_header_value("X-CSRF-Token");
    head.accept_encoding = from.get_header_value("Accept-Encoding");
    head.in_background = from.has_header("X-Background");
    const std::string length = from.get_header_value("Content-Length");
    std::size_t number = 0;
    const char* const end = length.data() + length.size();
    if (const auto [stop, error] = std::from_chars(length.data(), end, number);
        error == std::errc() && stop == end) {
        head.content_length = number;
    }
    head.has_body = from.has_header("Transfer-Encoding") || head.content_length.value_or(0) > 0;
    return head;
}

HttpResponse problem(int status, const std::string& text) {
    return {status, "application/json", fmt::format(R"({{"description":"{}"}})", text), {}, {}};
}

std::chrono::milliseconds time_for(std::size_t bytes, const HttpLimits& limits) {
    return limits.patience + std::chrono::milliseconds(1000 * bytes / limits.slowest);
}

}  // namespace

struct HttpExchange::State final : httplib::Server {
    State(HttpService wanted_service, HttpLimits wanted_limits)
        : service(std::move(wanted_service)), limits(wanted_limits) {
        svr_sock_ = 0;  // as long as it has one, the library goes on with responses
        set_keep_alive_max_count(1000);
        set_keep_alive_timeout(30);
        set_expect_100_continue_handler(
            [this](const httplib::Request& request, httplib::Response& response) {
                admit(request, response);
                return response.status == -1 ? 100 : response.status;
            });
        set_pre_routing_handler([this](const httplib::Request& request,
                                       httplib::Response& response) {
            Exchange& own = *current;
            if (!own.answer && response.status == -1) {
                admit(request, response);
            }
            if (response.status == -1 && !head_of(request).has_body) {
                put((*own.answer)(head_of(request)), response);
            }
            return response.status == -1 ? HandlerResponse::Unhandled : HandlerResponse::Handled;
        });
        const HandlerWithContentReader with_body =
            [this](const httplib::Request& request, httplib::Response& response,
                   const httplib::ContentReader& reader) { read_body(request, response, reader); };
        Post(".*", with_body);
        Put(".*", with_body);
        Patch(".*", with_body);
        Delete(".*", with_body);
    }

    void stop_streams() { svr_sock_ = INVALID_SOCKET; }

    bool serve(HttpStream& stream) {
        Exchange own{stream, {}, false, true};
        current = &own;
        stream.set_deadline(Clock::now() + limits.patience);
        LibraryStream library(stream);
        bool closed = false;
        const bool went_well = process_request(
            library, false, closed,
            [&](httplib::Request& request) { request.remote_addr = stream.remote(); });
        current = nullptr;
        const bool goes_on = went_well && !closed && !own.body_left && !own.is_over;
        if (!goes_on) {
            stream.close(limits.farewell);
        }
        return goes_on;
    }

    void admit(const httplib::Request& request, httplib::Response& response) {
        Exchange& own = *current;
        const HttpRequest head = head_of(request);
        own.body_left = head.has_body;
        own.is_over = false;  // what no head came out of is no HTTP, and what follows is not either
        if (request.target.size() > limits.path) {
            return put(problem(414, "the path is too long"), response);
        }
        HttpAdmission admission = service(head);
        if (auto* const refused = std::get_if<HttpResponse>(&admission)) {
            return put(std::move(*refused), response);
        }
        if (head.content_length.value_or(0) > limits.body) {
            return put(too_large(), response);
        }
        if (head.has_body && request.method == "GET") {
            return put(problem(400, "a GET has no body"), response);
        }
        own.answer = std::get<HttpAnswer>(std::move(admission));
        own.stream.set_deadline(Clock::now() + limits.patience);
    }

    HttpResponse too_large() const {
        return problem(413, fmt::format("a body has at most {} bytes", limits.body));
    }

    void read_body(const httplib::Request& from, httplib::Response& response,
                   const httplib::ContentReader& reader) {
        Exchange& own = *current;
        HttpRequest request = head_of(from);
        std::size_t size = 0;
        bool is_large = false;
        const auto begun = Clock::now();
        const auto fits = [&](std::size_t more) {
            size += more;
            is_large = size > limits.body;
            own.stream.set_deadline(begun + time_for(size, limits));
            return !is_large;
        };
        bool complete = false;
        if (from.is_multipart_form_data()) {
            complete = reader(
                [&](const httplib::MultipartFormData& part) {
                    request.parts.push_back({part.name, part.filename, part.content_type, ""});
                    return request.parts.size() <= 64;
                },
                [&](const char* data, size_t length) {
                    request.parts.back().content.append(data, length);
                    return fits(length);
                });
        } else {
            complete = reader([&](const char* data, size_t length) {
                request.body.append(data, length);
                return fits(length);
            });
        }
        if (!complete) {
            return put(is_large ? too_large()
                                : problem(400,
                                          "the body ends before it is complete, or is no "
                                          "multipart/form-data as its header says"),
                       response);
        }
        own.body_left = false;
        put((*own.answer)(request), response);
    }

    void put(HttpResponse from, httplib::Response& to) {
        Exchange& own = *current;
        to.status = from.status;
        for (const auto& [name, value] : from.headers) {
            to.set_header(name, value);
        }
        if (own.body_left) {
            to.set_header("Connection", "close");
        }
        if (from.stream) {
            own.is_over = true;
            to.set_chunked_content_provider(
                from.content_type,
                [this, &own, stream = std::move(from.stream)](size_t, httplib::DataSink& sink) {
                    stream([&](std::string_view piece) {
                        own.stream.set_deadline(Clock::now() + limits.patience);
                        return svr_sock_ != INVALID_SOCKET && sink.is_writable() &&
                               (piece.empty() || sink.write(piece.data(), piece.size()));
                    });
                    sink.done();
                    return true;
                });
            return;
        }
        own.stream.set_deadline(Clock::now() + time_for(from.body.size(), limits));
        if (!from.content_type.empty()) {
            to.set_content(std::move(from.body), from.content_type);
        }
    }

    const HttpService service;
    const HttpLimits limits;
    static thread_local Exchange* current;
};

thread_local Exchange* HttpExchange::State::current = nullptr;

HttpExchange::HttpExchange(HttpService service, HttpLimits limits)
    : state_(std::make_unique<State>(std::move(service), limits)) {}

HttpExchange::~HttpExchange() = default;

bool HttpExchange::serve(HttpStream& stream) {
    return state_->serve(stream);
}

void HttpExchange::stop() {
    state_->stop_streams();
}

}  // namespace trunkline::mgmt
