#include "mgmt/management.h"

#include "dataplane/address.h"
#include "mgmt/start_count.h"
#include "sipstack/shard_config.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

Management::Management(Options&& options, const Catalogue& catalogue, board::EventLoop& loop,
                       std::shared_ptr<spdlog::logger> log)
    : log_(std::move(log)),
      catalogue_(catalogue),
      syslog_(log_),
      sip_messages_(std::make_shared<SipMessagesToSyslog>(syslog_)),
      capture_(log_,
               (std::filesystem::path(options.loaded.config.administration.folder) / "capture")
                   .string()),
      sealing_(Sealing::open_or_make(options.loaded.config.administration.sealing_key)),
      backup_(options.loaded.config.administration.backup_folder, catalogue, sealing_),
      store_(catalogue, std::move(options.loaded.root),
             {.startup_file = options.startup_file,
              .folder = std::filesystem::path(options.startup_file).parent_path().string(),
              .act =
                  [this, apply = std::move(options.apply)](ApplianceConfig config, auto done) {
                      take_over(std::move(config));
                      apply(take_signaling(), std::move(done));
                  },
              .activity = [this](const std::string& line) { log_->info("activity  {}", line); },
              .saved = [this](const ConfigNodePtr& root) { back_up(root); }}),
      configuration_commands_(store_, catalogue, sealing_, work_, reading_),
      ping_(loop),
      work_(loop),
      reading_(loop) {
    take_over(std::move(options.loaded.config));
    configuration_commands_.add_to(commands_);
    ping_.add_to(commands_);
}

board::Expected<std::unique_ptr<Management>> Management::start(
    Options options, const Catalogue& catalogue, board::EventLoop& loop,
    std::shared_ptr<spdlog::logger> log) {
    const std::string path = options.loaded.config.administration.local_socket;
    std::unique_ptr<Management> made(
        new Management(std::move(options), catalogue, loop, std::move(log)));
    auto socket = LocalSocketServer::listen(
        path, loop,
        [self = made.get()](const json& request, const Caller& caller, const Reply& reply) {
            self->answer(request, caller, reply);
        },
        [self = made.get()](const std::string& user) { return self->level_of(user); });
    if (!socket) {
        return std::unexpected(socket.error());
    }
    made->socket_ = std::move(*socket);
    if (!made->sealing_) {
        made->log_->warn("management  secrets cannot be sealed: {}",
                         made->sealing_.error().message);
    }
    made->back_up(made->store_.startup());
    made->log_->info("management  ready local_socket={}", path);
    return made;
}

void Management::open(Appliance appliance, board::EventLoop& loop) {
    sipstack::ShardGroup& shards = appliance.signaling.shards();
    const std::string mac =
        appliance.ports.ports().empty()
            ? ""
            : dataplane::MacAddress{appliance.ports.ports().front()->traits().mac}.to_string();
    system_commands_.emplace(
        store_, configuration_commands_, work_,
        SystemCommands::Options{config_.board, config_.network, mac, appliance.restart,
                                [this] { return administrative_commands_->is_locked(); }});
    system_commands_->add_to(commands_);
    syslog_.set_board(mac, count_start(config_.administration.folder, *log_));
    const auto config_now = [this]() -> const ApplianceConfig& { return config_; };
    const auto note = [this](const std::string& who, const std::string& what) {
        store_.note(who, what);
    };
    hardware_commands_.emplace(HardwareCommands::Options{
        board::load_model(config_.board.model).value(), appliance.ports.ports(), config_now, note});
    hardware_commands_->add_to(commands_);
    watch_.emplace(
        loop, shards, appliance.ports.ports(), hardware_commands_->hardware(), commands_,
        config_now, [this] { return store_.running(); }, store_.startup_file(),
        [this](const Alarm& alarm) {
            syslog_.tell(alarm);
            if (snmp_) {
                snmp_->tell(alarm);
            }
        });
    watch_->add_to(commands_);
    open_capture(shards);
    open_administration(shards, note);
    show_commands_.emplace(ShowCommands::Sources{
        shards, appliance.forwarding.worker(), appliance.forwarding.resolver(), appliance.ports,
        [&running = appliance.signaling.running()] { return running.targets(); }, config_now});
    show_commands_->add_to(commands_);
    start_snmp(loop);
}

void Management::open_administration(sipstack::ShardGroup& shards,
                                     const OperatorCommands::Note& note) {
    administrative_commands_.emplace(AdministrativeCommands::World{
        [&shards](auto state, const auto& done) { shards.set_administrative_state(state, done); },
        note, [this](auto state) { watch_->take_administrative_state(state); }});
    administrative_commands_->add_to(commands_);
    operator_commands_.emplace(shards, note,
                               [this] { return administrative_commands_->is_locked(); });
    operator_commands_->add_to(commands_);
}

void Management::start_snmp(board::EventLoop& loop) {
    if (!config_.administration.snmp.enabled) {
        return;
    }
    auto snmp = Snmp::start(config_.administration.snmp, commands_, loop, serial_number(), log_);
    if (snmp) {
        snmp_ = std::move(*snmp);
    } else {
        log_->error("snmp  {}", snmp.error().message);
    }
}

void Management::open_capture(const sipstack::ShardGroup& shards) {
    MessageCapture::Taps taps;
    std::ranges::transform(shards.shards(), std::back_inserter(taps),
                           [](const auto& shard) { return shard->tap(); });
    std::vector<std::string> names;
    std::ranges::transform(config_.sip.sip_interfaces, std::back_inserter(names),
                           &sipstack::SipInterface::name);
    capture_.open(std::move(taps), std::move(names));
    capture_.add_to(commands_);
}

/// With a line of the log for what it has that was read and does not act as written.
void Management::take_over(ApplianceConfig config) {
    constexpr std::size_t most_lines = 20;
    config_ = std::move(config);
    syslog_.apply(config_);
    const SyslogConfig& syslog = config_.administration.syslog;
    capture_.watch(sip_messages_, syslog.sends() && syslog.has_sip_messages);
    capture_.apply(config_.administration.capture);
    const std::vector<std::string>& notes = config_.notes;
    for (std::size_t i = 0; i < std::min(notes.size(), most_lines); ++i) {
        log_->warn("configuration  {}", notes[i]);
    }
    if (notes.size() > most_lines) {
        log_->warn("configuration  and {} more, which 'trunkline check' lists",
                   notes.size() - most_lines);
    }
}

/// Tables of a hundred thousand rows would lie here for nothing.
sipstack::Config Management::take_signaling() {
    return std::exchange(config_.sip, sipstack::without_registrants(config_.sip));
}

void Management::back_up(const ConfigNodePtr& root) const {
    if (const auto written = backup_.write(root); !written) {
        log_->warn("management  no backup for others to fetch: {}", written.error().message);
    }
}

void Management::answer(const json& request, const Caller& caller, const Reply& reply) const {
    if (!show_commands_) {
        reply(refusal("the appliance is starting"));
        return;
    }
    commands_.answer(request, caller, reply);
}

std::optional<AccessLevel> Management::level_of(const std::string& user) const {
    constexpr std::string_view path = "administration.web_and_cli.local_users";
    const ConfigNodePtr rows = node_at(store_.running(), config_path(path));
    if (!rows) {
        return std::nullopt;
    }
    const auto row = std::ranges::find_if(rows->items, [&](const ConfigNodePtr& candidate) {
        const ConfigNode* name = candidate->find("user_name");
        return name != nullptr && name->text == user;
    });
    if (row == rows->items.end()) {
        return std::nullopt;
    }
    const Parameter* const level = catalogue_.table(path)->parameter("user_level");
    const ConfigNode* const given = (*row)->find(level->name);
    const std::string& name = given != nullptr ? given->text : level->default_value->text;
    return static_cast<AccessLevel>(level->value(name)->number);
}

}  // namespace trunkline::mgmt
