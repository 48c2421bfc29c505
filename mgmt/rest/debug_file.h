// The debug file: an archive of what somebody who looks for a fault from afar wants to see.
#pragma once

#include "mgmt/access/caller.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace trunkline::mgmt {

/// Any thread, several at once. The last archive is kept until the next one is made.
class DebugFile {
public:
    using Ask = std::function<nlohmann::json(const nlohmann::json& request, const Caller& caller)>;
    using LogLines = std::function<std::vector<std::string>()>;
    using Clock = std::function<std::chrono::system_clock::time_point()>;

    /// Of one file of the archive; a longer one is cut there and `contents.txt` says so.
    static constexpr std::size_t most_bytes = std::size_t{32} << 20;
    /// Alarms, and registrations that failed.
    static constexpr std::size_t most_rows = 1000;

    DebugFile(Ask ask, LogLines log_lines, Clock clock = std::chrono::system_clock::now);

    struct Made {
        uint64_t transaction = 0;  ///< counts from 1
        bool is_another_under_way = false;
        std::string whose;  ///< that one
    };
    /// Makes one, on this thread: version and status, the running configuration with its secrets
    /// hidden, the last lines of the log, alarms, a summary of the registrations, proxy sets,
    /// counters and KPIs. What the appliance did not answer is told in `contents.txt`. Refused
    /// while another one is made. `wants_core_dump`: there is none to be had, and `contents.txt`
    /// says so.
    Made make(const Caller& caller, bool wants_core_dump);

    /// The last one; nullptr: none was made.
    std::shared_ptr<const std::string> last() const;

private:
    std::string archive(const Caller& caller, bool wants_core_dump) const;

    const Ask ask_;
    const LogLines log_lines_;
    const Clock clock_;
    mutable std::mutex lock_;
    std::optional<std::string> maker_;  ///< who makes one
    uint64_t made_ = 0;
    std::shared_ptr<const std::string> last_;
};

}  // namespace trunkline::mgmt
