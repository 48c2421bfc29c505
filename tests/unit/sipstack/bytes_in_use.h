// What the allocator has given out, for tests of memory.
#pragma once

#include <malloc.h>

#include <cstddef>

namespace trunkline::sipstack::testing {

/// The allocator's own rounding included; 0: another allocator is at work, as with a sanitizer, and
/// a test of memory has nothing to measure.
inline std::size_t bytes_in_use() {
    const struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

}  // namespace trunkline::sipstack::testing
