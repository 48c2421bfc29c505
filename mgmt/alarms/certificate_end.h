// When a certificate of ours ends.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace trunkline::mgmt {

/// Of the first certificate in a PEM file, which is one's own; nullopt: there is none to be read.
std::optional<std::chrono::system_clock::time_point> certificate_end(const std::string& file);

}  // namespace trunkline::mgmt
