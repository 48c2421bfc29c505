// Reads a configuration file: all of it is right, or all faults are told and nothing is done.
#pragma once

#include "mgmt/appliance_config.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// One fault of a configuration file.
struct ConfigFault {
    std::string file;
    int line = 0, column = 0;  ///< from 1; 0 = the file as a whole
    std::string path;          ///< "signaling_and_media.accounts[2].register"
    std::string found;         ///< what stands there
    std::string allowed;       ///< what may stand there
    std::string advice;        ///< "did you mean 'regular'?", may be empty

    /// "conf/lab.yaml:12:17: signaling_and_media.accounts[2].register: found 'regulr'; allowed: no,
    /// regular; did you mean 'regular'?"
    std::string to_string() const;
};

using ConfigFaults = std::vector<ConfigFault>;

/// Parses, validates against the catalogue, resolves references and secrets ({file: ...} relative
/// to the configuration's folder, {env: ...}).
std::expected<ApplianceConfig, ConfigFaults> load_config_file(const std::string& path);
/// The same for text; `origin` stands in messages, `folder` is where {file: ...} starts.
std::expected<ApplianceConfig, ConfigFaults> load_config_text(std::string_view text,
                                                              const std::string& origin,
                                                              const std::string& folder);

}  // namespace trunkline::mgmt
