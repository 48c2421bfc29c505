#include "mgmt/service_manager.h"

#include <fmt/ranges.h>
#include <systemd/sd-daemon.h>

#include <chrono>
#include <cstdint>
#include <utility>

namespace trunkline::mgmt {

namespace {

constexpr int keep_environment = 0;

void tell(const std::string& state) {
    ::sd_notify(keep_environment, state.c_str());
}

}  // namespace

ServiceManager::ServiceManager(board::EventLoop& loop, std::shared_ptr<spdlog::logger> log)
    : loop_(loop), log_(std::move(log)) {
    uint64_t period = 0;
    if (::sd_watchdog_enabled(keep_environment, &period) > 0) {
        const std::chrono::microseconds quarter(period / 4);
        timer_ = loop_.every(std::chrono::duration_cast<std::chrono::milliseconds>(quarter),
                             [this] { tell_watchdog(); });
    }
}

void ServiceManager::tell_watchdog() {
    const auto stuck = stuck_();
    if (stuck.empty()) {
        tell("WATCHDOG=1");
        return;
    }
    log_->critical("service  threads are stuck: {}; the watchdog is not told",
                   fmt::join(stuck, ", "));
}

ServiceManager::~ServiceManager() {
    if (timer_ != 0) {
        loop_.cancel(timer_);
    }
}

void ServiceManager::tell_ready(const std::string& status) {
    tell("READY=1\nSTATUS=" + status);
}

void ServiceManager::tell_stopping() {
    tell("STOPPING=1");
}

}  // namespace trunkline::mgmt
