// The appliance in numbers, for Prometheus and all that read its text format (version 0.0.4).
// docs/metrics.md has the names.
#pragma once

#include "mgmt/metrics/process_times.h"

#include <nlohmann/json.hpp>

#include <string>

namespace trunkline::mgmt {

/// Replies of the control thread; of one that is not "ok" there are no metrics.
struct MetricFacts {
    nlohmann::json system;         ///< "system status"
    nlohmann::json counters;       ///< "show counters"
    nlohmann::json registrations;  ///< "registration counts"
    nlohmann::json proxy_sets;     ///< "show proxy-sets"
    nlohmann::json groups;         ///< "show ethernet-groups"
    nlohmann::json alarms;         ///< "alarms active"
    nlohmann::json capture;        ///< "capture status"
    ProcessTimes process;
};

inline constexpr const char* metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

std::string metrics_text(const MetricFacts& facts);

}  // namespace trunkline::mgmt
