// The one form of a configuration that says the same as others do: keys in the order of the
// catalogue, each value in its shortest usual text, what equals a fixed default left out. What is
// saved, compared and written to other formats is in this form.
#pragma once

#include "mgmt/catalogue/catalogue.h"
#include "mgmt/configuration/node.h"

namespace trunkline::mgmt {

/// `root` in canonical form; keys that the catalogue does not know come last, as they are, and so
/// do values that are wrong. Never nullptr: a configuration that says nothing is an empty map.
ConfigNodePtr canonical(const ConfigNodePtr& root, const Catalogue& catalogue);

/// One value in canonical form.
ConfigNodePtr canonical_value(const Parameter& parameter, const ConfigNodePtr& value);
/// Whether `value` is what the parameter has when nothing is given.
bool is_default(const Parameter& parameter, const ConfigNodePtr& value);

}  // namespace trunkline::mgmt
