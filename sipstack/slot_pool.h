// Memory for objects of one type that come and go all the time: what one gives back the next one
// takes, past the allocator. It grows to the most that lived at a time and shrinks again when none
// lives; where it was much, it is the system's again. One thread's own. The address sanitizer is
// told of what is free, as it can't see it.
#pragma once

#include <malloc.h>
#include <sanitizer/asan_interface.h>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

template <typename Object>
class SlotPool {
public:
    static constexpr std::size_t slots_a_chunk = 32;
    /// Bytes that it keeps for whoever asks next when the pool shrinks.
    static constexpr std::size_t most_left_to_the_allocator = std::size_t{8} * 1024 * 1024;

    struct GiveBack {
        SlotPool* pool = nullptr;
        void operator()(Object* object) const {
            std::destroy_at(object);
            pool->give_back(object);
        }
    };
    /// Must not outlive the pool.
    using Pointer = std::unique_ptr<Object, GiveBack>;

    SlotPool() = default;
    SlotPool(const SlotPool&) = delete;
    SlotPool& operator=(const SlotPool&) = delete;

    template <typename... Arguments>
    Pointer make(Arguments&&... arguments) {
        return Pointer(::new (take()) Object(std::forward<Arguments>(arguments)...), {this});
    }
    std::size_t in_use() const { return in_use_; }
    /// Room for so many is held.
    std::size_t capacity() const { return chunks_.size() * slots_a_chunk; }

private:
    union Slot {
        Slot* next;
        alignas(Object) std::array<std::byte, sizeof(Object)> object;
    };
    using Chunk = std::array<Slot, slots_a_chunk>;

    void* take() {
        if (free_ == nullptr) {
            chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
            add_free(*chunks_.back());
        }
        ++in_use_;
        ASAN_UNPOISON_MEMORY_REGION(free_, sizeof(Slot));
        return std::exchange(free_, free_->next);
    }
    void give_back(void* object) {
        add_free(object);
        if (--in_use_ == 0 && chunks_.size() > 1) {
            shrink();
        }
    }
    void shrink() {
        const std::size_t left = (chunks_.size() - 1) * sizeof(Chunk);
        chunks_.resize(1);
        free_ = nullptr;
        add_free(*chunks_.front());
        if (left > most_left_to_the_allocator) {
            malloc_trim(0);  // takes milliseconds; as none lives, nobody waits for them
        }
    }
    void add_free(Chunk& chunk) {
        for (Slot& slot : chunk) {
            add_free(static_cast<void*>(&slot));
        }
    }
    void add_free(void* place) {
        ASAN_UNPOISON_MEMORY_REGION(place, sizeof(Slot));
        free_ = ::new (place) Slot{free_};
        ASAN_POISON_MEMORY_REGION(place, sizeof(Slot));
    }

    std::vector<std::unique_ptr<Chunk>> chunks_;
    Slot* free_ = nullptr;
    std::size_t in_use_ = 0;
};

}  // namespace trunkline::sipstack
