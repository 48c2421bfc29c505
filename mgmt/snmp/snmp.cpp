#include "mgmt/snmp/snmp.h"

#include "mgmt/snmp/appliance_mib.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace trunkline::mgmt {

namespace {

using nlohmann::json;

/// Less than managers wait, which is a second as a rule.
constexpr std::chrono::milliseconds patience{500};

}  // namespace

Snmp::Snmp(const CommandTable& commands, board::EventLoop& loop, std::string serial)
    : serial_(std::move(serial)), gate_(commands, loop) {}

board::Expected<std::unique_ptr<Snmp>> Snmp::start(const SnmpConfig& config,
                                                   const CommandTable& commands,
                                                   board::EventLoop& loop, std::string serial,
                                                   std::shared_ptr<spdlog::logger> log) {
    std::unique_ptr<Snmp> made(new Snmp(commands, loop, std::move(serial)));
    auto agent =
        AgentX::start({.socket = config.agentx_socket,
                       .subtrees = appliance_subtrees(),
                       .mib = [self = made.get()] { return self->mib(); },
                       .tell = [log](const std::string& line) { log->info("snmp  {}", line); }});
    if (!agent) {
        return std::unexpected(agent.error());
    }
    made->agent_ = std::move(*agent);
    made->agent_->send(started_trap(std::chrono::system_clock::now(), made->serial_));
    log->info("snmp  looks for the master agent at {}", config.agentx_socket);
    return made;
}

/// Whoever waits for the control thread hears that it is over before the agent is waited for.
Snmp::~Snmp() {
    gate_.stop();
}

void Snmp::tell(const Alarm& alarm) {
    agent_->send(trap_of(alarm, serial_));
}

/// On the agent's thread.
std::shared_ptr<const Mib> Snmp::mib() {
    const auto now = std::chrono::steady_clock::now();
    if (mib_ && now - taken_ < oldest) {
        return mib_;
    }
    const auto ask = [this](const json& request) {
        return gate_.ask(request, {"SNMP", AccessLevel::monitor}, patience);
    };
    mib_ = std::make_shared<const Mib>(appliance_mib(
        {.system = ask({{"command", "system status"}}),
         .counters = ask({{"command", "show counters"}}),
         .active = ask({{"command", "alarms active"}, {"limit", AlarmTable::most_active}}),
         .history = ask({{"command", "alarms history"}, {"limit", AlarmTable::most_history}}),
         .hardware = ask({{"command", "show hardware"}})}));
    taken_ = now;
    return mib_;
}

}  // namespace trunkline::mgmt
