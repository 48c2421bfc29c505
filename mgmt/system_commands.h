// What the box is and how it is: "system status"; and its start anew: "reload".
#pragma once

#include "board/config.h"
#include "dataplane/config.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/store.h"
#include "mgmt/configuration_commands.h"
#include "mgmt/work_thread.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace trunkline::mgmt {

/// Of the machine, as its firmware has it; empty: nobody knows it.
std::string serial_number();

/// Lives on the control thread.
class SystemCommands {
public:
    struct Options {
        board::BoardConfig board;          ///< as at power-on
        dataplane::NetworkConfig network;  ///< likewise
        std::string mac;                   ///< of the first port: "02:00:00:00:00:01"
        /// Ends the appliance cleanly and starts it anew; returns before that happens.
        std::function<void()> restart;
        std::function<bool()> is_locked = [] { return false; };
    };
    /// All of it outlives this, but for `work`, which ends first.
    SystemCommands(ConfigurationStore& store, ConfigurationCommands& configuration,
                   WorkThread& work, Options options);

    /// "system status" -> hostname, model, product, product_number (the family's), version, serial
    /// (null: the hardware tells none), mac, started_at, uptime_s, address, mask, gateway (of the
    /// first IP interface with OAMP, else of the first), cores (that the process may use),
    /// cpu_percent (of all of the machine's time since a status at least a second ago), ram_bytes,
    /// memory_percent, process_memory_bytes, locked, capacity of the model. "reload" with "when"
    /// (now: saves first; without-saving; if-needed: as now, where a reset is needed) and
    /// "graceful_s" (how long calls may go on; there are none in this version, so nothing is waited
    /// for) ->
    /// {"ok": true, "restarts"}.
    void add_to(CommandTable& table);

private:
    /// What /proc/stat counted of the processors' time, in its ticks.
    struct CpuTimes {
        uint64_t busy = 0, all = 0;
        std::chrono::steady_clock::time_point at;
    };
    static CpuTimes cpu_times();
    double cpu_percent();

    nlohmann::json status();
    void reload(const nlohmann::json& request, const Caller& caller, const Reply& reply);
    void restart(bool saves, const Caller& caller, const Reply& reply);
    void save_and_restart(const Caller& caller, const Reply& reply);

    ConfigurationStore& store_;
    ConfigurationCommands& configuration_;
    WorkThread& work_;
    const Options options_;
    const std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now();
    const std::chrono::steady_clock::time_point power_on_ = std::chrono::steady_clock::now();
    CpuTimes before_ = cpu_times();
    double last_cpu_percent_ = 0;
};

}  // namespace trunkline::mgmt
