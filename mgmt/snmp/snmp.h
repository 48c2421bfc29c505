// The appliance for SNMP managers: its objects, and a trap for each alarm, by way of the master
// agent that the SNMP settings name. docs/snmp.md has what there is.
#pragma once

#include "board/error.h"
#include "board/event_loop.h"
#include "mgmt/alarms/alarm_table.h"
#include "mgmt/command_table.h"
#include "mgmt/control_gate.h"
#include "mgmt/snmp/agentx.h"
#include "mgmt/snmp/snmp_config.h"

#include <spdlog/logger.h>

#include <chrono>
#include <memory>
#include <string>

namespace trunkline::mgmt {

/// The control thread's.
class Snmp {
public:
    /// What managers see is no older than that.
    static constexpr std::chrono::seconds oldest{1};

    /// Commands and loop outlive it; managers' questions are answered by these commands. `serial`
    /// is the appliance's. Says that it has started.
    static board::Expected<std::unique_ptr<Snmp>> start(const SnmpConfig& config,
                                                        const CommandTable& commands,
                                                        board::EventLoop& loop, std::string serial,
                                                        std::shared_ptr<spdlog::logger> log);
    ~Snmp();
    Snmp(const Snmp&) = delete;
    Snmp& operator=(const Snmp&) = delete;

    void tell(const Alarm& alarm);

private:
    Snmp(const CommandTable& commands, board::EventLoop& loop, std::string serial);
    std::shared_ptr<const Mib> mib();

    const std::string serial_;
    ControlGate gate_;
    std::shared_ptr<const Mib> mib_;               ///< the agent's thread's
    std::chrono::steady_clock::time_point taken_;  ///< when that was so
    std::unique_ptr<AgentX> agent_;                ///< ends before what it asks
};

}  // namespace trunkline::mgmt
