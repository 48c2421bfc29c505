#include "sipstack/thread_pulse.h"

#include <utility>

namespace trunkline::sipstack {

bool ThreadPulse::beats() {
    const uint64_t turns = turns_.load(std::memory_order_relaxed);
    const uint64_t before = std::exchange(turns_at_ring_, turns);
    const bool turned = !std::exchange(has_rung_, true) || turns != before;
    bell_.ring();
    return turned;
}

}  // namespace trunkline::sipstack
