// Judges the text of a configuration before it is read: yaml-cpp ends a text at some control
// characters and mends bad UTF-8, both in silence.
#pragma once

#include "mgmt/configuration/fault.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// Where the first byte is that is no part of UTF-8 text (RFC 3629), or a control character other
/// than tab and line ends; nullopt: there is none.
std::optional<std::size_t> first_odd_byte(std::string_view text);

/// Whether `text` is UTF-8 (RFC 3629) without control characters but tab and line ends. The first
/// byte that is not is appended to `faults`.
bool is_plain_text(std::string_view text, const std::string& origin, ConfigFaults& faults);

}  // namespace trunkline::mgmt
