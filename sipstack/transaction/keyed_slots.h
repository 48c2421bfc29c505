// Places for values that come and go by the thousand, each found by a key of text or by a number. A
// place that was given back serves the next value with the memory that it has: where nothing grows,
// nothing is allocated. One shard, one thread.
#pragma once

#include "sipstack/transaction/key_hash.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

/// What is kept in KeyedSlots derives from it.
class KeyedSlot {
public:
    /// Names the value as long as it is there; never 0, and never another value's.
    uint64_t id() const { return uint64_t{uses_} << 32 | number_; }
    /// Of the key, by the table's KeyHash.
    uint64_t hash() const { return hash_; }

private:
    template <typename Value>
    friend class KeyedSlots;

    std::string key_;
    uint64_t hash_ = 0;
    KeyedSlot* next_ = nullptr;  ///< in its bucket, or of the free ones
    uint32_t number_ = 0;        ///< from 1
    uint32_t uses_ = 0;
    bool is_taken_ = false;
};

template <typename Value>
class KeyedSlots {
public:
    /// Where no value is left, places beyond these are given up.
    static constexpr std::size_t most_free = 4096;

    explicit KeyedSlots(uint64_t secret) : hash_(secret) {}

    std::size_t size() const { return taken_; }
    uint64_t hash_of(std::string_view key) const { return hash_(key); }

    /// nullptr: there is none. `hash` is hash_of(key).
    Value* find(std::string_view key, uint64_t hash) const {
        if (buckets_.empty()) {
            return nullptr;
        }
        KeyedSlot* slot = buckets_[bucket_of(hash)];
        while (slot != nullptr && (slot->hash_ != hash || slot->key_ != key)) {
            slot = slot->next_;
        }
        return static_cast<Value*>(slot);
    }
    /// nullptr: it is not there any more, or never was.
    Value* find(uint64_t id) const {
        const auto number = static_cast<uint32_t>(id);
        if (number == 0 || number > slots_.size()) {
            return nullptr;
        }
        Value* const value = slots_[number - 1].get();
        return value->is_taken_ && value->id() == id ? value : nullptr;
    }

    /// A place for a key that is not there, as its last value left it, or made of `arguments`.
    template <typename... Arguments>
    Value& take(std::string_view key, uint64_t hash, Arguments&&... arguments) {
        if (free_ == nullptr) {
            add(std::forward<Arguments>(arguments)...);
        }
        KeyedSlot& slot = *std::exchange(free_, free_->next_);
        slot.key_ = key;
        slot.hash_ = hash;
        ++slot.uses_;
        slot.is_taken_ = true;
        ++taken_;
        slot.next_ = std::exchange(buckets_[bucket_of(hash)], &slot);
        return static_cast<Value&>(slot);
    }

    /// May destroy the value: nobody refers to it any more.
    void give_back(Value& value) {
        KeyedSlot& slot = value;
        KeyedSlot** at = &buckets_[bucket_of(slot.hash_)];
        while (*at != &slot) {
            at = &(*at)->next_;
        }
        *at = slot.next_;
        if (slot.key_.capacity() > largest_kept_key) {
            std::string().swap(slot.key_);  // a peer's fancy
        }
        slot.next_ = std::exchange(free_, &slot);
        slot.is_taken_ = false;
        if (--taken_ == 0 && slots_.size() > most_free) {
            give_up_places();
        }
    }

private:
    static constexpr std::size_t largest_kept_key = 256;

    std::size_t bucket_of(uint64_t hash) const { return hash & (buckets_.size() - 1); }

    template <typename... Arguments>
    void add(Arguments&&... arguments) {
        KeyedSlot& slot =
            *slots_.emplace_back(std::make_unique<Value>(std::forward<Arguments>(arguments)...));
        slot.number_ = static_cast<uint32_t>(slots_.size());
        slot.uses_ = uses_before_;
        slot.next_ = free_;
        free_ = &slot;
        if (slots_.size() > buckets_.size()) {
            spread(buckets_.empty() ? 64 : 2 * buckets_.size());
        }
    }

    /// Into so many buckets, a power of two.
    void spread(std::size_t count) {
        buckets_.assign(count, nullptr);
        for (const auto& value : slots_) {
            if (KeyedSlot& slot = *value; slot.is_taken_) {
                slot.next_ = std::exchange(buckets_[bucket_of(slot.hash_)], &slot);
            }
        }
    }

    /// Those that come later count their uses on from here: no id comes back.
    void give_up_places() {
        for (const auto& value : slots_) {
            const KeyedSlot& slot = *value;
            uses_before_ = std::max(uses_before_, slot.uses_);
        }
        std::vector<std::unique_ptr<Value>>().swap(slots_);
        std::vector<KeyedSlot*>().swap(buckets_);
        free_ = nullptr;
    }

    KeyHash hash_;
    std::vector<std::unique_ptr<Value>> slots_;
    std::vector<KeyedSlot*> buckets_;  ///< by the low bits of the hash; as many as slots, at least
    KeyedSlot* free_ = nullptr;
    std::size_t taken_ = 0;
    uint32_t uses_before_ = 0;
};

}  // namespace trunkline::sipstack
