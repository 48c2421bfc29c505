// What roles that send SIP requests have in common: when to begin, finding the request of an
// answer, sending again, latencies, and the counts of what went well and what did not.
#pragma once

#include "tools/blast/role.h"
#include "tools/blast/scan.h"
#include "tools/blast/schedule.h"
#include "tools/blast/text_buffer.h"
#include "tools/blast/transactions.h"

#include <map>
#include <string>

namespace trunkline::blast {

struct ClientCounts {
    uint64_t started = 0;    ///< operations
    uint64_t completed = 0;  ///< operations that ended well
    uint64_t sent = 0;       ///< requests, retransmissions apart
    uint64_t retransmissions = 0;
    uint64_t timed_out = 0;    ///< operations without an answer for 64 T1
    uint64_t unavailable = 0;  ///< operations that ended with a 503
    uint64_t provisional = 0;  ///< 1xx
    uint64_t late = 0;         ///< answers to requests that had theirs: duplicates
    uint64_t requests = 0;     ///< from the peer; left unanswered
    uint64_t unsent = 0;       ///< requests for which the port had no room; sent again by timer
    // Wrong:
    uint64_t malformed = 0;   ///< no SIP message
    uint64_t unexpected = 0;  ///< answers to nothing that we sent
    uint64_t mismatched = 0;  ///< Call-ID, CSeq, tags or Contact are not as they must be
    uint64_t refused = 0;     ///< final answers that end an operation badly, 503 apart
};

class ClientRole : public Role {
public:
    void start(uint64_t now) final;
    void receive(std::span<const Datagram> batch, uint64_t now) final;
    bool poll(uint64_t now) final;
    void stop() final { schedule_.stop(); }
    bool done(uint64_t now) const final;
    uint64_t completed() const final { return counts_.completed; }
    uint64_t wrong() const final;
    std::string unanswered() const final;
    std::string progress(uint64_t now) const final;
    nlohmann::ordered_json report(uint64_t now) const final;

    const ClientCounts& counts() const { return counts_; }
    const Histogram& latency() const { return latency_; }

protected:
    /// `flow` leads to the peer; `pace.window` slots are made.
    ClientRole(std::string name, const Flow& flow, const Pace& pace, const TimerSettings& timers,
               Outlet& outlet);

    /// Gives a new operation its subject; false: none is free now, try later.
    virtual bool assign(Transaction& transaction) = 0;
    /// The request of the slot as it stands, also when it is sent again.
    virtual void write(uint32_t slot, TextBuffer& text) = 0;
    /// A final answer to the slot's request whose Call-ID is still to be judged.
    virtual void answered(uint32_t slot, const ScannedMessage& answer, uint64_t now) = 0;
    /// The operation is over, whatever became of it.
    virtual void released(const Transaction&) {}

    /// For answered(): the next request of the operation, its end, or one of the bad ends.
    void next_request(uint32_t slot, uint64_t now);
    void complete(uint32_t slot, uint64_t now);
    void fail(uint32_t slot, uint64_t& count);
    void refuse(uint32_t slot, uint16_t status);

    const Flow& flow() const { return flow_; }
    Transactions& transactions() { return transactions_; }
    ClientCounts& mutable_counts() { return counts_; }

private:
    void receive_one(const Datagram& datagram, uint64_t now);
    void send(uint32_t slot);
    bool begin_due(uint64_t now);
    bool expire(uint64_t now);

    std::string name_;
    Flow flow_;
    Outlet& outlet_;
    Schedule schedule_;
    Transactions transactions_;
    uint32_t window_;
    ClientCounts counts_;
    std::map<uint16_t, uint64_t> refused_by_status_;
    Histogram latency_;         ///< of operations, from the time they were meant to begin
    Histogram answer_latency_;  ///< of requests, from the first sending to the final answer
};

}  // namespace trunkline::blast
