// Reads a configuration file: all of it is right, or all faults are told and nothing is done.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/appliance_config.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/port_devices.h"
#include "mgmt/configuration/reader.h"

#include <expected>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// A configuration as it stands and as it acts.
struct LoadedConfiguration {
    ConfigNodePtr root;  ///< its sealed secrets are opened
    ApplianceConfig config;
    ConfigWords words = ConfigWords::tree;  ///< that it was written in
};

/// Reads and judges `path`, as load_config_file() does. `devices` are those of options.
std::expected<LoadedConfiguration, RefusedConfiguration> load_configuration(
    const std::string& path, const Catalogue& catalogue, const PortDevices& devices = {});

/// The same for text; `origin` stands in messages, `folder` is where {file: ...} starts.
std::expected<LoadedConfiguration, RefusedConfiguration> load_configuration_text(
    std::string_view text, const std::string& origin, const std::string& folder,
    const Catalogue& catalogue, const PortDevices& devices = {});

/// Parses, validates against the catalogue, resolves references and secrets ({file: ...} relative
/// to the configuration's folder, {env: ...}, sealed ones by the key that the configuration names).
std::expected<ApplianceConfig, ConfigFaults> load_config_file(const std::string& path);
/// The same for what was read already.
std::expected<ApplianceConfig, RefusedConfiguration> judge_configuration(
    ReadConfiguration read, const std::string& origin, const std::string& folder,
    const Catalogue& catalogue);
/// The same for text.
std::expected<ApplianceConfig, ConfigFaults> load_config_text(std::string_view text,
                                                              const std::string& origin,
                                                              const std::string& folder);

}  // namespace trunkline::mgmt
