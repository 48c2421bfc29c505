// Puts IP fragments together again (RFC 791 3.2, RFC 8200 4.5) with DPDK's rte_ip_frag, and says
// why it gave up on those that do not fit. It knows headers, and nothing of ports.
#pragma once

#include "board/error.h"
#include "dataplane/counters.h"
#include "dataplane/packet.h"

#include <rte_ip_frag.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>

namespace trunkline::dataplane {

/// One thread. A datagram has at most RTE_LIBRTE_IP_FRAG_MAX_FRAG (8) fragments; more are an attack
/// or not SIP. Fragments that overlap take their whole datagram with them (RFC 5722).
class Reassembler {
public:
    /// At most `contexts` datagrams at a time, each for at most `timeout` after its first fragment.
    static board::Expected<Reassembler> create(uint32_t contexts, std::chrono::nanoseconds timeout);

    /// Takes a fragment (l2_len and l3_len set, for IPv6 with the fragment header; cut to its IP
    /// length; addresses in its facts). Returns the datagram when it is whole: with valid headers,
    /// as if never fragmented, one or more segments. nullptr: kept, or counted and freed. `now` in
    /// monotonic nanoseconds.
    rte_mbuf* add_ip4(rte_mbuf* fragment, uint64_t now, Counters& counters);
    rte_mbuf* add_ip6(rte_mbuf* fragment, uint64_t now, Counters& counters);

    /// Frees what took too long; cheap when it is not time to look.
    void expire(uint64_t now, Counters& counters);
    /// When expire() has something to do next; `never` when nothing waits.
    uint64_t next_deadline() const { return next_look_; }
    static constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

private:
    struct TableFree {
        void operator()(rte_ip_frag_tbl* table) const { rte_ip_frag_table_destroy(table); }
    };
    Reassembler(rte_ip_frag_tbl* table, uint64_t timeout);

    /// Notes what the fragment carries; false (counted, freed): it cannot be part of any datagram.
    bool admit(rte_mbuf* fragment, uint32_t id, uint32_t offset, uint32_t length, bool more,
               uint64_t now, Counters& counters);
    /// Counts and frees what the table threw out while it took `added`.
    void bury(const rte_mbuf* added, const PacketFacts& added_facts, const FragmentNote& note,
              Counters& counters);

    std::unique_ptr<rte_ip_frag_tbl, TableFree> table_;
    std::unique_ptr<rte_ip_frag_death_row> dead_;
    uint64_t timeout_;
    uint64_t last_fragment_ = 0;
    uint64_t next_look_ = never;
};

}  // namespace trunkline::dataplane
