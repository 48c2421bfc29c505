// Requests that peers send to the appliance out of any dialog, and whether it answers each at once,
// once, and rightly (RFC 3261 8.2).
#pragma once

#include "dataplane/address.h"
#include "sipstack/config.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trunkline::sim {

using sipstack::Instant;

class IncomingRequests {
public:
    explicit IncomingRequests(uint64_t seed);

    /// A request of `from` to `to`, of any kind that an answer is known for.
    std::string make(const dataplane::Endpoint& from, const dataplane::Endpoint& to,
                     sipstack::Transport transport);
    /// Accounts subscribe to their registrations, or did: a NOTIFY out of any dialog finds none.
    void allow_notify() { allows_notify_ = true; }
    /// A whole message has reached a shard; others than those made here are ignored.
    void delivered(std::string_view bytes);
    /// The appliance sends a response. What is wrong with it, in words.
    std::optional<std::string> answered(std::string_view bytes, Instant now);
    /// After the shard's step: what was not answered, in words.
    std::optional<std::string> settle();

    uint64_t answers() const { return answers_; }

private:
    struct Sent {
        std::string from, call_id, cseq;
        int status = 0;        ///< of the answer
        std::string response;  ///< the first one
        Instant answered_at{};
    };

    sipstack::Random random_;
    std::unordered_map<std::string, Sent> sent_;  ///< by branch
    std::vector<std::string> owed_;               ///< branches, in the order of their arrival
    uint64_t answers_ = 0;
    bool allows_notify_ = false;
};

}  // namespace trunkline::sim
