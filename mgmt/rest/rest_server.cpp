#include "mgmt/rest/rest_server.h"

#include "mgmt/access/first_administrator.h"
#include "mgmt/rest/resources.h"
#include "mgmt/rest/rest_service.h"
#include "mgmt/rest/tls_identity.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>
#include <vector>

namespace trunkline::mgmt {

namespace {

constexpr uint16_t https_port = 443;
/// For a reply of the control thread: it may have a large configuration to judge.
constexpr std::chrono::seconds patience{30};

std::vector<std::string> names_of(const ApplianceConfig& config) {
    std::vector<std::string> names{config.board.hostname};
    for (const auto& interface : config.network.ip_interfaces) {
        names.push_back(interface.address.address.to_string());
    }
    if (config.administration.listen) {
        names.push_back(config.administration.listen->host);
    }
    return names;
}

}  // namespace

struct RestServer::State {
    const std::shared_ptr<spdlog::logger> log;
    const std::string folder;
    const std::function<void(const std::string& line)> tell;
    LocalUsers users;
    std::unique_ptr<TlsIdentity> identity;
    board::FileDescriptor listener;
    std::string where;  ///< address and port

    // Once started; in the order of destruction the gate stops before the threads are joined.
    const Catalogue catalogue = built_in_catalogue();
    EventHub* events = nullptr;
    std::optional<ControlGate> gate;
    std::optional<RestService> service;
    std::unique_ptr<HttpsServer> server;

    board::Expected<void> take_users(const ApplianceConfig& config) {
        if (!config.administration.local_users.empty()) {
            users.set(config.administration.local_users);
            return {};
        }
        const std::string path = (std::filesystem::path(folder) / "admin.password").string();
        auto admin = first_administrator(path, [&](const std::string& password) {
            tell(
                fmt::format("first start: sign in at {} as 'Admin' with the password '{}'. It is "
                            "told this once; remove {} for another one, or give the "
                            "configuration users.",
                            where, password, path));
        });
        if (!admin) {
            return std::unexpected(admin.error());
        }
        users.set({std::move(*admin)});
        return {};
    }
};

RestServer::RestServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

RestServer::~RestServer() {
    if (state_->gate) {
        state_->gate->stop();
        state_->events->close();
    }
    state_->server.reset();
}

board::Expected<std::unique_ptr<RestServer>> RestServer::open(
    const ApplianceConfig& config, std::shared_ptr<spdlog::logger> log,
    const std::function<void(const std::string& line)>& tell) {
    const auto& listen = config.administration.listen;
    if (!listen) {
        return nullptr;
    }
    auto socket = listen_https(listen->host, listen->port.value_or(https_port));
    if (!socket) {
        return std::unexpected(socket.error());
    }
    const std::string& folder = config.administration.folder;
    auto identity = TlsIdentity::open(folder, names_of(config));
    if (!identity) {
        return std::unexpected(identity.error());
    }
    const std::string where =
        fmt::format("{} port {}", listen->host, listen->port.value_or(https_port));
    auto state = std::make_unique<State>(std::move(log), folder, tell);
    state->identity = std::move(*identity);
    state->listener = std::move(*socket);
    state->where = where;
    if (auto taken = state->take_users(config); !taken) {
        return std::unexpected(taken.error());
    }
    return std::unique_ptr<RestServer>(new RestServer(std::move(state)));
}

void RestServer::start(const CommandTable& commands, board::EventLoop& loop, EventHub& events) {
    State& own = *state_;
    own.gate.emplace(commands, loop);
    const RestSources sources{
        [&gate = *own.gate](const nlohmann::json& request, const Caller& caller) {
            return gate.ask(request, caller, patience);
        },
        own.users, *own.identity, own.catalogue, events};
    own.events = &events;
    own.service.emplace(Router(rest_routes(sources)), own.users, own.log);
    own.server = std::make_unique<HttpsServer>(
        std::move(own.listener), [&identity = *own.identity] { return identity.context(); },
        [&service = *own.service](const HttpRequest& head) { return service.judge(head); });
    own.log->info("management  ready https={}", own.where);
}

void RestServer::set_users(const ApplianceConfig& config) {
    if (const auto taken = state_->take_users(config); !taken) {
        state_->log->error("management  {}", taken.error().message);
    }
}

std::optional<AccessLevel> RestServer::level_of(const std::string& user_name) const {
    return state_->users.level_of(user_name);
}

}  // namespace trunkline::mgmt
