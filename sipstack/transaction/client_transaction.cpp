#include "sipstack/transaction/client_transaction.h"

#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

namespace {

/// Branches are compared without case, methods with it (17.1.3, 7.1).
void write_key(std::string& key, std::string_view branch, std::string_view method) {
    key.resize(branch.size() + 1 + method.size());
    char* at = key.data();
    for (const char c : branch) {
        *at++ = to_lower(c);
    }
    *at++ = ' ';
    std::copy(method.begin(), method.end(), at);
}

}  // namespace

ClientTransactions::ClientTransactions(TimerWheel& wheel, MessageSender& sender,
                                       const TimerSettings& timers, TransactionCounters& counters)
    : wheel_(wheel), sender_(sender), timers_(timers), counters_(counters), completed_(wheel) {}

ClientTransactionId ClientTransactions::start(std::string request, std::string_view branch,
                                              std::string_view method, const Flow& flow,
                                              ClientTransactionUser& user, Instant now,
                                              unsigned max_transmissions) {
    if (!sender_.send(flow, request)) {
        ++counters_.transport_errors;
        return 0;
    }
    ++counters_.requests_sent;
    write_key(key_, branch, method);
    const ClientTransactionId id = ++last_id_;
    Transaction& transaction = by_id_.try_emplace(id, *this, id, key_).first->second;
    if (!by_key_.emplace(transaction.key, &transaction).second) {
        std::fputs("transaction: a branch was used twice\n", stderr);
        std::abort();
    }
    transaction.request = std::move(request);
    transaction.flow = flow;
    transaction.user = &user;
    transaction.interval = timers_.t1;
    if (flow.transport == Transport::udp) {
        transaction.max_transmissions =
            max_transmissions != 0 ? max_transmissions : timers_.max_transmissions;
        wheel_.schedule(transaction.retransmit, now + transaction.interval);
        wheel_.schedule(transaction.end, now + 64 * timers_.t1);
    } else {
        const bool is_set = timers_.tcp_timeout != Seconds{0};
        wheel_.schedule(transaction.end, now + (is_set ? timers_.tcp_timeout : 64 * timers_.t1));
        by_stream_.emplace(flow.stream, id);
    }
    return id;
}

void ClientTransactions::cancel(ClientTransactionId id) {
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) {
        erase(found->second);
    }
}

// In each function below the user is called last: it may cancel, start others or go away.

void ClientTransactions::receive(const Message& response, const Flow& flow, Instant now) {
    write_key(key_, response.vias().front().branch, response.method());
    const auto found = by_key_.find(key_);
    if (found == by_key_.end() || response.vias().size() != 1) {
        const bool is_repeated =
            response.vias().size() == 1 && completed_.knows(std::hash<std::string>{}(key_));
        ++(is_repeated ? counters_.responses_absorbed : counters_.responses_unmatched);
        return;
    }
    Transaction& transaction = *found->second;
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
        completed_.add(std::hash<std::string>{}(transaction.key), now + timers_.t4);
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
        if (const auto found = by_id_.find(number); found != by_id_.end()) {
            fail(found->second, reason, now);
        }
    }
}

void ClientTransactions::unreachable(std::string_view branch, std::string_view method,
                                     const dataplane::Endpoint& remote, std::string_view reason,
                                     Instant now) {
    write_key(key_, branch, method);
    const auto found = by_key_.find(key_);
    if (found == by_key_.end()) {
        return;
    }
    Transaction& transaction = *found->second;
    if (transaction.flow.transport == Transport::udp && transaction.flow.remote == remote &&
        transaction.state == State::trying) {
        fail(transaction, reason, now);
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
    by_key_.erase(transaction.key);
    by_stream_.erase({transaction.flow.stream, transaction.id});
    by_id_.erase(ClientTransactionId{transaction.id});
}

}  // namespace trunkline::sipstack
