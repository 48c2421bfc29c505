// Where a state that operators see comes from: what is made up is never told as measured.
#pragma once

#include <cstdint>
#include <string_view>

namespace trunkline::board {

enum class Source : uint8_t {
    modelled,  ///< what the board model says: nothing in the machine tells
    injected,  ///< a lab said so
    reported,  ///< a device of the machine says so
};
std::string_view to_string(Source source);  // "injected"

}  // namespace trunkline::board
