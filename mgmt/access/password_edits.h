// Passwords of users in edits of the configuration, and in whole ones: given in the clear, kept as
// hashes.
#pragma once

#include "mgmt/configuration/node.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace trunkline::mgmt {

inline constexpr std::string_view local_users_table = "administration.web_and_cli.local_users";

/// `edits` as "configuration edit" takes them: a password that stands there as it is becomes its
/// hash. Takes a good part of a second for each: for whoever sends edits, not for the control
/// thread.
void hash_passwords(nlohmann::json& edits);

/// The same for a configuration. A password that `before` has in the same row, in the clear or as a
/// hash, stands as it does there, so that nothing differs that nobody changed; nullptr: all become
/// hashes.
ConfigNodePtr with_hashed_passwords(ConfigNodePtr root, const ConfigNodePtr& before);

}  // namespace trunkline::mgmt
