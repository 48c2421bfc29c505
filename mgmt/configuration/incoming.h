// What somebody sends to the appliance to be configured: edits of single rows, or a configuration
// in any of its formats that replaces the running one or adds to it.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/edit.h"
#include "mgmt/configuration/fault.h"
#include "mgmt/configuration/node.h"
#include "mgmt/configuration/reader.h"

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// The edits of "configuration edit": [{"table", "rows", "set", "left_out", "removes_row"}...].
/// A secret that is given as hidden stays what it is. The faults name the edit and its field:
/// "edits[2].set.register".
std::expected<std::vector<ConfigEdit>, ConfigFaults> edits_of(const nlohmann::json& list);

/// How a configuration is written; the names are those of requests.
enum class ConfigFormat { yaml, ini, cli, json };

struct IncomingConfiguration {
    ConfigFormat format = ConfigFormat::yaml;
    const nlohmann::json* json = nullptr;  ///< of ConfigFormat::json
    std::string text;                      ///< of the others
    std::string origin;                    ///< stands in messages: "device.ini"
    bool merges = false;                   ///< into `running`, instead of replacing it
};

/// `root`, in which the names of files start at `folder`, as it stands in a configuration whose
/// names start at `own_folder`.
ConfigNodePtr with_files_found_from(const ConfigNodePtr& root, const std::filesystem::path& folder,
                                    const std::filesystem::path& own_folder,
                                    const Catalogue& catalogue);

/// `base` with what `over` gives: parameters and whole values are replaced, rows are the same where
/// their numbers are.
ConfigNodePtr merged(const ConfigNodePtr& base, const ConfigNodePtr& over,
                     const Catalogue& catalogue);

/// The configuration that there would be then, not judged yet. Secrets that are hidden in it are
/// those of `running`.
ReadConfiguration read_incoming(const IncomingConfiguration& incoming, const ConfigNodePtr& running,
                                const Catalogue& catalogue);

}  // namespace trunkline::mgmt
