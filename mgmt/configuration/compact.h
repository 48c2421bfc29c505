// A configuration that is kept for long in little memory.
#pragma once

#include "mgmt/configuration/node.h"

namespace trunkline::mgmt {

/// The same content: without places, with equal values shared as far as they are met early.
ConfigNodePtr compact(const ConfigNodePtr& root);

}  // namespace trunkline::mgmt
