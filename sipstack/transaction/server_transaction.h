// The non-INVITE server transaction (RFC 3261 17.2.2): the stored answer and timer J.
#pragma once

#include "sipstack/transaction/transaction_layer.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace trunkline::sipstack {

/// All server transactions of a layer.
class ServerTransactions {
public:
    ServerTransactions(TimerWheel& wheel, MessageSender& sender, const TimerSettings& timers,
                       TransactionCounters& counters, std::size_t limit);

    bool receive(const Message& request, const Flow& flow, Instant now);
    void respond(const Message& request, const Flow& flow, std::string response, Instant now);
    std::size_t size() const { return by_key_.size(); }

private:
    struct Transaction {
        Transaction(ServerTransactions& table, std::string table_key)
            : owner(table), key(std::move(table_key)) {}

        ServerTransactions& owner;
        std::string key;       ///< of `by_key_`
        std::string response;  ///< the last one; empty: none yet
        Flow flow;             ///< of the response
        bool completed = false;
        /// J, and before the final answer a bound on waiting for it.
        Timer end{[this](Instant) { owner.by_key_.erase(key); }};
    };

    void send(const Flow& flow, std::string_view response);

    TimerWheel& wheel_;
    MessageSender& sender_;
    const TimerSettings& timers_;
    TransactionCounters& counters_;
    std::size_t limit_;
    std::string key_;  ///< scratch for look-ups
    std::unordered_map<std::string_view, std::unique_ptr<Transaction>> by_key_;
};

}  // namespace trunkline::sipstack
