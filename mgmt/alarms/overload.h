// Whether packets are lost as the appliance does not keep up with them. The machine's processor
// time would not tell: others may use it while nothing is late here.
#pragma once

#include "mgmt/alarms/conditions.h"

#include <cstdint>

namespace trunkline::mgmt {

class OverloadWatch {
public:
    /// It begins when so many packets are lost between two looks...
    static constexpr uint64_t least_lost = 100;
    /// ...and ends after so many looks with fewer of them.
    static constexpr unsigned calm_looks = 10;

    /// Once a second. `lost`: packets that ports and shards had no room for, since power-on.
    AlarmConditions look(uint64_t lost);

private:
    uint64_t lost_ = 0;
    unsigned looks_left_ = 0;
};

}  // namespace trunkline::mgmt
