// The appliance's local socket: one JSON request a line, one JSON reply a line (unix(7), stream).
#pragma once

#include "board/error.h"
#include "board/event_loop.h"
#include "mgmt/access/local_peer.h"
#include "mgmt/request_handler.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace trunkline::mgmt {

struct LocalSocketLimits {
    std::size_t clients = 32;
    /// Of them, those that root and the appliance's own user alone may have.
    std::size_t kept_for_owners = 8;
    /// Of another Unix user.
    std::size_t clients_a_user = 8;
    /// One request of a caller who may change something; whole configurations come this way.
    std::size_t request_bytes = 16U << 20;
    /// The same for those who may look only.
    std::size_t monitor_request_bytes = 64U << 10;
    /// Of all clients together: requests that are not complete, answers that are not read.
    std::size_t all_requests_bytes = 64U << 20;
    std::size_t all_replies_bytes = 512U << 20;
    /// A client that neither sends nor reads for so long, or a handler that does not answer, ends
    /// the connection.
    std::chrono::milliseconds idle{30'000};
};

/// Lives on the control thread. Clients, request length and unread replies are bounded; a client
/// that hangs up or stays silent harms nothing. A client's next request is read when the reply to
/// the one before is sent. What is no request is answered {"ok": false, "error": "..."}.
///
/// Any Unix user may connect (the socket's mode is 0666); who it is decides (access/local_peer.h),
/// at the connection and again at each request, so that a user who was taken out is out. Who has no
/// place here, or has his share of them, is answered so and let go at once.
class LocalSocketServer {
public:
    /// Creates `path` (its folder too where there is none); a stale socket that nobody listens on
    /// is replaced, a live one is an Error: another instance runs. `handler` throws nothing;
    /// `users` tells of Unix users beside root and the appliance's own.
    static board::Expected<std::unique_ptr<LocalSocketServer>> listen(
        const std::string& path, board::EventLoop& loop, RequestHandler handler, UserLevels users,
        LocalSocketLimits limits = {});
    ~LocalSocketServer();  ///< closes the clients and removes the socket

private:
    struct State;
    explicit LocalSocketServer(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

/// The client's side, blocking for 10 s at most. The error says what to do when no appliance
/// answers.
board::Expected<nlohmann::json> ask_appliance(const std::string& path,
                                              const nlohmann::json& request);

}  // namespace trunkline::mgmt
