// What the appliance tells a syslog server, as the Syslog Settings say: its log with the activity
// log, and its alarms.
#pragma once

#include "mgmt/alarms/alarm_table.h"
#include "mgmt/configuration/appliance_config.h"
#include "mgmt/delivery/delivery_queue.h"
#include "mgmt/syslog/syslog_message.h"

#include <spdlog/logger.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace trunkline::mgmt {

class Syslog {
public:
    /// From now on lines of `log` are sent, too; made before other threads write to it. The server
    /// is reached from the network namespace of the thread that makes this. Trouble with it is told
    /// to `log`, where the line waits for the server like any other.
    explicit Syslog(const std::shared_ptr<spdlog::logger>& log);
    ~Syslog();
    Syslog(const Syslog&) = delete;
    Syslog& operator=(const Syslog&) = delete;

    /// The settings from now on. A TLS context that cannot be loaded is told to the log, and
    /// nothing is sent. Control thread.
    void apply(const ApplianceConfig& config);
    /// Who sends, in each message from now on. `mac` as "02:00:00:00:00:01".
    void set_board(const std::string& mac, uint32_t starts);
    void tell(const Alarm& alarm);
    /// In as many messages as it takes, where the log and alarms leave room. Any thread.
    void tell_sip_message(const std::string& title, uint32_t session, std::string_view bytes,
                          std::chrono::system_clock::time_point when) const;
    DeliveryQueue::Counters counters() const;

private:
    class Sink;
    const std::shared_ptr<spdlog::logger> log_;
    const std::shared_ptr<Sink> sink_;  ///< the log may write to it longer than this lives
};

}  // namespace trunkline::mgmt
