// RFC 3261 17: non-INVITE client and server transactions of one shard.
//
// Own tables (keyed_slots.h) and timer wheel; libosip2's linear lists are not used.
// Runs on the shard's thread alone. INVITE transactions come with calls.
#pragma once

#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/message/message.h"
#include "sipstack/timer_wheel.h"
#include "sipstack/transport/transport.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// The user of a client transaction. Exactly one of these ends it, except on_provisional.
class ClientTransactionUser {
public:
    virtual ~ClientTransactionUser() = default;
    virtual void on_provisional(const Message& response, Instant now) = 0;
    /// `request`: as it was sent, for whoever wants to send something like it.
    virtual void on_final(const Message& response, const Flow& came_from, std::string request,
                          Instant now) = 0;
    /// Timer F fired without a final response (RFC 3261 17.1.2.2), or the last transmission allowed
    /// has waited in vain; counts as 408.
    virtual void on_timeout(Instant now) = 0;
    /// The transport refused the request or lost it; counts as 503 (RFC 3261 8.1.3.1, 18.4).
    /// `reason` is for an operator, "connection refused by 192.0.2.1:5060", and valid during the
    /// call.
    virtual void on_transport_error(std::string_view reason, Instant now) = 0;
};

/// Handle of a live client transaction; 0 is none.
using ClientTransactionId = uint64_t;
/// Handle of a server transaction; 0 is none: it is answered without state.
using ServerTransactionId = uint64_t;

struct TransactionCounters {
    uint64_t requests_sent = 0, retransmissions = 0, timeouts = 0, transport_errors = 0;
    uint64_t responses_unmatched = 0, responses_absorbed = 0;
    uint64_t requests_received = 0, request_retransmissions_absorbed = 0;
    uint64_t responses_sent = 0, server_transactions_refused = 0;
};

class TransactionLayer {
public:
    /// Reference arguments outlive the layer. `secret`: random, of the tables' hashes, as peers
    /// choose the keys. `max_server_transactions` bounds memory against a flood; beyond it requests
    /// are answered statelessly.
    TransactionLayer(TimerWheel& wheel, MessageSender& sender, const TimerSettings& timers,
                     uint64_t secret, std::size_t max_server_transactions = 65536);
    ~TransactionLayer();

    /// Sends `request` (a whole message whose top Via has `branch`) and, over UDP, keeps
    /// retransmitting it unchanged until a response, Timer F or cancel. A transport error is
    /// reported by the return value 0 and not by a callback. `user` outlives the transaction or
    /// cancels it.
    ///
    /// `max_transmissions` over UDP, the first included, for this request; 0 =
    /// TimerSettings::max_transmissions. When the last one has waited its interval the transaction
    /// times out. A provisional response lifts the limit on waiting: Timer F alone ends it then.
    ClientTransactionId send_request(std::string request, std::string_view branch,
                                     std::string_view method, const Flow& flow,
                                     ClientTransactionUser& user, Instant now,
                                     unsigned max_transmissions = 0);
    /// Forgets a transaction; no callback follows, and a late answer is dropped. Unknown ids and
    /// those that had their final answer are ignored. May be called from any callback.
    void cancel(ClientTransactionId id);

    /// Fails the client transactions whose request went over that connection (18.4).
    void connection_lost(StreamId id, std::string_view reason, Instant now);
    /// Fails the client transaction over UDP that sent such a request to `remote`, as the network
    /// says that it does not arrive (18.4). One that got an answer goes on.
    void unreachable(std::string_view branch, std::string_view method,
                     const dataplane::Endpoint& remote, std::string_view reason, Instant now);

    /// Matches by top branch and CSeq method (17.1.3); sent-by is checked by the caller (18.1.2).
    /// A response with several Via values is not ours to take (8.1.3.3).
    void receive_response(const Message& response, const Flow& flow, Instant now);

    /// A new request, which the caller answers with respond(), in the same call or later, within
    /// 64*T1. nullopt: a retransmission, absorbed or answered again here (17.2.2), or an ACK, which
    /// is never answered.
    std::optional<ServerTransactionId> receive_request(const Message& request, const Flow& flow,
                                                       Instant now);
    /// Answers along the top Via (response_flow() of message/response.h) of a datagram, or along
    /// `flow` (Connections::way_back()) where the request came on a stream; `response` was begun
    /// with response_to(). A final response is kept for retransmissions; outside any transaction it
    /// is sent and forgotten.
    void respond(ServerTransactionId id, const Message& request, const Flow& flow,
                 std::string_view response, Instant now);

    const TransactionCounters& counters() const;
    /// Transactions held, both sides, those that only absorb retransmissions included.
    std::size_t live() const;
    /// Of the client's those that end with their connection.
    std::size_t on_streams() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::sipstack
