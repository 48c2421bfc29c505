// DateAndTime of RFC 2579: eleven bytes, to a tenth of a second, in UTC.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// Of "2026-11-21T09:15:04.391Z"; of anything else nobody knows what.
std::string date_and_time(std::string_view utc);

}  // namespace trunkline::mgmt
