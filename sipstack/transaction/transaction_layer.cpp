#include "sipstack/transaction/transaction_layer.h"

#include "sipstack/transaction/client_transaction.h"
#include "sipstack/transaction/server_transaction.h"

namespace trunkline::sipstack {

struct TransactionLayer::State {
    State(TimerWheel& wheel, MessageSender& sender, const TimerSettings& timers, uint64_t secret,
          std::size_t max_server_transactions)
        : clients(wheel, sender, timers, counters, secret),
          servers(wheel, sender, timers, counters, max_server_transactions, secret) {}

    TransactionCounters counters;
    ClientTransactions clients;
    ServerTransactions servers;
};

TransactionLayer::TransactionLayer(TimerWheel& wheel, MessageSender& sender,
                                   const TimerSettings& timers, uint64_t secret,
                                   std::size_t max_server_transactions)
    : state_(std::make_unique<State>(wheel, sender, timers, secret, max_server_transactions)) {}

TransactionLayer::~TransactionLayer() = default;

ClientTransactionId TransactionLayer::send_request(std::string request, std::string_view branch,
                                                   std::string_view method, const Flow& flow,
                                                   ClientTransactionUser& user, Instant now,
                                                   unsigned max_transmissions) {
    return state_->clients.start(std::move(request), branch, method, flow, user, now,
                                 max_transmissions);
}

void TransactionLayer::cancel(ClientTransactionId id) {
    state_->clients.cancel(id);
}

void TransactionLayer::connection_lost(StreamId id, std::string_view reason, Instant now) {
    state_->clients.connection_lost(id, reason, now);
}

void TransactionLayer::unreachable(std::string_view branch, std::string_view method,
                                   const dataplane::Endpoint& remote, std::string_view reason,
                                   Instant now) {
    state_->clients.unreachable(branch, method, remote, reason, now);
}

void TransactionLayer::receive_response(const Message& response, const Flow& flow, Instant now) {
    state_->clients.receive(response, flow, now);
}

std::optional<ServerTransactionId> TransactionLayer::receive_request(const Message& request,
                                                                     const Flow& flow,
                                                                     Instant now) {
    return state_->servers.receive(request, flow, now);
}

void TransactionLayer::respond(ServerTransactionId id, const Message& request, const Flow& flow,
                               std::string_view response, Instant now) {
    state_->servers.respond(id, request, flow, response, now);
}

const TransactionCounters& TransactionLayer::counters() const {
    return state_->counters;
}

std::size_t TransactionLayer::live() const {
    return state_->clients.size() + state_->servers.size();
}

std::size_t TransactionLayer::on_streams() const {
    return state_->clients.on_streams();
}

}  // namespace trunkline::sipstack
