// The non-INVITE client transaction (RFC 3261 17.1.2): its state, timers E, F and K.
#pragma once

#include "sipstack/transaction/completed_transactions.h"
#include "sipstack/transaction/keyed_slots.h"
#include "sipstack/transaction/transaction_layer.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace trunkline::sipstack {

/// All client transactions of a layer.
class ClientTransactions {
public:
    ClientTransactions(TimerWheel& wheel, MessageSender& sender, const TimerSettings& timers,
                       TransactionCounters& counters, uint64_t secret);

    ClientTransactionId start(std::string request, std::string_view branch, std::string_view method,
                              const Flow& flow, ClientTransactionUser& user, Instant now,
                              unsigned max_transmissions);
    void cancel(ClientTransactionId id);
    void connection_lost(StreamId id, std::string_view reason, Instant now);
    void unreachable(std::string_view branch, std::string_view method,
                     const dataplane::Endpoint& remote, std::string_view reason, Instant now);
    void receive(const Message& response, const Flow& flow, Instant now);
    std::size_t size() const { return live_.size() + completed_.size(); }
    std::size_t on_streams() const { return by_stream_.size(); }

private:
    enum class State : uint8_t { trying, proceeding };

    struct Transaction : KeyedSlot {
        explicit Transaction(ClientTransactions& table) : owner(table) {}

        ClientTransactions& owner;
        std::string request;
        Flow flow;
        ClientTransactionUser* user = nullptr;
        State state = State::trying;
        Milliseconds interval{};  ///< of timer E
        unsigned transmissions = 1;
        unsigned max_transmissions = 0;  ///< 0 = as many as Timer F allows
        Timer retransmit{[this](Instant now) { owner.on_timer_e(*this, now); }};
        Timer end{[this](Instant now) { owner.on_end(*this, now); }};  ///< F
    };

    void on_timer_e(Transaction& transaction, Instant now);
    void on_end(Transaction& transaction, Instant now);
    void complete(Transaction& transaction, Instant now);
    void fail(Transaction& transaction, std::string_view reason, Instant now);
    void erase(Transaction& transaction);
    uint64_t write_key(std::string_view branch, std::string_view method);

    TimerWheel& wheel_;
    MessageSender& sender_;
    const TimerSettings& timers_;
    TransactionCounters& counters_;
    std::string key_;  ///< scratch for look-ups
    KeyedSlots<Transaction> live_;
    std::set<std::pair<StreamId, ClientTransactionId>> by_stream_;  ///< those on streams
    CompletedTransactions completed_;
};

}  // namespace trunkline::sipstack
