// Numbers on the command lines of programs that measure. Pure.
#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace trunkline::bench {

/// nullopt: `text` is anything but a number of that type and above 0, finite and to its end.
template <typename Number>
std::optional<Number> number_above_zero(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !std::isfinite(static_cast<double>(number)) || number <= 0) {
        return std::nullopt;
    }
    return number;
}

}  // namespace trunkline::bench
