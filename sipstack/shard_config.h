// What a shard takes of the whole configuration. Pure.
#pragma once

#include "sipstack/config.h"
#include "sipstack/registration/pacer.h"
#include "sipstack/registration/registrants.h"

#include <cstdint>
#include <vector>

namespace trunkline::sipstack {

/// The page's rate, one shard's part of it.
PacerLimits page_limits(const Config& config);

/// What the shard keeps of the configuration once it has its registrants: tables of a hundred
/// thousand rows are needed once.
Config without_registrants(const Config& config);

/// Those that the shard `index` owns, in the order of the configuration.
std::vector<Registrant> own_registrants(const Config& config, uint32_t index);

/// Some account subscribes to the events of its registration.
bool has_subscriber(const Config& config);

}  // namespace trunkline::sipstack
