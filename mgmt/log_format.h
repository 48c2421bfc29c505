// How the lines of the log are written.
#pragma once

#include <cstdint>

namespace trunkline::mgmt {

enum class LogFormat : uint8_t { text, json };

}  // namespace trunkline::mgmt
