// The resources of the REST interface, a function for each family of them: rows of the route table
// with their handlers. Handlers run on any thread, several at once; what the appliance knows they
// ask the control thread for.
#pragma once

#include "mgmt/access/local_users.h"
#include "mgmt/alarms/event_hub.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/rest/auxiliary_files.h"
#include "mgmt/rest/debug_file.h"
#include "mgmt/rest/kpi_history.h"
#include "mgmt/rest/route.h"
#include "mgmt/rest/tls_identity.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <functional>
#include <span>
#include <vector>

namespace trunkline::mgmt {

class Capture;

struct RestSources {
    /// A request of the control thread's (command_table.h) and its reply.
    std::function<nlohmann::json(const nlohmann::json& request, const Caller& caller)> ask;
    LocalUsers& users;
    TlsIdentity& identity;
    const Catalogue& catalogue;
    EventHub& events;
    Capture& capture;
    DebugFile& debug_file;
    AuxiliaryFiles& auxiliary_files;
    const KpiHistory& kpi_history;
    EventHub& log_lines;  ///< line_events() of the log
    std::function<std::chrono::steady_clock::time_point()> clock = std::chrono::steady_clock::now;
};

/// status, license, catalogue.
std::vector<Route> system_routes(const RestSources& sources);
/// actions/...
std::vector<Route> action_routes(const RestSources& sources);
/// files/...: ini, cliScript, tls.
std::vector<Route> file_routes(const RestSources& sources);
/// files: the list of them, the debug file, and those that are kept for others alone.
std::vector<Route> kept_file_routes(const RestSources& sources);
/// config/...: every table of the catalogue.
std::vector<Route> config_routes(const RestSources& sources);
/// alarms/..., and the stream of events.
std::vector<Route> alarm_routes(const RestSources& sources);
/// capture, its actions and its file, and the live trace of SIP.
std::vector<Route> capture_routes(const RestSources& sources);
/// kpi/..., sipTestCall.
std::vector<Route> kpi_routes(const RestSources& sources);
/// performanceMonitoring.
std::vector<Route> performance_routes(const RestSources& sources);
/// log.
std::vector<Route> log_routes(const RestSources& sources);
/// /metrics.
std::vector<Route> metric_routes(const RestSources& sources);
/// registrations and their traces, proxy sets, counters, hardware.
std::vector<Route> signaling_routes(const RestSources& sources);

/// /api and /api/v1: the lists of what there is in `routes`.
std::vector<Route> index_routes(std::span<const Route> routes);

/// All of them.
std::vector<Route> rest_routes(const RestSources& sources);

}  // namespace trunkline::mgmt
