#include "sipstack/transaction/client_transaction.h"

#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

ClientTransactions::ClientTransactions(TimerWheel& wheel, MessageSender& sender,
                                       const TimerSettings& timers, TransactionCounters& counters,
                                       uint64_t secret)
    : wheel_(wheel),
      sender_(sender),
      timers_(timers),
      counters_(counters),
      live_(secret),
      completed_(wheel) {}

/// Branches are compared without case, methods with it (17.1.3, 7.1). Returns the key's hash.
uint64_t ClientTransactions::write_key(std::string_view branch, std::string_view method) {
    key_.assign(branch);
    make_lower(key_);
    key_ += ' ';
    key_ += method;
    return live_.hash_of(key_);
}

ClientTransactionId ClientTransactions::start(std::string request, std::string_view branch,
                                              std::string_view method, const Flow& flow,
                                              ClientTransactionUser& user, Instant now,
                                              unsigned max_transmissions) {
    if (!sender_.send(flow, request)) {
        ++counters_.transport_errors;
        return 0;
    }
    ++counters_.requests_sent;
    const uint64_t hash = write_key(branch, method);
    if (live_.find(key_, hash) != nullptr) {
        std::fputs("transaction: a branch was used twice\n", stderr);
        std::abort();
    }
    Transaction& transaction = live_.take(key_, hash, *this);
    transaction.request = std::move(request);
    transaction.flow = flow;
    transaction.user = &user;
    transaction.state = State::trying;
    transaction.interval = timers_.t1;
    transaction.transmissions = 1;
    transaction.max_transmissions = 0;
    if (flow.transport == Transport::udp) {
        transaction.max_transmissions =
            max_transmissions != 0 ? max_transmissions : timers_.max_transmissions;
        wheel_.schedule(transaction.retransmit, now + transaction.interval);
        wheel_.schedule(transaction.end, now + 64 * timers_.t1);
    } else {
        const bool is_set = timers_.tcp_timeout != Seconds{0};
        wheel_.schedule(transaction.end, now + (is_set ? timers_.tcp_timeout : 64 * timers_.t1));
        by_stream_.emplace(flow.stream, transaction.id());
    }
    return transaction.id();
}

void ClientTransactions::cancel(ClientTransactionId id) {
    if (Transaction* const transaction = live_.find(id)) {
        erase(*transaction);
    }
}

// In each function below the user is called last: it may cancel, start others or go away.

void ClientTransactions::receive(const Message& response, const Flow& flow, Instant now) {
    const uint64_t hash = write_key(response.vias().front().branch, response.method());
    Transaction* const found = live_.find(key_, hash);
    if (found == nullptr || response.vias().size() != 1) {
        const bool is_repeated = response.vias().size() == 1 && completed_.knows(hash);
        ++(is_repeated ? counters_.responses_absorbed : counters_.responses_unmatched);
        return;
    }
    Transaction& transaction = *found;
    ClientTransactionUser* const user = transaction.user;
    if (response.status() < 200) {
        transaction.state = State::proceeding;
        user->on_provisional(response, now);
    } else {
        std::string request = std::exchange(transaction.request, {});
        complete(transaction, now);
        user->on_final(response, flow, std::move(request), now);
    }
}

/// Its number alone stays, until Timer K; of a stream's nothing, as a stream repeats nothing.
void ClientTransactions::complete(Transaction& transaction, Instant now) {
    if (transaction.flow.transport == Transport::udp) {
        completed_.add(transaction.hash(), now + timers_.t4);
    }
    erase(transaction);
}

void ClientTransactions::connection_lost(StreamId id, std::string_view reason, Instant now) {
    // A user may start and cancel others meanwhile, so the ids are looked up one by one.
    std::vector<ClientTransactionId> lost;
    for (auto at = by_stream_.lower_bound({id, 0}); at != by_stream_.end() && at->first == id;
         ++at) {
        lost.push_back(at->second);
    }
    for (const ClientTransactionId number : lost) {
        if (Transaction* const transaction = live_.find(number)) {
            fail(*transaction, reason, now);
        }
    }
}

void ClientTransactions::unreachable(std::string_view branch, std::string_view method,
                                     const dataplane::Endpoint& remote, std::string_view reason,
                                     Instant now) {
    const uint64_t hash = write_key(branch, method);
    Transaction* const found = live_.find(key_, hash);
    if (found != nullptr && found->flow.transport == Transport::udp &&
        found->flow.remote == remote && found->state == State::trying) {
        fail(*found, reason, now);
    }
}

void ClientTransactions::fail(Transaction& transaction, std::string_view reason, Instant now) {
    ++counters_.transport_errors;
    ClientTransactionUser* const user = transaction.user;
    erase(transaction);
    user->on_transport_error(reason, now);
}

void ClientTransactions::on_timer_e(Transaction& transaction, Instant now) {
    if (transaction.max_transmissions != 0 &&
        transaction.transmissions >= transaction.max_transmissions) {
        if (transaction.state == State::trying) {
            on_end(transaction, now);
        }
        return;
    }
    if (!sender_.send(transaction.flow, transaction.request)) {
        fail(transaction, fmt::format("cannot send to {}", transaction.flow.remote.to_string()),
             now);
        return;
    }
    ++transaction.transmissions;
    ++counters_.retransmissions;
    transaction.interval = transaction.state == State::proceeding
                               ? timers_.t2
                               : std::min(2 * transaction.interval, timers_.t2);
    wheel_.schedule(transaction.retransmit, now + transaction.interval);
}

void ClientTransactions::on_end(Transaction& transaction, Instant now) {
    ClientTransactionUser* const user = transaction.user;
    erase(transaction);
    ++counters_.timeouts;
    user->on_timeout(now);
}

void ClientTransactions::erase(Transaction& transaction) {
    transaction.retransmit.cancel();
    transaction.end.cancel();
    if (transaction.flow.transport != Transport::udp) {
        by_stream_.erase({transaction.flow.stream, transaction.id()});
    }
    std::string().swap(transaction.request);
    live_.give_back(transaction);
}

}  // namespace trunkline::sipstack
