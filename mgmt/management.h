// The management plane of a running appliance: who asks over the local socket, which commands there
// are, and the configurations that they work on. The control thread's.
#pragma once

#include "board/error.h"
#include "board/event_loop.h"
#include "board/port_set.h"
#include "dataplane/forwarding.h"
#include "mgmt/access/sealing.h"
#include "mgmt/administrative_commands.h"
#include "mgmt/alarms/appliance_watch.h"
#include "mgmt/capture/capture.h"
#include "mgmt/catalogue/catalogue.h"
#include "mgmt/command_table.h"
#include "mgmt/configuration/backup_file.h"
#include "mgmt/configuration/config_file.h"
#include "mgmt/configuration/store.h"
#include "mgmt/configuration_commands.h"
#include "mgmt/hardware_commands.h"
#include "mgmt/local_socket.h"
#include "mgmt/operator_commands.h"
#include "mgmt/ping_command.h"
#include "mgmt/show_commands.h"
#include "mgmt/snmp/snmp.h"
#include "mgmt/syslog/sip_messages.h"
#include "mgmt/syslog/syslog.h"
#include "mgmt/system_commands.h"
#include "mgmt/work_thread.h"
#include "sipstack/signaling.h"

#include <spdlog/logger.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace trunkline::mgmt {

class Management {
public:
    struct Options {
        std::string startup_file;
        LoadedConfiguration loaded;  ///< what it says
        /// Has another configuration act: that of the signaling, whole, and the rest, which
        /// config() is then already. Called after open() alone.
        std::function<void(sipstack::Config signaling, ConfigurationStore::Done done)> apply;
    };
    /// What the commands speak of; all of it outlives this.
    struct Appliance {
        sipstack::Signaling& signaling;
        dataplane::Forwarding& forwarding;
        const board::PortSet& ports;
        /// Ends the appliance cleanly and starts it anew; returns before that happens.
        std::function<void()> restart;
    };

    /// Listens on the local socket; all requests are told that the appliance is starting. The
    /// catalogue and the loop outlive it.
    static board::Expected<std::unique_ptr<Management>> start(Options options,
                                                              const Catalogue& catalogue,
                                                              board::EventLoop& loop,
                                                              std::shared_ptr<spdlog::logger> log);

    /// From now on requests are answered, and what goes wrong is watched. Once.
    void open(Appliance appliance, board::EventLoop& loop);
    /// What acts: the startup configuration, then each that was applied. Once the signaling has
    /// taken them, without those who register.
    const ApplianceConfig& config() const { return config_; }
    /// The configuration that the signaling starts with, whole. Once.
    sipstack::Config take_signaling();
    const CommandTable& commands() const { return commands_; }
    /// Once it is open.
    EventHub& events() { return watch_->events(); }
    Capture& capture() { return capture_; }

private:
    Management(Options&& options, const Catalogue& catalogue, board::EventLoop& loop,
               std::shared_ptr<spdlog::logger> log);

    void take_over(ApplianceConfig config);
    void open_administration(sipstack::ShardGroup& shards, const OperatorCommands::Note& note);
    void start_snmp(board::EventLoop& loop);
    void open_capture(const sipstack::ShardGroup& shards);
    void back_up(const ConfigNodePtr& root) const;
    void answer(const nlohmann::json& request, const Caller& caller, const Reply& reply) const;
    std::optional<AccessLevel> level_of(const std::string& user) const;

    const std::shared_ptr<spdlog::logger> log_;
    const Catalogue& catalogue_;
    Syslog syslog_;
    const std::shared_ptr<SipMessagesToSyslog> sip_messages_;
    Capture capture_;
    ApplianceConfig config_;
    const board::Expected<Sealing> sealing_;
    const BackupFile backup_;
    ConfigurationStore store_;
    CommandTable commands_;
    ConfigurationCommands configuration_commands_;
    PingCommand ping_;
    std::optional<HardwareCommands> hardware_commands_;              ///< when it is open
    std::optional<ShowCommands> show_commands_;                      ///< likewise
    std::optional<AdministrativeCommands> administrative_commands_;  ///< likewise
    std::optional<OperatorCommands> operator_commands_;              ///< likewise
    std::optional<SystemCommands> system_commands_;                  ///< likewise
    std::unique_ptr<Snmp> snmp_;           ///< likewise, if the settings want it
    std::optional<ApplianceWatch> watch_;  ///< likewise
    WorkThread work_;                      ///< ends before what its jobs speak of
    WorkThread reading_;                   ///< likewise
    std::unique_ptr<LocalSocketServer> socket_;
};

}  // namespace trunkline::mgmt
