#include "sipstack/registration/journal_queue.h"

#include <fmt/format.h>

#include <cstdlib>
#include <span>
#include <utility>

namespace trunkline::sipstack {

board::Expected<std::unique_ptr<JournalQueue>> JournalQueue::create(
    uint32_t shard, dataplane::Doorbell& shard_bell, dataplane::Doorbell& control_bell,
    uint32_t slots) {
    auto filled = Ring::create(fmt::format("journal_{}", shard), slots);
    if (!filled) {
        return std::unexpected(filled.error());
    }
    auto empty = Ring::create(fmt::format("journal_back_{}", shard), slots);
    if (!empty) {
        return std::unexpected(empty.error());
    }
    return std::unique_ptr<JournalQueue>(new JournalQueue(std::move(*filled), std::move(*empty),
                                                          slots - 1, shard_bell, control_bell));
}

JournalQueue::JournalQueue(Ring filled, Ring empty, uint32_t slots, dataplane::Doorbell& shard_bell,
                           dataplane::Doorbell& control_bell)
    : slots_(slots),
      filled_(std::move(filled)),
      empty_(std::move(empty)),
      shard_bell_(shard_bell),
      control_bell_(control_bell) {
    for (uint32_t i = 0; i < slots; ++i) {
        if (!empty_.push(i)) {
            std::abort();  // a ring holds one less than its capacity, and so many there are
        }
    }
}

void JournalQueue::save(const RegistrationRecord& record) {
    add({record, false});
}

void JournalQueue::erase(std::string_view key) {
    add(erasure_of(key));
}

void JournalQueue::add(JournalEntry entry) {
    // While anything waits, all wait: an older record of the key may be among them.
    if (!behind_.empty() || !push(entry)) {
        std::string key = entry.record.key;
        behind_.insert_or_assign(std::move(key), std::move(entry));
        is_behind_.store(true);
        flush();
    }
    control_bell_.ring();
}

bool JournalQueue::push(JournalEntry& entry) {
    uint32_t slot = 0;
    if (empty_.pop(std::span(&slot, 1)) == 0) {
        return false;
    }
    slots_[slot] = std::move(entry);
    if (!filled_.push(slot)) {
        std::abort();  // there is room for every slot
    }
    return true;
}

void JournalQueue::flush() {
    if (behind_.empty()) {
        return;
    }
    while (!behind_.empty() && push(behind_.begin()->second)) {
        behind_.erase(behind_.begin());
    }
    is_behind_.store(!behind_.empty());
    control_bell_.ring();
}

void JournalQueue::collect(const std::function<void(const JournalEntry&)>& take) {
    uint32_t slot = 0;
    while (filled_.pop(std::span(&slot, 1)) != 0) {
        take(slots_[slot]);
        if (!empty_.push(slot)) {
            std::abort();  // there is room for every slot
        }
    }
    if (is_behind_.load()) {
        shard_bell_.ring();
    }
}

void JournalQueue::drain(const std::function<void(const JournalEntry&)>& take) {
    collect(take);
    for (const auto& [key, entry] : behind_) {
        take(entry);
    }
    behind_.clear();
}

}  // namespace trunkline::sipstack
