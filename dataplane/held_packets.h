// Packets that wait until the address of their next hop is known: bounded in number and time.
#pragma once

#include "dataplane/address.h"

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace trunkline::dataplane {

class HeldPackets {
public:
    static constexpr std::size_t packets_a_destination = 64;  ///< a datagram of 64 kB
    static constexpr std::size_t destinations = 256;
    static constexpr std::size_t packets_in_all = 1024;

    /// One destination's packets, taken out; the caller owns them.
    struct Batch {
        IpAddress destination;
        IpAddress source;
        uint16_t device = 0;
        uint16_t count = 0;
        std::array<rte_mbuf*, packets_a_destination> packets;
        std::span<rte_mbuf*> span() { return {packets.data(), count}; }
    };

    enum class Held : uint8_t {
        first,  ///< nobody waited for this destination: ask for it
        joined,
        full,  ///< not taken
    };

    /// Nothing is allocated after this.
    HeldPackets();
    ~HeldPackets();  ///< frees what is held
    HeldPackets(const HeldPackets&) = delete;
    HeldPackets& operator=(const HeldPackets&) = delete;

    /// `deadline` counts when the destination is new.
    Held hold(rte_mbuf* packet, const IpAddress& destination, const IpAddress& source,
              uint16_t device, uint64_t deadline);
    /// Takes out what waits for `destination`; false: nothing did.
    bool take(const IpAddress& destination, uint16_t device, Batch& batch);
    /// Takes out a destination whose deadline is not after `now`; false: there is none.
    bool take_expired(uint64_t now, Batch& batch);
    /// The earliest deadline or one before it; `never` when nothing is held.
    uint64_t next_deadline() const { return next_deadline_; }
    static constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

    /// Calls `visit(destination, source, device)` for each destination that is waited for.
    template <typename Visit>
    void for_each_destination(Visit visit) const {
        for (const Place& place : places_) {
            visit(place.batch.destination, place.batch.source, place.batch.device);
        }
    }

private:
    struct Place {
        Batch batch;
        uint64_t deadline = 0;
    };
    std::size_t find(const IpAddress& destination, uint16_t device) const;
    void remove(std::size_t index);

    /// The two run in parallel and are never larger than `destinations`: a look-up reads the short
    /// tags only.
    std::vector<Place> places_;
    std::vector<uint32_t> tags_;
    std::size_t packets_ = 0;
    uint64_t next_deadline_ = never;
};

}  // namespace trunkline::dataplane
