// The version of the program.
#pragma once

namespace trunkline::mgmt {

inline constexpr const char* version = "0.1.0";

}  // namespace trunkline::mgmt
