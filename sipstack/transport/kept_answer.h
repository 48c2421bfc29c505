// What is known of one DNS name and type, and for how long: time to live, refresh, and the last
// good answer while DNS is silent. Pure: the queries themselves are name_resolver.h.
#pragma once

#include "sipstack/instant.h"
#include "sipstack/transport/dns_answer.h"

#include <optional>
#include <string>

namespace trunkline::sipstack {

/// How often to ask and how long to believe; the defaults are the appliance's.
struct DnsPace {
    Milliseconds shortest_refresh{5000};  ///< whatever the time to live says
    Milliseconds retry{10'000};           ///< while DNS is silent or fails
    Milliseconds longest_denial{60'000};  ///< a "no" is asked again after this at the latest
    Milliseconds patience{3000};          ///< a first answer that takes longer counts as none
    /// An answer dies this long after its time to live ran out without a fresh one.
    Milliseconds keep = std::chrono::minutes(30);
};

/// What may be used of a question's answer at a given time.
struct DnsKnowledge {
    enum class State : uint8_t {
        asking,    ///< the first answer is awaited
        answered,  ///< `answer` stands, be it a "no"
        failed,    ///< DNS is silent or fails, and no answer stands
    };
    State state = State::asking;
    const DnsAnswer* answer = nullptr;  ///< of `answered` alone; until the next change
    Instant answered_at{};              ///< of `answered` alone
    Instant valid_until{};              ///< of `answered` alone; in the past: the last good one
    std::string_view failure = {};      ///< of the last query; empty when that was answered
};

/// A "no" (NXDOMAIN, or no record of the type) is an answer like any other and replaces what stood.
/// Only silence and failures leave the last answer standing.
class KeptAnswer {
public:
    explicit KeptAnswer(const DnsPace& pace) : pace_(pace) {}

    void asked(Instant now);
    /// `refresh`: ask again after this even though the time to live is longer; 0 = it alone counts.
    /// Records that came in another order than last time keep the old one, as servers turn equal
    /// records round with each answer.
    void answered(DnsAnswer answer, std::chrono::seconds refresh, Instant now);
    /// `failure`: why the query that was asked has no answer.
    void failed(std::string failure, Instant now);

    DnsKnowledge known(Instant now) const;
    /// A query is out.
    bool is_asking() const { return asked_at_.has_value(); }
    /// When to ask next; while a query is out, when patience ends.
    Instant next() const;

private:
    DnsPace pace_;
    std::optional<Instant> asked_at_;  ///< of the query that is out
    std::optional<DnsAnswer> answer_;
    Instant answered_at_{};
    Instant valid_until_{};
    Instant ask_at_{};
    std::string failure_;
};

}  // namespace trunkline::sipstack
