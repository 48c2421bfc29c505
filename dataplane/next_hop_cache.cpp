#include "dataplane/next_hop_cache.h"

#include <algorithm>
#include <bit>

namespace trunkline::dataplane {

NextHopCache::NextHopCache(uint32_t capacity)
    : sets_(std::bit_ceil(std::max<std::size_t>(capacity, ways)) / ways) {}

NextHopCache::Set& NextHopCache::set_of(const IpAddress& destination, uint16_t device) {
    uint64_t hash = std::hash<IpAddress>{}(destination) + device;
    // The low bits of a multiplicative hash know only the low bits of its input: mix before
    // masking.
    hash ^= hash >> 32;
    hash *= 0x9e3779b97f4a7c15ULL;
    return sets_[(hash >> 32) & (sets_.size() - 1)];
}

NextHopCache::Entry* NextHopCache::locate(const IpAddress& destination, uint16_t device) {
    for (Entry& entry : set_of(destination, device)) {
        if (entry.destination == destination && entry.device == device) {
            return &entry;
        }
    }
    return nullptr;
}

const MacAddress* NextHopCache::find(const IpAddress& destination, uint16_t device) {
    Entry* entry = locate(destination, device);
    if (entry == nullptr) {
        return nullptr;
    }
    entry->used = ++clock_;
    return &entry->mac;
}

void NextHopCache::insert(const IpAddress& destination, uint16_t device, const MacAddress& mac) {
    Entry* place = locate(destination, device);
    if (place == nullptr) {
        // Free ones have the greatest age; the difference survives the clock's wrap-around.
        const auto age = [this](const Entry& entry) {
            return entry.destination.is_set() ? clock_ - entry.used : UINT32_MAX;
        };
        Set& set = set_of(destination, device);
        place = std::ranges::max_element(set, {}, age);
    }
    *place = Entry{destination, device, mac, ++clock_};
}

void NextHopCache::erase(const IpAddress& destination, uint16_t device) {
    if (Entry* entry = locate(destination, device)) {
        *entry = Entry{};
    }
}

void NextHopCache::clear() {
    std::ranges::fill(sets_, Set{});
}

}  // namespace trunkline::dataplane
