// Texts made smaller on their way to a browser (RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace trunkline::mgmt {

/// How long it may take.
enum class GzipEffort : int { quick = 1, thorough = 9 };

std::string gzip(std::string_view text, GzipEffort effort);

/// Whether an Accept-Encoding has gzip (RFC 9110 12.5.3); "gzip;q=0" has not.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace trunkline::mgmt
