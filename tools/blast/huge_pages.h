// Memory for tables of millions of rows that are visited in any order: on the kernel's transparent
// huge pages where it has some, so that a visit does not wait for the page tables, too.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <vector>

namespace trunkline::blast {

template <typename Value>
struct HugePageAllocator {
    using value_type = Value;

    HugePageAllocator() = default;
    template <typename Other>
    explicit HugePageAllocator(const HugePageAllocator<Other>&) {}

    Value* allocate(std::size_t count) {
        const std::size_t size = count * sizeof(Value);
        void* memory = ::operator new(size, alignment(size));
        if (size >= page) {
            madvise(memory, size, MADV_HUGEPAGE);  // a wish; without it, small pages do
        }
        return static_cast<Value*>(memory);
    }
    void deallocate(Value* memory, std::size_t count) {
        ::operator delete(memory, alignment(count * sizeof(Value)));
    }
    bool operator==(const HugePageAllocator&) const = default;

private:
    static constexpr std::size_t page = 2 * 1024 * 1024;
    static std::align_val_t alignment(std::size_t size) {
        return std::align_val_t(size < page ? alignof(Value) : page);
    }
};

template <typename Value>
using HugePageVector = std::vector<Value, HugePageAllocator<Value>>;

}  // namespace trunkline::blast
