// A configuration as JSON, for REST and between the parts of the management plane: numbers and
// truth values by the catalogue's types, secrets never: hidden, sealed, or where they are.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// What stands for a secret in clear: {"set": true}. Given back, it leaves the secret alone.
nlohmann::json hidden_secret();

/// `node` is what stands at `path` of the catalogue: settings, a row, or all of it ("").
nlohmann::json to_json(const ConfigNode& node, const Catalogue& catalogue, std::string_view path);

/// What cannot stand in a configuration.
struct JsonFault {
    std::string pointer;  ///< RFC 6901
    std::string found, allowed;

    std::string to_string() const;
};

/// The tree that `value` says; null says nothing and is left out of maps.
std::expected<ConfigNodePtr, JsonFault> from_json(const nlohmann::json& value);

/// `node` with the secrets of `before` in the place of hidden_secret(): rows are the same where
/// their numbers are. One that is not there is left out.
ConfigNodePtr with_kept_secrets(const ConfigNodePtr& node, const ConfigNodePtr& before);

}  // namespace trunkline::mgmt
