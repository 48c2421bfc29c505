// The configuration with its secrets, as far as whoever asks may have them.
#pragma once

#include "mgmt/cli/command.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace trunkline::mgmt {

/// The answer to `request` ("configuration get", "configuration text") with sealed secrets, or with
/// hidden ones where the caller may not have those; nullopt: it refused, as was told.
std::optional<nlohmann::json> with_readable_secrets(const CliCall& call, nlohmann::json request);

}  // namespace trunkline::mgmt
