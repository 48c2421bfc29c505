// The structured log: one line an event, to standard error. No registry: whoever writes was handed
// the logger.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace trunkline::mgmt {

/// To standard error, coloured on a terminal alone; may be used from any thread. `level` as the
/// configuration names it: trace, debug, info, warning, error. By custom a message begins with the
/// part of the house: log->info("board  GE_1 is up speed={}", 1000) writes
/// "2026-01-02T03:04:05.678Z info    board  GE_1 is up speed=1000". Control characters of a message
/// are escaped: a peer's text cannot forge a line.
std::shared_ptr<spdlog::logger> make_log(const std::string& level);
/// The same to another sink, whose formatter is replaced.
std::shared_ptr<spdlog::logger> make_log(const std::string& level,
                                         std::shared_ptr<spdlog::sinks::sink> sink);

}  // namespace trunkline::mgmt
