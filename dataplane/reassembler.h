// Puts IP fragments together again (RFC 791 3.2, RFC 8200 4.5). It knows headers, and nothing of
// ports; which fragments belong together and which are refused is fragment_table.h's.
//
// Whoever sent a datagram that is given up is not told (ICMP time exceeded): SIP sends it again.
#pragma once

#include "dataplane/counters.h"
#include "dataplane/fragment_table.h"

#include <rte_mbuf.h>

#include <cstdint>

namespace trunkline::dataplane {

/// One thread.
class Reassembler {
public:
    explicit Reassembler(const FragmentLimits& limits) : table_(limits) {}
    ~Reassembler();  ///< frees what waits
    Reassembler(const Reassembler&) = delete;
    Reassembler& operator=(const Reassembler&) = delete;

    /// Takes a fragment (l2_len and l3_len set, for IPv6 with the fragment header; headers in the
    /// first segment; cut to its IP length; addresses and IP interface in its facts). Returns the
    /// datagram when it is whole: with valid headers, as if never fragmented, one or more segments.
    /// nullptr: kept, or counted and freed. `now` in monotonic nanoseconds.
    rte_mbuf* add_ip4(rte_mbuf* fragment, uint64_t now, Counters& counters);
    /// The same; a fragment that is the whole datagram (RFC 6946) loses its extra header at once.
    rte_mbuf* add_ip6(rte_mbuf* fragment, uint64_t now, Counters& counters);

    /// Frees what took too long; cheap when it is not time to look.
    void expire(uint64_t now, Counters& counters);
    /// When expire() has something to do, or a time before.
    uint64_t next_deadline() const { return table_.next_deadline(); }
    static constexpr uint64_t never = FragmentTable::never;

private:
    /// The datagram that the fragment completes, with the first one's headers as they are.
    rte_mbuf* add(rte_mbuf* fragment, uint32_t id, const FragmentPlace& place, uint64_t now,
                  Counters& counters);

    FragmentTable table_;
};

}  // namespace trunkline::dataplane
