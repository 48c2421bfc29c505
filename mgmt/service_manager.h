// What systemd wants to know of the appliance (sd_notify(3)): that it is up, that all its threads
// still turn, that it stops. Without systemd all of it does nothing.
#pragma once

#include "board/event_loop.h"

#include <spdlog/logger.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace trunkline::mgmt {

class ServiceManager {
public:
    /// Has the control thread's loop tell that it turns, four times in each period of the service's
    /// watchdog (WatchdogSec=), where it has one: a loop that hangs for that long gets the service
    /// started anew. The loop outlives this.
    ServiceManager(board::EventLoop& loop, std::shared_ptr<spdlog::logger> log);
    ~ServiceManager();
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    /// From now on nothing is told while threads are stuck, whose names `stuck` returns; it is
    /// called as often as the watchdog is told.
    void watch(std::function<std::vector<std::string>()> stuck) { stuck_ = std::move(stuck); }

    /// `status` stands in systemctl(1).
    void tell_ready(const std::string& status);
    void tell_stopping();

private:
    void tell_watchdog();

    board::EventLoop& loop_;
    const std::shared_ptr<spdlog::logger> log_;
    std::function<std::vector<std::string>()> stuck_ = [] { return std::vector<std::string>(); };
    board::EventLoop::TimerId timer_ = 0;  ///< 0: there is no watchdog
};

}  // namespace trunkline::mgmt
