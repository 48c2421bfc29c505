#include "mgmt/management.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace trunkline::mgmt {

using nlohmann::json;

Management::Management(Options options, const Catalogue& catalogue, board::EventLoop& loop,
                       std::shared_ptr<spdlog::logger> log)
    : log_(std::move(log)),
      catalogue_(catalogue),
      sealing_(Sealing::open_or_make(options.administration.sealing_key)),
      backup_(options.administration.backup_folder, catalogue, sealing_),
      store_(catalogue, options.root,
             {.startup_file = options.startup_file,
              .folder = std::filesystem::path(options.startup_file).parent_path().string(),
              .act = std::move(options.act),
              .activity = [this](const std::string& line) { log_->info("activity  {}", line); },
              .saved = [this](const ConfigNodePtr& root) { back_up(root); }}),
      configuration_commands_(store_, catalogue, sealing_),
      ping_(loop) {
    configuration_commands_.add_to(commands_);
    ping_.add_to(commands_);
}

board::Expected<std::unique_ptr<Management>> Management::start(
    Options options, const Catalogue& catalogue, board::EventLoop& loop,
    std::shared_ptr<spdlog::logger> log) {
    const std::string path = options.administration.local_socket;
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

void Management::open(ShowCommands::Sources sources, SystemCommands::Options system,
                      board::EventLoop& loop) {
    system_commands_.emplace(store_, std::move(system));
    system_commands_->add_to(commands_);
    watch_.emplace(loop, sources.shards, sources.ports, commands_);
    watch_->add_to(commands_);
    operator_commands_.emplace(sources.shards);
    operator_commands_->add_to(commands_);
    show_commands_.emplace(std::move(sources));
    show_commands_->add_to(commands_);
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
