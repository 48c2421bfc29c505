#include "dataplane/ring.h"

#include <atomic>

namespace trunkline::dataplane {

std::string unique_ring_name(std::string_view stem) {
    // DPDK finds rings by name, process-wide: the number lives as long as the process.
    static std::atomic<uint32_t> sequence{0};
    constexpr std::size_t longest_number = 11;  // "." and ten digits
    constexpr std::size_t longest_stem = RTE_RING_NAMESIZE - 1 - longest_number;
    std::string name(stem.substr(0, longest_stem));
    return name + "." + std::to_string(sequence.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace trunkline::dataplane
