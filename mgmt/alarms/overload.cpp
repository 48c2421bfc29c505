#include "mgmt/alarms/overload.h"

#include <utility>

namespace trunkline::mgmt {

AlarmConditions OverloadWatch::look(uint64_t lost) {
    const uint64_t before = std::exchange(lost_, lost);
    if (lost - before >= least_lost) {
        looks_left_ = calm_looks;
    } else if (looks_left_ > 0) {
        --looks_left_;
    }
    if (looks_left_ == 0) {
        return {};
    }
    return {{"System#0", AlarmSeverity::major,
             "CPU overload: packets come faster than they are worked on, and are dropped"}};
}

}  // namespace trunkline::mgmt
