// The worker's memory of next hops: destination and device -> MAC address.
#pragma once

#include "dataplane/address.h"

#include <array>
#include <cstdint>
#include <vector>

namespace trunkline::dataplane {

/// A set-associative cache, as a CPU's: a destination may live in one of eight places, and the one
/// unused for longest makes room. So it never fills up, never allocates after it was made, and a
/// look-up is bounded. What fell out is asked for again.
class NextHopCache {
public:
    /// `capacity` destinations, rounded up to a power of two of at least eight.
    explicit NextHopCache(uint32_t capacity);

    /// nullptr: unknown. The pointer is good until the next change.
    const MacAddress* find(const IpAddress& destination, uint16_t device);
    void insert(const IpAddress& destination, uint16_t device, const MacAddress& mac);
    void erase(const IpAddress& destination, uint16_t device);
    void clear();

private:
    struct Entry {
        IpAddress destination;  ///< not set: free
        uint16_t device = 0;
        MacAddress mac;
        uint32_t used = 0;  ///< value of clock_ at the last use
    };
    static constexpr std::size_t ways = 8;
    using Set = std::array<Entry, ways>;

    Set& set_of(const IpAddress& destination, uint16_t device);
    Entry* locate(const IpAddress& destination, uint16_t device);

    std::vector<Set> sets_;
    uint32_t clock_ = 0;
};

}  // namespace trunkline::dataplane
