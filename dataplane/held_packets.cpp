#include "dataplane/held_packets.h"

#include <algorithm>

namespace trunkline::dataplane {

namespace {

uint32_t tag_of(const IpAddress& destination, uint16_t device) {
    return static_cast<uint32_t>(std::hash<IpAddress>{}(destination) >> 16) + device;
}

}  // namespace

HeldPackets::HeldPackets() {
    places_.reserve(destinations);
    tags_.reserve(destinations);
}

HeldPackets::~HeldPackets() {
    for (Place& place : places_) {
        rte_pktmbuf_free_bulk(place.batch.packets.data(), place.batch.count);
    }
}

std::size_t HeldPackets::find(const IpAddress& destination, uint16_t device) const {
    const uint32_t tag = tag_of(destination, device);
    for (std::size_t i = 0; i < tags_.size(); ++i) {
        if (tags_[i] == tag && places_[i].batch.destination == destination &&
            places_[i].batch.device == device) {
            return i;
        }
    }
    return tags_.size();
}

HeldPackets::Held HeldPackets::hold(rte_mbuf* packet, const IpAddress& destination,
                                    const IpAddress& source, uint16_t device, uint64_t deadline) {
    if (packets_ == packets_in_all) {
        return Held::full;
    }
    const std::size_t index = find(destination, device);
    const bool first = index == places_.size();
    if (first) {
        if (places_.size() == destinations) {
            return Held::full;
        }
        places_.emplace_back();
        tags_.push_back(tag_of(destination, device));
        Place& place = places_.back();
        place.batch.destination = destination;
        place.batch.source = source;
        place.batch.device = device;
        place.deadline = deadline;
        next_deadline_ = std::min(next_deadline_, deadline);
    }
    Batch& batch = places_[index].batch;
    if (batch.count == packets_a_destination) {
        return Held::full;
    }
    batch.packets[batch.count++] = packet;
    ++packets_;
    return first ? Held::first : Held::joined;
}

void HeldPackets::remove(std::size_t index) {
    packets_ -= places_[index].batch.count;
    places_[index] = places_.back();
    tags_[index] = tags_.back();
    places_.pop_back();
    tags_.pop_back();
    if (places_.empty()) {
        next_deadline_ = never;
    }
}

bool HeldPackets::take(const IpAddress& destination, uint16_t device, Batch& batch) {
    const std::size_t index = find(destination, device);
    if (index == places_.size()) {
        return false;
    }
    batch = places_[index].batch;
    remove(index);
    return true;
}

bool HeldPackets::take_expired(uint64_t now, Batch& batch) {
    if (now < next_deadline_) {
        return false;
    }
    const auto earliest = std::ranges::min_element(places_, {}, &Place::deadline);
    next_deadline_ = earliest == places_.end() ? never : earliest->deadline;
    if (now < next_deadline_) {
        return false;
    }
    batch = earliest->batch;
    remove(static_cast<std::size_t>(earliest - places_.begin()));
    return true;
}

}  // namespace trunkline::dataplane
