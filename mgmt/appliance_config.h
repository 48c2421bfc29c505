// The whole configuration of an appliance: what each floor below needs, filled in by mgmt.
#pragma once

#include "board/config.h"
#include "dataplane/config.h"
#include "sipstack/config.h"

#include <string>

namespace trunkline::mgmt {

struct AdministrationConfig {
    /// Unix socket that answers `trunkline show ...`.
    std::string local_socket = "/run/trunkline/trunkline.sock";
    std::string log_level = "info";  ///< spdlog's names: trace, debug, info, warning, error
};

struct ApplianceConfig {
    board::BoardConfig board;
    dataplane::NetworkConfig network;
    sipstack::Config sip;
    AdministrationConfig administration;
};

}  // namespace trunkline::mgmt
