// The management plane of a running appliance: who asks over the local socket, which commands there
// are, and the configurations that they work on. The control thread's.
#pragma once

#include "board/error.h"
#include "board/event_loop.h"
#include "mgmt/access/sealing.h"
#include "mgmt/alarms/appliance_watch.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/backup_file.h"
#include "mgmt/configuration/store.h"
#include "mgmt/configuration_commands.h"
#include "mgmt/local_socket.h"
#include "mgmt/operator_commands.h"
#include "mgmt/ping_command.h"
#include "mgmt/show_commands.h"
#include "mgmt/system_commands.h"

#include <spdlog/logger.h>

#include <memory>
#include <optional>
#include <string>

namespace trunkline::mgmt {

class Management {
public:
    struct Options {
        std::string startup_file;
        ConfigNodePtr root;  ///< what the startup file says, judged
        AdministrationConfig administration;
        ConfigurationStore::Act act;  ///< called after open() alone
    };

    /// Listens on the local socket; all requests are told that the appliance is starting. The
    /// catalogue and the loop outlive it.
    static board::Expected<std::unique_ptr<Management>> start(Options options,
                                                              const Catalogue& catalogue,
                                                              board::EventLoop& loop,
                                                              std::shared_ptr<spdlog::logger> log);

    /// From now on requests are answered, and what goes wrong is watched. What `sources` refers to
    /// outlives this.
    void open(ShowCommands::Sources sources, SystemCommands::Options system,
              board::EventLoop& loop);
    const CommandTable& commands() const { return commands_; }
    /// Once it is open.
    EventHub& events() { return watch_->events(); }

private:
    Management(Options options, const Catalogue& catalogue, board::EventLoop& loop,
               std::shared_ptr<spdlog::logger> log);

    void back_up(const ConfigNodePtr& root) const;
    void answer(const nlohmann::json& request, const Caller& caller, const Reply& reply) const;
    std::optional<AccessLevel> level_of(const std::string& user) const;

    const std::shared_ptr<spdlog::logger> log_;
    const Catalogue& catalogue_;
    const board::Expected<Sealing> sealing_;
    const BackupFile backup_;
    ConfigurationStore store_;
    CommandTable commands_;
    ConfigurationCommands configuration_commands_;
    PingCommand ping_;
    std::optional<ShowCommands> show_commands_;          ///< when it is open
    std::optional<OperatorCommands> operator_commands_;  ///< likewise
    std::optional<SystemCommands> system_commands_;      ///< likewise
    std::optional<ApplianceWatch> watch_;                ///< likewise
    std::unique_ptr<LocalSocketServer> socket_;
};

}  // namespace trunkline::mgmt
