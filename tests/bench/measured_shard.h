// A shard with accounts and a registrar that answers it, without packets: for programs that
// measure. What counts is told by a meter, around the shard's own work alone.
#pragma once

#include "sipstack/shard.h"

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::bench {

/// Begins and ends once for each stretch of the shard's work.
class Meter {
public:
    virtual void begin() = 0;
    virtual void end() = 0;

protected:
    ~Meter() = default;
};

class Outbox final : public sipstack::MessageSender {
public:
    bool send(const sipstack::Flow& flow, std::string_view bytes) override {
        sent.emplace_back(flow, bytes);
        return true;
    }
    std::vector<std::pair<sipstack::Flow, std::string>> sent;
};

class MeasuredShard {
public:
    /// All with one proxy set, without a limit of pace. The random numbers are those of a fixed
    /// seed.
    explicit MeasuredShard(unsigned accounts);

    /// Every account sends its first REGISTER, which serve() answers.
    void start();
    /// An operator has all accounts register again.
    void register_all(Meter& meter);
    /// Answers until nothing is asked any more; the answers are made while nothing counts.
    void serve(Meter& meter);
    /// `count` OPTIONS from elsewhere, each of a transaction that no earlier one had. False unless
    /// all were answered.
    bool answer_options(unsigned count, Meter& meter);
    /// To where completed transactions are forgotten.
    void pass(sipstack::Milliseconds span);
    bool any_registered() const { return shard_.any_registered(); }
    sipstack::ShardUsage usage() const { return shard_.usage(); }

private:
    std::shared_ptr<spdlog::logger> log_;
    sipstack::Instant now_{std::chrono::hours(1)};
    Outbox outbox_;
    unsigned options_ = 0;
    sipstack::Shard shard_;
};

}  // namespace trunkline::bench
