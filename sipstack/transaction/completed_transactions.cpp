#include "sipstack/transaction/completed_transactions.h"

#include <algorithm>

namespace trunkline::sipstack {

namespace {

constexpr std::size_t fewest_slots = 64;

/// 0 marks an empty slot.
uint64_t never_empty(uint64_t key) {
    return std::max<uint64_t>(key, 1);
}

}  // namespace

void CompletedTransactions::put(uint64_t key) {
    std::size_t slot = home(key);
    while (slots_[slot] != 0) {
        slot = after(slot);
    }
    slots_[slot] = key;
}

void CompletedTransactions::grow() {
    slots_.assign(std::max(fewest_slots, 2 * slots_.size()), 0);
    for (const Entry& entry : order_) {
        put(entry.key);
    }
}

void CompletedTransactions::add(uint64_t key, Instant until) {
    key = never_empty(key);
    if (2 * (order_.size() + 1) > slots_.size()) {
        grow();
    }
    put(key);
    order_.push_back({key, until});
    if (!timer_.is_armed()) {
        wheel_.schedule(timer_, until);
    }
}

bool CompletedTransactions::knows(uint64_t key) const {
    if (slots_.empty()) {
        return false;
    }
    key = never_empty(key);
    std::size_t slot = home(key);
    while (slots_[slot] != 0 && slots_[slot] != key) {
        slot = after(slot);
    }
    return slots_[slot] != 0;
}

/// What stands behind the slot moves up, unless it would leave its home: no search meets a hole.
void CompletedTransactions::take_out(uint64_t key) {
    std::size_t hole = home(key);
    while (slots_[hole] != key) {
        hole = after(hole);
    }
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = after(hole); slots_[slot] != 0; slot = after(slot)) {
        const std::size_t from_home = (slot - home(slots_[slot])) & mask;
        if (from_home >= ((slot - hole) & mask)) {
            slots_[hole] = slots_[slot];
            hole = slot;
        }
    }
    slots_[hole] = 0;
}

void CompletedTransactions::forget(Instant now) {
    while (!order_.empty() && order_.front().until <= now) {
        take_out(order_.front().key);
        order_.pop_front();
    }
    if (order_.empty()) {
        std::vector<uint64_t>().swap(slots_);
    } else {
        wheel_.schedule(timer_, order_.front().until);
    }
}

}  // namespace trunkline::sipstack
