// Whom an operator's action means.
#pragma once

#include "sipstack/registration/registrants.h"

#include <cstdint>
#include <string>

namespace trunkline::sipstack {

struct RegistrantSelector {
    enum class Kind : uint8_t {
        all,
        device,       ///< the gateway: the device, trunk groups and endpoints
        trunk_group,  ///< `trunk_group`, with its endpoints and accounts
        name,         ///< `name`, as rows show it
    };
    Kind kind = Kind::all;
    unsigned trunk_group = 0;
    std::string name;

    bool matches(const Registrant& registrant) const;
};

}  // namespace trunkline::sipstack
