// How often this box was started, as its log servers and peers are told.
#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <string>

namespace trunkline::mgmt {

/// This start is one more than the file `starts` of `folder` says, which is written anew. Where it
/// cannot be read it is the first; that it cannot be written is told to `log`.
uint32_t count_start(const std::string& folder, spdlog::logger& log);

}  // namespace trunkline::mgmt
