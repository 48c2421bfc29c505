// What stands behind everything that a lab made up, wherever it is shown.
#pragma once

#include "board/source.h"

#include <nlohmann/json_fwd.hpp>

namespace trunkline::mgmt {

/// " (injected)", or nothing.
const char* injected_mark(board::Source source);
/// Of a row with a "source".
const char* injected_mark(const nlohmann::json& row);

}  // namespace trunkline::mgmt
