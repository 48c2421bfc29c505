// The management port of the appliance: HTTPS, users, the REST interface and the web interface,
// wired together.
#pragma once

#include "board/error.h"
#include "mgmt/alarms/event_hub.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/appliance_config.h"
#include "mgmt/control_gate.h"
#include "mgmt/rest/https_server.h"

#include <spdlog/logger.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace trunkline::mgmt {

class Capture;

/// Made, told of changes and destroyed on the control thread; its own threads answer.
class RestServer {
public:
    /// What is to be had before the threads start: the listening socket, in the calling thread's
    /// network namespace, the certificate, the users. nullptr: the configuration has no
    /// administration.web_and_cli.listen. `tell` is called once, with the password that was made at
    /// the first start.
    static board::Expected<std::unique_ptr<RestServer>> open(
        const ApplianceConfig& config, std::shared_ptr<spdlog::logger> log,
        const std::function<void(const std::string& line)>& tell);
    ~RestServer();

    /// Answers from now on; what came before waited. All of it outlives this; the events and the
    /// live traces end with it.
    void start(const CommandTable& commands, board::EventLoop& loop, EventHub& events,
               Capture& capture);
    /// Users of another configuration.
    void set_users(const ApplianceConfig& config);
    std::optional<AccessLevel> level_of(const std::string& user_name) const;

private:
    struct State;
    explicit RestServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace trunkline::mgmt
