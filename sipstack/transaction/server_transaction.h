// The non-INVITE server transaction (RFC 3261 17.2.2): the stored answer and timer J.
#pragma once

#include "sipstack/transaction/keyed_slots.h"
#include "sipstack/transaction/transaction_layer.h"

#include <optional>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// All server transactions of a layer.
class ServerTransactions {
public:
    ServerTransactions(TimerWheel& wheel, MessageSender& sender, const TimerSettings& timers,
                       TransactionCounters& counters, std::size_t limit, uint64_t secret);

    std::optional<ServerTransactionId> receive(const Message& request, const Flow& flow,
                                               Instant now);
    void respond(ServerTransactionId id, const Message& request, const Flow& flow,
                 std::string_view response, Instant now);
    std::size_t size() const { return live_.size(); }

private:
    struct Transaction : KeyedSlot {
        explicit Transaction(ServerTransactions& table) : owner(table) {}

        ServerTransactions& owner;
        std::string response;  ///< the last one; empty: none yet
        Flow flow;             ///< of the response
        bool completed = false;
        /// J, and before the final answer a bound on waiting for it.
        Timer end{[this](Instant) { owner.forget(*this); }};
    };

    void forget(Transaction& transaction);
    void send(const Flow& flow, std::string_view response);

    TimerWheel& wheel_;
    MessageSender& sender_;
    const TimerSettings& timers_;
    TransactionCounters& counters_;
    std::size_t limit_;
    std::string key_;  ///< scratch for look-ups
    KeyedSlots<Transaction> live_;
};

}  // namespace trunkline::sipstack
