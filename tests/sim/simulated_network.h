// A network under virtual time: it delays, reorders, loses and duplicates datagrams, from a seed.
#pragma once

#include "dataplane/address.h"
#include "sipstack/instant.h"
#include "sipstack/random.h"

#include <cstdint>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::sim {

using sipstack::Instant;
using sipstack::Milliseconds;

/// What a direction between two addresses does to a datagram. Unequal delays reorder.
struct LinkConditions {
    double loss = 0;         ///< 0..1
    double duplication = 0;  ///< 0..1; the copy has a delay of its own
    Milliseconds min_delay{5};
    Milliseconds max_delay{5};
};

struct Datagram {
    dataplane::Endpoint from;
    dataplane::Endpoint to;
    std::string bytes;
};

class SimulatedNetwork {
public:
    explicit SimulatedNetwork(uint64_t seed);

    /// For datagrams sent from now on in that direction; others keep what they got.
    void set_conditions(const dataplane::IpAddress& from, const dataplane::IpAddress& to,
                        const LinkConditions& conditions);

    void transmit(Datagram datagram, Instant now);
    std::optional<Instant> next_delivery() const;
    /// The next datagram whose time has come; nullopt: none is due.
    std::optional<Datagram> take_due(Instant now);

    uint64_t lost() const { return lost_; }
    uint64_t duplicated() const { return duplicated_; }

private:
    struct InFlight {
        Instant due;
        uint64_t sequence;  ///< equal times stay in order, so that a seed repeats exactly
        Datagram datagram;

        bool operator<(const InFlight& other) const {
            return std::pair(other.due, other.sequence) < std::pair(due, sequence);
        }
    };
    bool happens(double probability);
    void fly(Datagram datagram, const LinkConditions& conditions, Instant now);

    sipstack::Random random_;
    std::map<std::pair<dataplane::IpAddress, dataplane::IpAddress>, LinkConditions> links_;
    std::priority_queue<InFlight> in_flight_;
    uint64_t sequence_ = 0;
    uint64_t lost_ = 0;
    uint64_t duplicated_ = 0;
};

}  // namespace trunkline::sim
