// The structured log: one line an event, to standard error; the last lines are kept. No registry:
// whoever writes was handed the logger.
#pragma once

#include "mgmt/alarms/event_hub.h"
#include "mgmt/log_format.h"

#include <spdlog/logger.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::mgmt {

/// To standard error, coloured on a terminal alone; may be used from any thread. `level` as the
/// configuration names it: trace, debug, info, warning, error. By custom a message begins with the
/// part of the house: log->info("board  GE_1 is up speed={}", 1000) writes
/// "2026-01-02T03:04:05.678Z info    board  GE_1 is up speed=1000". Control characters of a message
/// are escaped: a peer's text cannot forge a line. As JSON it writes
/// {"time":"2026-01-02T03:04:05.678Z","level":"info","part":"board","text":"GE_1 is up
/// speed=1000"}.
std::shared_ptr<spdlog::logger> make_log(const std::string& level,
                                         LogFormat format = LogFormat::text);
/// With control characters as "\x0a".
std::string one_line(std::string_view text);
/// The same to another sink, whose formatter is replaced.
std::shared_ptr<spdlog::logger> make_log(const std::string& level,
                                         std::shared_ptr<spdlog::sinks::sink> sink,
                                         LogFormat format = LogFormat::text);

/// Lines that a logger of make_log(level) keeps in memory.
inline constexpr std::size_t most_kept_lines = EventHub::most_kept;
/// The last that it wrote, oldest first, each with its line end; none of any other logger. Any
/// thread.
std::vector<std::string> last_lines(const spdlog::logger& log);
/// The same lines, and those to come, as events "line" of {time, level, text}; nullptr of any other
/// logger, which outlives it.
EventHub* line_events(const spdlog::logger& log);

}  // namespace trunkline::mgmt
