// The SNMP settings, as far as they act.
#pragma once

#include <string>

namespace trunkline::mgmt {

struct SnmpConfig {
    bool enabled = false;
    /// Unix socket of the master agent (RFC 2741), which speaks SNMP to the managers.
    std::string agentx_socket = "/var/agentx/master";
};

}  // namespace trunkline::mgmt
