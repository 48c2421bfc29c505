// Huge pages for the tests that need some: made for the test, given back after it.
#pragma once

#include <cstdint>

namespace trunkline::test {

/// Free 2 MiB pages of the machine.
uint64_t free_hugepages();
/// A memory size in MB that hugepages of the machine cannot serve, so that EAL does without.
unsigned more_than_the_free_hugepages();

/// Adds `count` pages of 2 MiB to the machine's pool while it lives. One at a time: a second one,
/// of another process too, waits; so with a count of 0 the pool stands still.
class SpareHugepages {
public:
    explicit SpareHugepages(uint64_t count);
    ~SpareHugepages();
    SpareHugepages(const SpareHugepages&) = delete;
    SpareHugepages& operator=(const SpareHugepages&) = delete;

    bool available() const { return available_; }

private:
    int lock_ = -1;
    uint64_t added_ = 0;
    bool available_ = false;
};

}  // namespace trunkline::test
