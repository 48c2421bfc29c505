// One request and its response over a connection (RFC 9112), read and written by cpp-httplib: the
// only file that knows it. A body is read once the head was admitted, never beyond its limit, and
// as fast as the slowest bearable line sends it.
#pragma once

#include "mgmt/rest/http.h"
#include "mgmt/rest/http_stream.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>

namespace trunkline::mgmt {

struct HttpLimits {
    std::size_t body = std::size_t{64} << 20;  ///< 413 beyond
    std::size_t path = 2048;                   ///< 414 beyond
    /// A body, and a response, may take as long as this and as its size at the slowest rate.
    std::chrono::milliseconds patience{10'000};
    std::size_t slowest = std::size_t{16} << 10;  ///< bytes a second
    /// A client whose body is not wanted may go on sending for so long, to hear why.
    std::chrono::milliseconds farewell{2'000};
};

class HttpExchange {
public:
    HttpExchange(HttpService service, HttpLimits limits);
    ~HttpExchange();

    /// Reads and answers one request. Blocks. false: the connection is over. Any thread, several at
    /// once.
    bool serve(HttpStream& stream);
    /// Ends responses that go on.
    void stop();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::mgmt
