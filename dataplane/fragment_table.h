// Which fragments of which datagrams have come, and what becomes of those that do not fit (RFC 791
// 3.2, RFC 8200 4.5, RFC 5722). It knows places in a datagram and no headers, and never looks into
// a packet; putting the pieces together is reassembler.h's.
//
// What is held is bounded per IP interface, in datagrams and in fragments, of which each holds a
// buffer. When either runs out, the oldest datagram makes room: fragments of an honest one follow
// each other at once, so that a flood of others' has to be quick to push it out.
#pragma once

#include "dataplane/address.h"
#include "dataplane/counters.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

struct rte_mbuf;

namespace trunkline::dataplane {

/// What the fragments of one datagram have in common, beside our address and UDP.
struct FragmentKey {
    uint16_t interface = 0;  ///< IP interface that they came to
    IpAddress source;
    uint32_t id = 0;  ///< as in the header, in any byte order

    bool operator==(const FragmentKey&) const = default;
};

/// Where a fragment belongs: bytes of the datagram behind its IP headers.
struct FragmentPlace {
    uint32_t offset = 0;
    uint32_t length = 0;
    bool more = false;  ///< it is not the last one
};

struct FragmentLimits {
    uint16_t interfaces = 1;
    uint32_t datagrams =
        128;  ///< an interface; those given up, too, as long as they are remembered
    uint32_t fragments = 1024;  ///< an interface; at least FragmentTable::most_fragments
    /// A datagram is given up so long after its first fragment. RFC 791 begins with 15 s: an
    /// identification of 16 bits comes round soon, and old fragments must not meet new ones (RFC
    /// 4963). RFC 8200 4.5 has it be 60 s.
    std::chrono::nanoseconds timeout_ip4 = std::chrono::seconds(15);
    std::chrono::nanoseconds timeout_ip6 = std::chrono::seconds(60);
};

/// One thread. Owns the packets that it was given until it hands them to a Discard or as a whole.
class FragmentTable {
public:
    /// Of a datagram: 64 kB over links of 1100 bytes and more.
    static constexpr std::size_t most_fragments = 64;
    static constexpr uint32_t longest_datagram = 65535;

    struct Piece {
        rte_mbuf* packet;
        uint32_t offset, length;
    };
    /// Gets each packet that is not wanted (any more), with the reason that is to be counted.
    using Discard = std::function<void(rte_mbuf* packet, Counter why)>;

    /// Nothing is allocated after this.
    explicit FragmentTable(const FragmentLimits& limits);

    /// Takes a fragment. true: its datagram is whole, and whole() has the pieces. `key.interface`
    /// is below FragmentLimits::interfaces; `now` in monotonic nanoseconds.
    ///
    /// A fragment that has come before is dropped alone. One that overlaps another, contradicts the
    /// datagram's end or is one too many takes the whole datagram with it, and so do those that
    /// come after it, until its time is over (RFC 5722 3).
    bool add(const FragmentKey& key, const FragmentPlace& place, rte_mbuf* packet, uint64_t now,
             const Discard& discard);
    /// The pieces of the datagram that add() said is whole, in order; the caller owns the packets.
    /// Until the next call of add().
    std::span<const Piece> whole() const { return {whole_.data(), whole_count_}; }

    /// Gives up what took too long; cheap when it is not time to look.
    void expire(uint64_t now, const Discard& discard);
    /// When expire() has something to do, or a time before; `never` when nothing waits.
    uint64_t next_deadline() const { return next_deadline_; }
    static constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

    /// Forgets everything.
    void clear(const Discard& discard);

private:
    struct Datagram {
        FragmentKey key;
        uint64_t deadline = 0;
        uint32_t received = 0;  ///< bytes
        uint32_t end = 0;       ///< 0: the last fragment has not come
        bool is_given_up = false;
        Counter why{};  ///< it was given up
        std::size_t count = 0;
        std::array<Piece, most_fragments> pieces;  ///< in order; the first `count`

        std::span<const Piece> span() const { return {pieces.data(), count}; }
    };
    /// What came to one interface. A look-up reads the short tags, parallel to the datagrams, only.
    struct Interface {
        std::vector<Datagram> datagrams;
        std::vector<uint32_t> tags;
        std::size_t fragments = 0;
    };

    Datagram& find_or_begin(Interface& interface, const FragmentKey& key, uint64_t now,
                            const Discard& discard);
    void make_room(Interface& interface, const FragmentKey& key, const Discard& discard);
    static void give_up(Interface& interface, Datagram& datagram, Counter why,
                        const Discard& discard);
    static void remove(Interface& interface, Datagram& datagram);

    const FragmentLimits limits_;
    std::vector<Interface> interfaces_;
    std::array<Piece, most_fragments> whole_;
    std::size_t whole_count_ = 0;
    uint64_t next_deadline_ = never;
};

}  // namespace trunkline::dataplane
