// HTTPS: listens, shakes hands and waits for heads of requests on one thread by events, so that a
// connection that says nothing, or little, costs a descriptor and no thread. A request whose head
// is there is answered by one of a few threads. When all connections are taken, the one that has
// waited longest makes room, of the address that has most.
#pragma once

#include "board/error.h"
#include "board/file_descriptor.h"
#include "mgmt/rest/http.h"
#include "mgmt/rest/http_exchange.h"

#include <openssl/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace trunkline::mgmt {

struct HttpsLimits {
    std::size_t connections = 256;
    std::size_t threads = 24;
    std::size_t head = std::size_t{16} << 10;  ///< bytes; 431 beyond
    /// For the handshake and the first head; for the head of a later request.
    std::chrono::milliseconds head_time{10'000}, keep_alive{30'000};
    HttpLimits http;
};

struct HttpsCounters {
    uint64_t accepted = 0, requests = 0;
    uint64_t made_room = 0;     ///< ended for a newer one
    uint64_t turned_away = 0;   ///< not taken: every connection was being served
    uint64_t too_slow = 0;      ///< ended as nothing came in time
    std::size_t open = 0;       ///< now
    std::size_t most_open = 0;  ///< at once, ever
};

/// A socket that HttpsServer listens on, in the calling thread's network namespace. `host` is a
/// numeric address. The error says what to do.
board::Expected<board::FileDescriptor> listen_https(const std::string& host, uint16_t port);

class HttpsServer {
public:
    /// The certificate and key of new connections; any thread.
    using ContextSource = std::function<std::shared_ptr<SSL_CTX>()>;

    /// Its threads are made here; they block the signals that the calling thread blocks.
    HttpsServer(board::FileDescriptor listener, ContextSource context, HttpService service,
                HttpsLimits limits = {});
    /// Ends all connections. What the service waits for must not wait for this thread.
    ~HttpsServer();
    HttpsServer(const HttpsServer&) = delete;
    HttpsServer& operator=(const HttpsServer&) = delete;

    HttpsCounters counters() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::mgmt
