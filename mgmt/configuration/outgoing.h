// What of a configuration is shown to somebody: a part of it as JSON, or all of it as text. Whether
// secrets are in it, the caller decides.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// `root` with {set: true} in the place of each secret that stands in it; where it is (a file, a
/// variable of the environment) stays.
ConfigNodePtr with_hidden_secrets(const ConfigNodePtr& root, const Catalogue& catalogue);

/// The part of `root` at `path`: "" for all of it, a branch, a table, a row by its number
/// ("signaling_and_media.accounts[7]"), a parameter. What is not configured is {} or [], and null
/// for a parameter. The error: the catalogue has no such path, or there is no such row.
std::expected<nlohmann::json, std::string> json_at(const ConfigNodePtr& root, std::string_view path,
                                                   const Catalogue& catalogue);

}  // namespace trunkline::mgmt
