// One change made to many values of a configuration: secrets sealed or hidden, files found from
// another folder. The rest of the tree is shared.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

#include <functional>
#include <string>

namespace trunkline::mgmt {

using ParameterFilter = bool (*)(const Parameter& parameter);
/// The value in the place of `value`, which is the scalar, map or list that stands at `path`
/// ("signaling_and_media.accounts[2].password", rows by their positions).
using ValueChange =
    std::function<ConfigNodePtr(const ConfigNodePtr& value, const std::string& path)>;

/// `root` after `change` of each value that is given of the parameters that `filter` takes. What
/// stands where the catalogue wants something else is left alone.
ConfigNodePtr with_changed_values(const ConfigNodePtr& root, const Catalogue& catalogue,
                                  ParameterFilter filter, const ValueChange& change);

/// Secrets.
bool is_secret(const Parameter& parameter);

}  // namespace trunkline::mgmt
