#include "board/source.h"

#include <array>
#include <cstddef>

namespace trunkline::board {

std::string_view to_string(Source source) {
    constexpr std::array<std::string_view, 3> names{"modelled", "injected", "reported"};
    return names.at(static_cast<std::size_t>(source));
}

}  // namespace trunkline::board
