// Reads a configuration file: all of it is right, or all faults are told and nothing is done.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/reader.h"

#include <expected>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// Parses, validates against the catalogue, resolves references and secrets ({file: ...} relative
/// to the configuration's folder, {env: ...}).
std::expected<ApplianceConfig, ConfigFaults> load_config_file(const std::string& path);
/// The same for what was read already.
std::expected<ApplianceConfig, ConfigFaults> judge_configuration(ReadConfiguration read,
                                                                 const std::string& origin,
                                                                 const std::string& folder,
                                                                 const Catalogue& catalogue);
/// The same for text; `origin` stands in messages, `folder` is where {file: ...} starts.
std::expected<ApplianceConfig, ConfigFaults> load_config_text(std::string_view text,
                                                              const std::string& origin,
                                                              const std::string& folder);

}  // namespace trunkline::mgmt
