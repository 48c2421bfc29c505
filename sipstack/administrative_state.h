// Whether the appliance serves, as its operator wants it.
#pragma once

#include <cstdint>

namespace trunkline::sipstack {

/// Held while the appliance runs and written down nowhere: it is unlocked at power-on.
enum class AdministrativeState : uint8_t {
    unlocked,
    locked,  ///< nothing registers, and OPTIONS is answered 503
};

}  // namespace trunkline::sipstack
