#include "dataplane/fragment_table.h"

#include <algorithm>
#include <optional>

namespace trunkline::dataplane {

namespace {

constexpr uint32_t fragment_unit = 8;  // all but the last fragment are multiples of it
constexpr uint32_t udp_header = 8;     // which must not be torn (RFC 1858, RFC 7112)

uint32_t tag_of(const FragmentKey& key) {
    return static_cast<uint32_t>(std::hash<IpAddress>{}(key.source) >> 16) + key.id;
}

/// It can be part of no datagram.
bool is_impossible(const FragmentPlace& place) {
    const bool uneven = place.more && place.length % fragment_unit != 0;
    const bool header_torn = place.offset == 0 && place.length < udp_header;
    return place.length == 0 || uneven || header_torn ||
           place.offset + place.length > FragmentTable::longest_datagram;
}

}  // namespace

FragmentTable::FragmentTable(const FragmentLimits& limits)
    : limits_(limits), interfaces_(limits.interfaces) {
    for (Interface& interface : interfaces_) {
        interface.datagrams.reserve(limits.datagrams);
        interface.tags.reserve(limits.datagrams);
    }
}

void FragmentTable::remove(Interface& interface, Datagram& datagram) {
    const auto index = static_cast<std::size_t>(&datagram - interface.datagrams.data());
    interface.fragments -= datagram.count;
    interface.datagrams[index] = interface.datagrams.back();
    interface.tags[index] = interface.tags.back();
    interface.datagrams.pop_back();
    interface.tags.pop_back();
}

/// What came of it goes; it itself is remembered, for what is still to come.
void FragmentTable::give_up(Interface& interface, Datagram& datagram, Counter why,
                            const Discard& discard) {
    for (const Piece& piece : datagram.span()) {
        discard(piece.packet, why);
    }
    interface.fragments -= datagram.count;
    datagram.count = 0;
    datagram.is_given_up = true;
    datagram.why = why;
}

FragmentTable::Datagram& FragmentTable::find_or_begin(Interface& interface, const FragmentKey& key,
                                                      uint64_t now, const Discard& discard) {
    const uint32_t tag = tag_of(key);
    for (std::size_t i = 0; i < interface.tags.size(); ++i) {
        if (interface.tags[i] == tag && interface.datagrams[i].key == key) {
            return interface.datagrams[i];
        }
    }
    if (interface.datagrams.size() == limits_.datagrams) {
        Datagram& oldest = *std::ranges::min_element(interface.datagrams, {}, &Datagram::deadline);
        give_up(interface, oldest, Counter::reassembly_evicted, discard);
        remove(interface, oldest);
    }
    const auto timeout = key.source.is_v4() ? limits_.timeout_ip4 : limits_.timeout_ip6;
    Datagram& begun = interface.datagrams.emplace_back();
    begun.key = key;
    begun.deadline = now + static_cast<uint64_t>(timeout.count());
    interface.tags.push_back(tag);
    next_deadline_ = std::min(next_deadline_, begun.deadline);
    return begun;
}

/// For one more fragment of `key`, whose own are fewer than the limit.
void FragmentTable::make_room(Interface& interface, const FragmentKey& key,
                              const Discard& discard) {
    Datagram* oldest = nullptr;
    for (Datagram& datagram : interface.datagrams) {
        const bool is_other = datagram.count != 0 && datagram.key != key;
        if (is_other && (oldest == nullptr || datagram.deadline < oldest->deadline)) {
            oldest = &datagram;
        }
    }
    give_up(interface, *oldest, Counter::reassembly_evicted, discard);
}

bool FragmentTable::add(const FragmentKey& key, const FragmentPlace& place, rte_mbuf* packet,
                        uint64_t now, const Discard& discard) {
    if (is_impossible(place)) {
        discard(packet, Counter::reassembly_bad_fragment);
        return false;
    }
    Interface& interface = interfaces_[key.interface];
    Datagram& datagram = find_or_begin(interface, key, now, discard);
    if (datagram.is_given_up) {
        discard(packet, datagram.why);
        return false;
    }
    const std::span pieces = datagram.span();
    const auto after = std::ranges::upper_bound(pieces, place.offset, {}, &Piece::offset);
    const auto index = static_cast<std::size_t>(after - pieces.begin());
    const uint32_t end = place.offset + place.length;
    const Piece* const before = index == 0 ? nullptr : &pieces[index - 1];
    if (before != nullptr && before->offset == place.offset && before->length == place.length) {
        discard(packet, Counter::reassembly_duplicate);
        return false;
    }
    const bool overlaps = (before != nullptr && before->offset + before->length > place.offset) ||
                          (after != pieces.end() && after->offset < end);
    const uint32_t last_end = pieces.empty() ? 0 : pieces.back().offset + pieces.back().length;
    const bool contradicts = place.more
                                 ? datagram.end != 0 && end >= datagram.end
                                 : (datagram.end != 0 && end != datagram.end) || end < last_end;
    std::optional<Counter> fault;
    if (overlaps) {
        fault = Counter::reassembly_overlapping;
    } else if (contradicts) {
        fault = Counter::reassembly_bad_fragment;
    } else if (datagram.count == most_fragments) {
        fault = Counter::reassembly_too_many;
    }
    if (fault) {
        give_up(interface, datagram, *fault, discard);
        discard(packet, *fault);
        return false;
    }
    if (interface.fragments == limits_.fragments) {
        make_room(interface, key, discard);
    }
    std::copy_backward(datagram.pieces.begin() + index, datagram.pieces.begin() + datagram.count,
                       datagram.pieces.begin() + datagram.count + 1);
    datagram.pieces[index] = {packet, place.offset, place.length};
    ++datagram.count;
    ++interface.fragments;
    datagram.received += place.length;
    datagram.end = place.more ? datagram.end : end;
    // Without overlaps as many bytes as the end says are all of them.
    if (datagram.received != datagram.end) {
        return false;
    }
    whole_ = datagram.pieces;
    whole_count_ = datagram.count;
    remove(interface, datagram);
    return true;
}

void FragmentTable::expire(uint64_t now, const Discard& discard) {
    if (now < next_deadline_) {
        return;
    }
    next_deadline_ = never;
    for (Interface& interface : interfaces_) {
        for (std::size_t i = interface.datagrams.size(); i-- > 0;) {
            Datagram& datagram = interface.datagrams[i];
            if (now < datagram.deadline) {
                next_deadline_ = std::min(next_deadline_, datagram.deadline);
                continue;
            }
            give_up(interface, datagram, Counter::reassembly_timed_out, discard);
            remove(interface, datagram);
        }
    }
}

void FragmentTable::clear(const Discard& discard) {
    for (Interface& interface : interfaces_) {
        for (const Datagram& datagram : interface.datagrams) {
            for (const Piece& piece : datagram.span()) {
                discard(piece.packet, Counter::reassembly_timed_out);
            }
        }
        interface = {};
    }
}

}  // namespace trunkline::dataplane
